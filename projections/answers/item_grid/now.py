"""The items that the grid finds now, counted and sorted by the database.

Facets are counted from the side of the few: the items that wait, are low or are to come, of which
there are as many as there is to do, not as many as there are items. Of those that have units
available, which may be all, an index holds nothing else. So are the columns that are 0 for
whatever nobody has ordered. What looks at every item is a search (it reads all names, twice) and a
page by what is on hand or available: 0.05 to 0.2 s at 100,000 items (2026-11-30).
"""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from functools import cached_property
from typing import Any

from stocktrail.ledger.store.tables import Row
from stocktrail.projections.answers.item_grid.grid_page import FACETS, TOTALS, GridPage
from stocktrail.projections.exact_sums import exact_sum, read_exact_sum
from stocktrail.projections.models.low_stock import LOW_STOCK
from stocktrail.projections.models.open_lines import OPEN_LINE
from stocktrail.projections.models.parked_items import PARKED_ITEM
from stocktrail.projections.models.purchase_orders import OPEN_RECEIPT
from stocktrail.projections.models.stock_levels import PRODUCT, SOURCE_ITEM, STOCK_LEVEL
from stocktrail.projections.read_models import Reading

_WAITS = (
    "EXISTS (SELECT 1 FROM {open_line} AS waits WHERE waits.sku = {sku} AND waits.pool = :pool "
    "AND waits.remaining > waits.allocated AND waits.managed = 1)"
)
_FEW: Mapping[str, str] = {
    "uncovered": "SELECT DISTINCT sku FROM {open_line} WHERE pool = :pool AND uncovered > 0",
    "backordered": "SELECT sku FROM {stock_level} AS level WHERE pool = :pool AND demand > 0 "
                   f"AND demand > allocated AND {_WAITS.replace('{sku}', 'level.sku')}",
    "incoming": "SELECT DISTINCT sku FROM {open_receipt} WHERE destination IN ({sources})",
    "low_stock": "SELECT sku FROM {low_stock} WHERE pool = :pool",
}
"""The items of a facet, of those that hold for few: the fewest first."""

_AVAILABLE = (
    "EXISTS (SELECT 1 FROM {stock_level} AS level WHERE level.sku = product.sku "
    "AND level.pool = :pool AND level.supply > level.demand)"
)
_IS_TRUE: Mapping[str, str] = {
    "uncovered": "EXISTS (SELECT 1 FROM {open_line} AS waits WHERE waits.sku = product.sku "
                 "AND waits.pool = :pool AND waits.uncovered > 0)",
    "backordered": _WAITS.replace("{sku}", "product.sku"),
    "incoming": "EXISTS (SELECT 1 FROM {open_receipt} AS receipt "
                "WHERE receipt.sku = product.sku AND receipt.destination IN ({sources}))",
    "low_stock": "EXISTS (SELECT 1 FROM {low_stock} AS low WHERE low.sku = product.sku "
                 "AND low.pool = :pool)",
    "none_available": f"NOT {_AVAILABLE}",
}
"""Whether a facet is true of an item."""

_VALUES: Mapping[str, str] = {
    "sku": "product.sku",
    "name": "COALESCE(product.name, '')",
    "on_hand": "COALESCE((SELECT SUM(on_hand) FROM {source_item} AS item "
               "WHERE item.sku = product.sku AND item.source IN ({sources})), 0)",
    "allocated": "COALESCE(level.allocated, 0)",
    "demand": "COALESCE(level.demand, 0)",
    "backordered": "COALESCE(level.demand - level.allocated, 0)",
    "available": "COALESCE(level.supply - level.demand, 0)",
}
_LEVEL = "LEFT JOIN {stock_level} AS level ON level.sku = product.sku AND level.pool = :pool"
_OF_ORDERED = frozenset(("allocated", "demand", "backordered"))
"""The columns that are above 0 only for what somebody has ordered."""


