"""Pages of lists: one way to search, narrow, sort, page and export, whatever is listed.

A page is made of a question that is :class:`~stocktrail.projections.questions.listed.Listed` and
of a :class:`ListView`, which says how its rows are shown. A view somebody chose is its address.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

from starlette.responses import Response

from stocktrail.interfaces.dashboard.columns import Column
from stocktrail.interfaces.dashboard.page_query import Q
from stocktrail.interfaces.dashboard.page_request import PageRequest
from stocktrail.projections.questions.listed import Listed
from stocktrail.projections.questions.question import Report

ROWS_SHOWN = 50
"""How many rows a page of a list has unless another limit is given."""


class ListView(NamedTuple):
    """How a list is shown: its template and title, what a row is called, its columns."""

    template: str
    title: str
    what: tuple[str, str]
    """What a row is, one and many."""

    columns: tuple[Column, ...]
    searched: str
    """What a search looks at, in words."""

    words: Mapping[str, str] = {}
    """What facets are called, of those that their name does not call well."""

    def shown(self, chosen: list[str]) -> tuple[Column, ...]:
        """Return the columns to show: those chosen, in this order, else all that are not hidden."""
        named = {column.name: column for column in self.columns}
        found = tuple(named[name] for name in chosen if name in named)
        return found or tuple(column for column in self.columns if not column.hidden)

    def orders(self, sortable: Mapping[str, Any]) -> list[tuple[str, str]]:
        """Return what the list can be sorted by, with the words for it."""
        found = []
        for column in self.columns:
            if column.sortable and column.name in sortable:
                found += [(column.name, column.heading), (f"-{column.name}", f"{column.heading} ↓")]
        return found


async def list_page(
    request: PageRequest, kind: type[Q], view: ListView, *, fields: Mapping[str, object] = {},
    **context: Any,
) -> Response:
    """Return the page of a list, or its rows as JSON or CSV.

    ``fields`` of the question come from the path. A page has whole rows, of which it shows the
    columns that are chosen.
    """
    asked = request.question_from_query(kind, {"limit": ROWS_SHOWN}, **fields)
    assert isinstance(asked, Listed)
    is_page = request.format == "html"
    shown = {column.name for column in view.columns}
    asked.require_columns(name for name in asked.columns if name not in shown)
    report = await request.first_page_of(asked.whole() if is_page else asked)
    return request.respond(
        view.template, report, title=view.title, header=asked.table_header(),
        asked=asked, view=view, columns=view.shown(asked.columns),
        sort=asked.sort or asked.definition.sort or asked.definition.key[0],
        selection=_selection(report), **context,
    )


def _selection(report: Report) -> Mapping[str, Any]:
    """Return what cells know of the list they are in."""
    return {"pool": report.get("pool", "")}
