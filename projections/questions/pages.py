"""The pages of a list: one after the other, from one consistent state, as if they were one list.

Only one page is held in memory at a time.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from stocktrail.projections.questions.question import Question, Report
from stocktrail.projections.read_models import ReadModels

ROWS_AT_ONCE = 1000
"""How many rows of a long list are read and held in memory at a time."""


class RowsOfAllPages:
    """The rows of a list from a page on; its pages are read whenever somebody goes through it.

    Whoever goes through it more than once must do so within ``models.in_one_state()``.
    """

    def __init__(self, models: ReadModels, asked: Question[Any], first: Report) -> None:
        self._models = models
        self._asked = asked
        self._first = first
        self._gone_through = 0

    def __bool__(self) -> bool:
        return bool(self._first[self._asked.table])

    def __len__(self) -> int:
        """Return how many there were when somebody went through them last."""
        return self._gone_through

    def __iter__(self) -> Iterator[Mapping[str, Any]]:
        self._gone_through = 0
        page = self._first
        while True:
            for row in page[self._asked.table]:
                self._gone_through += 1
                yield row
            if page["next"] is None:
                return
            following = self._asked.model_copy(update={"after": page["next"]})
            page = following.answer(self._models)


def with_rows_of_all_pages(models: ReadModels, question: Question[Any]) -> Report:
    """Answer a question that comes in pages with the rows of them all, read as they are needed.

    The answer is otherwise that of the first page, and there is no ``next``.
    """
    asked = question.model_copy(update={"limit": ROWS_AT_ONCE})
    first = asked.answer(models)
    return first | {"next": None, question.table: RowsOfAllPages(models, asked, first)}
