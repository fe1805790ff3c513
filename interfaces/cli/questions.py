"""One subcommand per question: its arguments and flags are the fields, its help their sentences.

What a question is about (an item, an order) is typed as an argument, everything else as a flag.
``explain-stock`` is typed ``explain stock``. Where there is a question named ``stock-list``,
``stock`` without an item asks that.
"""

import inspect
from collections.abc import Callable
from importlib import import_module
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from stocktrail.interfaces.cli.declarations import declared
from stocktrail.interfaces.cli.failures import INVALID, Failure
from stocktrail.interfaces.cli.listing import is_typed
from stocktrail.interfaces.cli.question_flags import (
    argument_of,
    flag_of,
    own_fields_first,
)
from stocktrail.interfaces.cli.screen import Screen
from stocktrail.interfaces.cli.session import Session
from stocktrail.interfaces.cli.signatures import Subcommand, with_parameters
from stocktrail.interfaces.cli.wording import flag_named
from stocktrail.interfaces.every_question import AnyQuestion, question_named
from stocktrail.ledger.refusal import Refusal
from stocktrail.projections.questions.question import OfQuantity, Paged, Question


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
            annotation=argument_of(question.model_fields[name], or_all=of_all is not None),
            default=inspect.Parameter.empty if of_all is None else None,
        )
        for name in about
    ]
    flags = [
        inspect.Parameter(
            name, inspect.Parameter.KEYWORD_ONLY, annotation=flag_of(question, field),
            default=inspect.Parameter.empty if field.is_required() else field.default,
        )
        for name, field in own_fields_first(question) if name not in about
    ]
    return with_parameters(subcommand, question.question, question.__doc__, [*arguments, *flags])


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

    An id, a line or a moment that cannot be is asked for all the same: the answer says so better.
    """
    try:
        asked = question.model_validate(values)
    except ValidationError as error:
        for each in error.errors():
            if not each["type"].startswith("string_") and each["loc"][0] not in question.about():
                raise _written_wrong(question, each) from None
        asked = question.model_construct(**values)
    if isinstance(asked, OfQuantity):
        _require_quantity(asked)
    return asked


def _require_quantity(asked: OfQuantity) -> None:
    """Raise a failure ``not_positive`` before a database is looked for."""
    try:
        asked.units()
    except Refusal as refusal:
        raise Failure(INVALID, refusal.code, f"--{refusal.message}") from None


def _written_wrong(question: AnyQuestion, error: ErrorDetails) -> Failure:
    """Return what is wrong with a flag, as a failure."""
    name, kind, bounds = str(error["loc"][0]), error["type"], error.get("ctx", {})
    sentences = {
        "greater_than_equal": f"must not be less than {bounds.get('ge')}",
        "less_than_equal": f"must not be more than {bounds.get('le')}",
        "literal_error": f"must be {bounds.get('expected')}",
    }
    is_page = name == "limit" and issubclass(question, Paged)
    code = kind if kind.startswith("bad_") else "bad_limit" if is_page else "bad_filter"
    return Failure(INVALID, code, f"{flag_named(name)}: {sentences.get(kind, error['msg'])}.")
