"""What is asked of the item grid, and the cursors of its pages."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from stocktrail.projections.answers.cursor import read_cursor, write_cursor
from stocktrail.projections.answers.lists.searched import as_searched, holds

FACETS = ("backordered", "uncovered", "low_stock", "none_available", "incoming")
"""What may be true of an item in a pool."""

COLUMNS = ("sku", "name", "on_hand", "allocated", "demand", "backordered", "available")
"""What the grid can be sorted by; ``available`` is supply minus demand, before any threshold."""

TOTALS = ("allocated", "demand", "backordered")
"""What is added up: columns that are 0 for whatever nobody has ordered."""

_TEXT = frozenset(("sku", "name"))


class GridPage(NamedTuple):
    """A page of the grid: the items of a pool that meet a search and all of some facets."""

    pool: str
    sources: Sequence[str]
    search: str
    facets: Sequence[str]
    column: str
    descending: bool
    limit: int
    after: str | None

    @property
    def search_condition(self) -> tuple[str, dict[str, Any]]:
        """The condition on ``product.sku`` and ``product.name``, empty without one; parameters."""
        search = as_searched(self.search)
        return holds(["product.sku", "product.name"], search) if search else ("", {})

    @property
    def is_text(self) -> bool:
        """Whether the column that items are sorted by is text."""
        return self.column in _TEXT

    @property
    def _listed(self) -> list[str]:
        return [f"items by {self.column} {'down' if self.descending else 'up'}"]

    def last(self) -> tuple[Any, str] | None:
        """Return the value and the SKU that the page before ended with; refuses a strange one."""
        key = read_cursor(self._listed, self.after, (str if self.is_text else int, str))
        return None if key is None else (key[0], key[1])

    def next_cursor(self, value: Any, sku: str) -> str:
        """Return the cursor of the page after an item."""
        return write_cursor(self._listed, (value if self.is_text else int(value), sku))
