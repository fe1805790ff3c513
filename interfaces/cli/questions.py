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

from stocktrail.interfaces.cli.csv_answers import answer_in_csv
from stocktrail.interfaces.cli.declarations import declared
from stocktrail.interfaces.cli.failures import INVALID, WRONG_FLAGS, Failure
from stocktrail.interfaces.cli.listing import is_typed
from stocktrail.interfaces.cli.paged_answers import answer_in_pages
from stocktrail.interfaces.cli.question_flags import (
    ALL,
    ALL_ROWS,
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
from stocktrail.projections.questions.question import LatestEventsFirst, OfQuantity, Paged, Question

LONG = (Paged, LatestEventsFirst)
"""The questions whose answers are cut unless all of it is asked for."""


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
        _refuse_flags_of_lists(question, of_all, values)
        return _answer(question, values, session)

    arguments = [
        inspect.Parameter(
            name, inspect.Parameter.POSITIONAL_ONLY,
            annotation=argument_of(
                name, question.model_fields[name], or_all=of_all is not None
            ),
            default=inspect.Parameter.empty if of_all is None else None,
        )
        for name in about
    ]
    flags = {
        name: inspect.Parameter(
            name, inspect.Parameter.KEYWORD_ONLY, annotation=flag_of(each, name, field),
            default=inspect.Parameter.empty if field.is_required() else field.default,
        )
        for each in (of_all, question) if each is not None
        for name, field in own_fields_first(each) if name not in about
    }
    if any(issubclass(each, LONG) for each in (question, of_all) if each is not None):
        flags[ALL] = inspect.Parameter(
            ALL, inspect.Parameter.KEYWORD_ONLY, annotation=ALL_ROWS, default=False
        )
    return with_parameters(
        subcommand, question.question, question.__doc__, [*arguments, *flags.values()]
    )


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


def _refuse_flags_of_lists(
    question: AnyQuestion, of_all: AnyQuestion | None, values: dict[str, Any]
) -> None:
    """Raise a failure where one thing is asked about with a flag that only the list of all has."""
    if of_all is None:
        return
    for name in values:
        if name not in question.model_fields and (name != ALL or values[name]):
            raise Failure(
                INVALID, "bad_filter",
                f"{flag_named(name)}: is for the list of all; leave {question.about()[0]} out.",
            )
    values.pop(ALL, None)


def _answer(question: AnyQuestion, values: dict[str, Any], session: Session) -> int:
    wants_all = values.pop(ALL, False)
    is_cut = "limit" in values or "last" in values
    asked = _asked(question, values)
    with session.read_models(caught_up=asked.needs_caught_up) as models:
        if session.as_csv:
            if values.get("commands"):
                raise Failure(
                    WRONG_FLAGS, "bad_flag",
                    "--commands are JSON Lines for `stocktrail submit`: leave --csv out.",
                )
            answer_in_csv(models, asked, is_cut=is_cut)
            return 0
        if isinstance(asked, Paged):
            answer_in_pages(models, asked, session, table_of(question), wants_all=wants_all)
            return 0
        if wants_all:
            asked = asked.model_copy(update={"last": None})
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
