"""Answers in CSV: the table of a question, written row by row under the names of its columns.

The cells are those of the dashboard's CSV. There is no byte order mark: what reads a pipe would
take it for a letter.
"""

import sys
from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from typing import Any

from stocktrail.interfaces.service.csv_table import CsvTable
from stocktrail.projections.questions.pages import ROWS_AT_ONCE, with_rows_of_all_pages
from stocktrail.projections.questions.question import LatestEventsFirst, Paged, Question
from stocktrail.projections.read_models import ReadModels


def answer_in_csv(models: ReadModels, asked: Question[Any], *, is_cut: bool) -> None:
    """Write the whole table of a question, or the rows it asks for where it ``is_cut``."""
    if isinstance(asked, Paged) and not is_cut:
        if (as_of := asked.position(models)) is not None:
            models.reach(as_of)
        with models.in_one_state():
            report = with_rows_of_all_pages(models, asked)
            write_csv(asked.table_header(), asked.table_rows(report))
        return
    if isinstance(asked, LatestEventsFirst) and not is_cut:
        asked = asked.model_copy(update={"last": None})
    write_csv(asked.table_header(), asked.table_rows(asked.answer(models)))


def write_csv(header: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> None:
    """Write a table; however long it is, a thousand rows are held in memory."""
    following = iter(rows)
    some = list(islice(following, ROWS_AT_ONCE))
    table = CsvTable(header, some)
    sys.stdout.write(table.header.decode())
    while some:
        sys.stdout.write(table.lines(some).decode())
        some = list(islice(following, ROWS_AT_ONCE))