class ItemsNow:
    """The items that are wanted of the grid, in one consistent state of the read models."""

    def __init__(self, reading: Reading, wanted: GridPage) -> None:
        self._cursor, self._wanted = reading.cursor, wanted
        self._tables = {
            name: reading.place.table(table).name for name, table in (
                ("open_line", OPEN_LINE), ("low_stock", LOW_STOCK), ("stock_level", STOCK_LEVEL),
                ("open_receipt", OPEN_RECEIPT), ("source_item", SOURCE_ITEM), ("product", PRODUCT),
                ("parked", PARKED_ITEM),
            )
        }
        named = {f"source{number}": source for number, source in enumerate(wanted.sources)}
        self._tables["sources"] = ", ".join(f":{name}" for name in named) or "NULL"
        condition, parameters = wanted.search_condition
        self._searched = [condition] if condition else []
        self._parameters: dict[str, Any] = {"pool": wanted.pool, **named, **parameters}

    def _rows(self, statement: str, **parameters: Any) -> list[Row]:
        self._cursor.execute(statement.format(**self._tables), self._parameters | parameters)
        return list(self._cursor.fetchall())

    # ------------------------------------------------------------------ counts

    def counts(self) -> tuple[int, dict[str, int]]:
        """Count the items of all pages, and those that meet each facet too."""
        counted: dict[frozenset[str], int] = {}
        wanted = frozenset(self._wanted.facets)
        for facets in (wanted, *(wanted | {name} for name in FACETS)):
            if facets not in counted:
                counted[facets] = self._count(facets)
        return counted[wanted], {name: counted[wanted | {name}] for name in FACETS}

    def _count(self, facets: AbstractSet[str]) -> int:
        if facets <= {"none_available"}:
            found, available = self._found_and_available
            return found - available if facets else found
        rows = self._rows(f"SELECT COUNT(*) AS found {self._from(facets, self._searched)}")
        return int(rows[0]["found"])

    def sums(self) -> dict[str, int]:
        """Add up what somebody has ordered of the items of all pages."""
        few = "SELECT sku FROM {stock_level} AS level WHERE level.pool = :pool AND level.demand > 0"
        found = self._from(
            frozenset(self._wanted.facets), self._searched, few=few, page=True, level=_LEVEL
        )
        added = ", ".join(exact_sum(_VALUES[name], name) for name in TOTALS)
        (row,) = self._rows(f"SELECT {added} {found}")
        return {name: read_exact_sum(row, name) for name in TOTALS}

    @cached_property
    def _found_and_available(self) -> tuple[int, int]:
        """How many items a search finds, and of how many of them the pool has units available."""
        found = f"SELECT product.sku AS sku {self._from(frozenset(), self._searched)}"
        is_available = "level.pool = :pool AND level.supply > level.demand"
        if self._searched:
            rows = self._rows(
                f"WITH found AS MATERIALIZED ({found}) "
                "SELECT (SELECT COUNT(*) FROM found) AS found, (SELECT COUNT(*) FROM found "
                "CROSS JOIN {stock_level} AS level "
                f"WHERE level.sku = found.sku AND {is_available}) AS available"
            )
        else:
            rows = self._rows(
                f"SELECT (SELECT COUNT(*) FROM ({found}) AS each_one) AS found, "
                f"(SELECT COUNT(*) FROM {{stock_level}} AS level WHERE {is_available} "
                "AND level.sku NOT IN (SELECT sku FROM {parked})) AS available"
            )
        return int(rows[0]["found"]), int(rows[0]["available"])

    def _from(
        self, facets: AbstractSet[str], conditions: Sequence[str], *, few: str | None = None,
        page: bool = False, level: str = "",
    ) -> str:
        """Write from where items are read that meet facets and conditions: the few first.

        ``few`` are the items of a query, else those of the facet that holds for the fewest. They
        are joined to their products for a ``page`` or a condition, and to their stock ``level``.
        """
        known = next((name for name in _FEW if name in facets and few is None), None)
        few = _FEW[known] if known else few
        also = [_IS_TRUE[name] for name in sorted(facets) if name != known]
        if few is None:
            tables = "{product} AS product"
        elif page or conditions:
            tables = f"({few}) AS few CROSS JOIN {{product}} AS product"
            also.append("product.sku = few.sku")
        else:
            tables = f"({few}) AS product"
        also += [*conditions, "product.sku NOT IN (SELECT sku FROM {parked})"]
        return f"FROM {tables} {level} WHERE {' AND '.join(also)}"

    # ------------------------------------------------------------------ pages

    def page(self) -> tuple[list[str], str | None]:
        """Return the items of the page, and the cursor of the next one."""
        wanted, rows = self._wanted, list[Row]()
        for value, found in self._stretches():
            rows += self._stretch(value, found, wanted.limit + 1 - len(rows))
            if len(rows) > wanted.limit:
                break
        page = rows[: wanted.limit]
        following = None
        if len(rows) > len(page) and page:
            following = wanted.next_cursor(page[-1]["sorted_by"], page[-1]["sku"])
        return [row["sku"] for row in page], following

    def _stretches(self) -> list[tuple[str, str]]:
        """Return what the items of each stretch of the list are sorted by, and where they are.

        By a column that is 0 for whatever nobody has ordered, what is above 0 is one stretch, and
        the rest, in the order of SKUs, is another.
        """
        wanted = self._wanted
        value = _VALUES[wanted.column]
        level, facets = _LEVEL if "level." in value else "", frozenset(wanted.facets)
        if wanted.column not in _OF_ORDERED:
            return [(value, self._from(facets, self._after(value), page=True, level=level))]
        above = (
            "SELECT sku FROM {stock_level} AS level "
            f"WHERE level.pool = :pool AND level.demand > 0 AND {value} > 0"
        )
        others = [
            f"NOT EXISTS ({above} AND level.sku = product.sku)", *self._after("0"),
        ]
        stretches = [
            (value, self._from(
                facets, self._after(value), few=above, page=True, level=level
            )),
            ("0", self._from(facets, others, page=True)),
        ]
        return stretches if wanted.descending else stretches[::-1]

    def _after(self, value: str) -> list[str]:
        """Write the conditions on items to be those of the search, after the page before."""
        if self._wanted.last() is None:
            return self._searched
        further = "<" if self._wanted.descending else ">"
        return [
            *self._searched,
            f"({value} {further} :last OR ({value} = :last AND product.sku > :last_sku))",
        ]

    def _stretch(self, value: str, found: str, most: int) -> list[Row]:
        last = self._wanted.last()
        after = {} if last is None else {"last": last[0], "last_sku": last[1]}
        direction = "DESC" if self._wanted.descending else "ASC"
        order = "product.sku" if value == "0" else f"sorted_by {direction}, product.sku"
        return self._rows(
            f"SELECT product.sku AS sku, {value} AS sorted_by {found} "
            f"ORDER BY {order} LIMIT :most", most=most, **after,
        )
