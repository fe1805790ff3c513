"""One subcommand per question: its arguments and flags are the fields, its help their sentences.

What a question is about (an item, an order) is typed as an argument, everything else as a flag.
``explain-stock`` is typed ``explain stock``. Where there is a question named ``stock-list``,
``stock`` without an item asks that.
"""

import inspect
import re
from collections.abc import Callable
from importlib import import_module
from types import NoneType
from typing import Annotated, Any, Literal, get_args, get_origin

from cyclopts import Parameter
from pydantic import ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from stocktrail.interfaces.cli.declarations import declared
from stocktrail.interfaces.cli.failures import INVALID, Failure
from stocktrail.interfaces.cli.listing import is_typed
from stocktrail.interfaces.cli.screen import Screen
from stocktrail.interfaces.cli.session import Asked, Session
from stocktrail.interfaces.every_question import AnyQuestion, question_named
from stocktrail.projections.questions.question import Question

Subcommand = Callable[..., int]

_CODES = {"limit": "bad_limit"}
"""The codes of fields that are written wrong; of any other it is the filter that is bad."""


def __getattr__(name: str) -> Subcommand:
    """Return the subcommand of a question by its name, such as ``low-stock``."""
    if name not in declared("question"):
        raise AttributeError(name)
    of_all = f"{name}-list"
    return subcommand_of(
        question_named(name),
        question_named(of_all) if of_all in declared("question") else None,
    )


def subcommand_of(question: AnyQuestion, of_all: AnyQuestion | None = None) -> Subcommand:
    """Make the function that turns arguments and flags into a question and shows its answer.

    Where nothing is given that it is about, it asks the question ``of_all``.
    """
    about = question.about()

    def subcommand(*given: str, session: Session, **flags: Any) -> int:
        values = {**dict(zip(about, given, strict=False)), **flags}
        values = {name: value for name, value in values.items() if value is not None}
        if of_all is not None and about[0] not in values:
            return _answer(of_all, values, session)
        return _answer(question, values, session)

    arguments = [
        inspect.Parameter(
            name, inspect.Parameter.POSITIONAL_ONLY,
            annotation=_argument(question.model_fields[name], of_all),
            default=inspect.Parameter.empty if of_all is None else None,
        )
        for name in about
    ]
    flags = [
        inspect.Parameter(
            name, inspect.Parameter.KEYWORD_ONLY, annotation=_flag(question, name, field),
            default=inspect.Parameter.empty if field.is_required() else field.default,
        )
        for name, field in own_fields_first(question) if name not in about
    ]
    session = inspect.Parameter("session", inspect.Parameter.KEYWORD_ONLY, annotation=Asked)
    signature = inspect.Signature([*arguments, *flags, session])
    subcommand.__signature__ = signature  # type: ignore[attr-defined]
    subcommand.__annotations__ = {
        name: parameter.annotation for name, parameter in signature.parameters.items()
    }
    subcommand.__name__ = question.question.replace("-", "_")
    subcommand.__doc__ = question.__doc__
    return subcommand


def words_of(question: AnyQuestion) -> list[str]:
    """Return the words with which a question is typed, and what it is about in capitals."""
    name = question.question
    about = [each.upper() for each in question.about()]
    if name.startswith("explain-"):
        return ["explain", name.removeprefix("explain-"), *about]
    return [name if is_typed(name) else name.removesuffix("-list"), *about]


def table_of(question: AnyQuestion) -> Callable[[Screen, Any], None]:
    """Return what shows the answer of a question to people; its module is named as the question."""
    module = question.__module__.rpartition(".")[2]
    show: Callable[[Screen, Any], None] = import_module(
        f"stocktrail.interfaces.cli.tables.{module}"
    ).show
    return show


def _answer(question: AnyQuestion, values: dict[str, Any], session: Session) -> int:
    asked = _asked(question, values)
    with session.read_models(caught_up=asked.needs_caught_up) as models:
        report = asked.answer(models)
    session.answer(report, table_of(question))
    return 0


def _asked(question: AnyQuestion, values: dict[str, Any]) -> Question[Any]:
    """Make the question of what was typed.

    A text that no id and no moment can look like is asked for all the same: the answer says that
    there is no such thing.
    """
    try:
        return question.model_validate(values)
    except ValidationError as error:
        wrong = [each for each in error.errors() if not each["type"].startswith("string_")]
        if wrong:
            raise _written_wrong(wrong[0]) from None
        return question.model_construct(**values)


def own_fields_first(question: AnyQuestion) -> list[tuple[str, FieldInfo]]:
    """Return the fields of a question: those it declares itself before those it shares."""
    fields = question.model_fields
    own = [name for name in question.__annotations__ if name in fields]
    return [(name, fields[name]) for name in dict.fromkeys([*own, *fields])]


def _argument(field: FieldInfo, of_all: AnyQuestion | None) -> Any:
    kind: Any = field.annotation
    sentence = field.description or ""
    if of_all is None:
        return Annotated[kind, Parameter(help=sentence)]
    noun = sentence.removeprefix("The ").removesuffix(".")
    sentence = f"The {noun}; without it, every {noun} is listed."
    return Annotated[kind | None, Parameter(help=sentence)]


def _flag(question: AnyQuestion, name: str, field: FieldInfo) -> Any:
    kinds = _choices(field)
    more: dict[str, Any] = {}
    if isinstance(field.validation_alias, str):
        more["name"] = _flag_named(field.validation_alias)
    kind: Any = str
    if bool in kinds:
        kind, more["negative"], more["show_default"] = bool, (), False
    elif int in kinds:
        kind = int
    elif get_origin(kinds[0]) is Literal and field.is_required():
        kind = kinds[0]
    elif not _has_pattern(field):
        more["allow_leading_hyphen"] = True          # -age_days sorts the other way around
    sentence = re.sub(
        r"`(\w+)`",
        lambda found: _flag_named(found[1]) if found[1] in question.model_fields else found[0],
        field.description or "",
    )
    optional = field.default is None and not field.is_required()
    return Annotated[kind | None if optional else kind, Parameter(help=sentence, **more)]


def _choices(field: FieldInfo) -> list[Any]:
    """Return the types that a field may have, without what is said of them."""
    kinds = get_args(field.annotation) if _may_be_none(field) else (field.annotation,)
    return [
        get_args(kind)[0] if get_origin(kind) is Annotated else kind
        for kind in kinds if kind is not NoneType
    ]


def _may_be_none(field: FieldInfo) -> bool:
    return NoneType in get_args(field.annotation)


def _has_pattern(field: FieldInfo) -> bool:
    kinds = [each for each in get_args(field.annotation) if get_origin(each) is Annotated]
    said = [part for kind in kinds for part in get_args(kind)[1:]]
    rules = [*field.metadata, *(rule for each in said for rule in getattr(each, "metadata", ()))]
    return any(getattr(rule, "pattern", None) is not None for rule in rules)


def _flag_named(name: str) -> str:
    return f"--{name.replace('_', '-')}"


def _written_wrong(error: ErrorDetails) -> Failure:
    """Return what is wrong with a flag, as a failure."""
    name, kind, bounds = str(error["loc"][0]), error["type"], error.get("ctx", {})
    sentences = {
        "greater_than_equal": f"must not be less than {bounds.get('ge')}",
        "less_than_equal": f"must not be more than {bounds.get('le')}",
        "literal_error": f"must be {bounds.get('expected')}",
    }
    code = kind if kind.startswith("bad_") else _CODES.get(name, "bad_filter")
    return Failure(INVALID, code, f"{_flag_named(name)}: {sentences.get(kind, error['msg'])}.")
