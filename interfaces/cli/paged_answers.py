"""Answers that come in pages: one page for people, all rows for programs, or what was asked for."""

from collections.abc import Callable
from typing import Any

from stocktrail.interfaces.cli.screen import Screen
from stocktrail.interfaces.cli.session import Session
from stocktrail.projections.questions.pages import with_rows_of_all_pages
from stocktrail.projections.questions.question import Paged, Question
from stocktrail.projections.read_models import ReadModels

ROWS_SHOWN = 100
"""How many rows people see unless they ask for more."""


def answer_in_pages(
    models: ReadModels, asked: Question[Any], session: Session,
    show: Callable[[Screen, Any], None], *, wants_all: bool,
) -> None:
    """Answer a list: its first page for people, and all of it in JSON, unless a limit is given.

    However long the list is, one page is held in memory, and the first row is written before the
    second page is read. All pages are read from one state.
    """
    assert isinstance(asked, Paged)
    if (as_of := asked.position(models)) is not None:
        models.reach(as_of)
    with models.in_one_state():
        is_limited = asked.limit is not None
        if not is_limited and (wants_all or (session.as_json and asked.lists_all)):
            report = with_rows_of_all_pages(models, asked)
        elif not is_limited and not session.as_json:
            report = asked.model_copy(update={"limit": ROWS_SHOWN}).answer(models)
        else:
            report = asked.answer(models)
        if session.as_json:
            session.write_json_by_rows(report, asked.table)
        else:
            show(session.screen, {"total": asked.rows_in_all(models), **report})
