"""What a list is made of, and what somebody wants of it.

A *facet* is something true of some rows: a field of a row that is true or false. It is shown with
the number of rows of which it is true besides, under the same search and the facets that are
chosen.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from types import NoneType
from typing import Any, Literal, NamedTuple

from stocktrail.ledger.quantity import to_number
from stocktrail.ledger.refusal import Refusal
from stocktrail.ledger.store.tables import Row
from stocktrail.projections.answers.cursor import read_cursor
from stocktrail.projections.answers.lists.searched import as_searched
from stocktrail.projections.answers.sorted_page import Page

ColumnKind = Literal["text", "count", "quantity"]

TEXT: ColumnKind = "text"
"""A column of text: ids, names, and dates and times in ISO 8601."""

COUNT: ColumnKind = "count"
"""A column of whole numbers: how many, days, positions."""

QUANTITY: ColumnKind = "quantity"
"""A column of quantities: parts have them in ten-thousandths, reports in units."""

_TYPES: Mapping[ColumnKind, tuple[type, ...]] = {
    TEXT: (NoneType, str), COUNT: (NoneType, int), QUANTITY: (NoneType, int),
}

ALL_OF_THEM = 10**9
"""How many rows a page has where no limit is given."""


@dataclass(frozen=True)
class ListDefinition:
    """A list: what its rows are, what they can be sorted, searched and narrowed by.

    ``key`` are the columns that no two rows share; rows stand in their order where nothing else
    puts them in one. ``sort`` is the order unless another is asked for: that of the key by itself.
    """

    name: str
    """What the rows are, such as ``orders``; refusals and cursors say it."""

    key: tuple[str, ...]
    columns: Mapping[str, ColumnKind]
    """What rows can be sorted by."""

    facets: tuple[str, ...] = ()
    flags: Mapping[str, str] = field(default_factory=dict)
    """The fields of those facets whose name is another column's."""

    searched: tuple[str, ...] = ()
    """The columns of text that a search looks at."""

    totals: tuple[str, ...] = ()
    """The columns that are added up."""

    sort: str = ""

    def wanted(
        self, *, search: str, facets: Sequence[str], sort: str | None, limit: int | None,
        after: str | None,
    ) -> "WantedRows":
        """Read what somebody wants of the list.

        Refuses a facet or a column that it does not have (``unknown_facet``, ``unknown_column``),
        and an ``after`` that no page of this order gave (``bad_page``).
        """
        written = sort or self.sort or self.key[0]
        column, descending = written.removeprefix("-"), written.startswith("-")
        self.require("column", column, tuple(self.columns))
        for facet in facets:
            self.require("facet", facet, self.facets)
        # A row may lack what it is sorted by, and never a part of its key.
        of_key = [_TYPES[self.columns[name]][1:] for name in self.key]
        kinds = [_TYPES[self.columns[column]], *of_key]
        last = read_cursor(
            [self.name, column, descending], after, kinds,
            advice="begin again without it, or keep the same sorting",
        )
        page = Page(
            column, descending, ALL_OF_THEM if limit is None else limit, last, (self.name,)
        )
        return WantedRows(self, as_searched(search), tuple(facets), page)

    def require(
        self, what: Literal["column", "facet"], name: str, known: Sequence[str]
    ) -> None:
        """Refuse a name that is not among those of the list."""
        if name not in known:
            raise Refusal(
                f"unknown_{what}",
                f"The list of {self.name} has no {what} {name[:60]!r}, only {', '.join(known)}.",
            )

    def flag(self, facet: str) -> str:
        """Return the field of a row that says whether a facet is true of it."""
        return self.flags.get(facet, facet)

    @cached_property
    def _all_flags(self) -> frozenset[str]:
        return frozenset(map(self.flag, self.facets))

    def as_shown(self, name: str, value: Any) -> Any:
        """Return a value of a row as reports have it."""
        if name in self._all_flags:
            return bool(value)
        is_quantity = value is not None and self.columns.get(name) == QUANTITY
        return to_number(value) if is_quantity else value

    def report_row(self, row: Row) -> dict[str, Any]:
        """Return a row as reports have it: quantities in units, facets true or false."""
        return {name: self.as_shown(name, value) for name, value in row.items()}


class WantedRows(NamedTuple):
    """The rows of a list that meet a search and all of some facets, and which page of them."""

    definition: ListDefinition
    search: str
    facets: tuple[str, ...]
    page: Page

    def value_of(self, row: Row) -> Any:
        """Return what a row is sorted by."""
        value = row[self.page.column]
        return int(value) if isinstance(value, bool) else value

    def key_of(self, row: Row) -> tuple[Any, ...]:
        """Return the key of a row."""
        return tuple(row[name] for name in self.definition.key)


class CountedRows(NamedTuple):
    """How many rows a part of a list finds: in all, of each facet, and what columns add up to."""

    total: int
    facets: Mapping[str, int]
    totals: Mapping[str, int]
