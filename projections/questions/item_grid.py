"""The item grid: the items of a pool, searched, narrowed by facets, sorted and paged.

A *facet* is something true of some items, with the number of those it is true of under the same
search: ``backordered`` (a line waits), ``uncovered`` (more must be ordered), ``low_stock`` (at or
below its threshold), ``none_available`` (supply covers no more than demand), ``incoming`` (a vendor
owes some to a source of the pool). All figures are the pool's: what is on hand is what its sources
have, whether or not they may sell it now. Only the page is put together in full; everything else
is counted by the database.
"""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, ClassVar

from pydantic import Field

from stocktrail.ledger.quantity import to_number
from stocktrail.ledger.refusal import Refusal
from stocktrail.ledger.spelling import composed
from stocktrail.ledger.stock.state import ProductStock
from stocktrail.projections.answers.cursor import read_cursor, write_cursor
from stocktrail.projections.answers.shapes.shape import Number, Position, Shape
from stocktrail.projections.models.low_stock import LOW_STOCK
from stocktrail.projections.models.open_lines import OPEN_LINE
from stocktrail.projections.models.parked_items import PARKED_ITEM, parked_items
from stocktrail.projections.models.purchase_orders import OPEN_RECEIPT
from stocktrail.projections.models.setting_levels import load_settings
from stocktrail.projections.models.stock_levels import PRODUCT, SOURCE_ITEM, STOCK_LEVEL, load_items
from stocktrail.projections.questions.question import AsOf, InPool, Paged, Question, Report
from stocktrail.projections.questions.stock import StockReport, assemble
from stocktrail.projections.read_models import Reading, ReadModels


class GridRow(StockReport):
    """An item of the grid: its stock, and where its units are."""

    on_hand_in_pool: Number
    on_hand_elsewhere: Number
    on_hand_total: Number


class GridReport(Shape):
    """A page of the grid; ``total`` counts all pages, ``facets`` how many items meet each."""

    pool: str
    pools: list[str]
    as_of: Position
    total: int
    facets: dict[str, int]
    rows: list[GridRow]
    next: str | None
    parked: list[str]


class ItemGrid(Paged, AsOf, InPool, Question[GridReport]):
    """The items of a pool, searched, narrowed by facets, sorted and paged."""

    question: ClassVar[str] = "item-grid"
    address: ClassVar[str | None] = None
    is_listed: ClassVar[bool] = False

    search: Annotated[str, Field(max_length=20_000)] = Field(
        default="", validation_alias="q", description="What SKU or name holds."
    )
    facets: list[str] = Field(
        default=[], validation_alias="facet",
        description="Only items of which all of these are true.",
    )
    sort: str = Field(
        default="sku", description="A column of the grid; - before it turns the order around."
    )

    def answer(self, models: ReadModels) -> Report:
        """Find a page, 50 items without a limit; refuses an unknown pool, facet or column."""
        return item_grid(models, self)


FACETS: Mapping[str, str] = {
    "backordered": "EXISTS (SELECT 1 FROM {open_line} AS waits WHERE waits.sku = product.sku "
                   "AND waits.pool = :pool AND waits.remaining > waits.allocated "
                   "AND waits.managed = 1)",
    # Few lines are uncovered: finding them once beats looking through the lines of every item.
    "uncovered": "product.sku IN (SELECT waits.sku FROM {open_line} AS waits "
                 "WHERE waits.pool = :pool AND waits.uncovered > 0)",
    "low_stock": "EXISTS (SELECT 1 FROM {low_stock} AS low WHERE low.sku = product.sku "
                 "AND low.pool = :pool)",
    "none_available": "COALESCE((SELECT supply - demand FROM {stock_level} AS level "
                      "WHERE level.sku = product.sku AND level.pool = :pool), 0) <= 0",
    "incoming": "EXISTS (SELECT 1 FROM {open_receipt} AS receipt "
                "WHERE receipt.sku = product.sku AND receipt.destination IN ({sources}))",
}
"""What is true of the items of a facet."""

_OF_LEVEL = (
    "COALESCE((SELECT {what} FROM {{stock_level}} AS level "
    "WHERE level.sku = product.sku AND level.pool = :pool), 0)"
)
COLUMNS: Mapping[str, str] = {
    "sku": "product.sku",
    "name": "COALESCE(product.name, '')",
    "on_hand": "COALESCE((SELECT SUM(on_hand) FROM {source_item} AS item "
               "WHERE item.sku = product.sku AND item.source IN ({sources})), 0)",
    "allocated": _OF_LEVEL.format(what="allocated"),
    "demand": _OF_LEVEL.format(what="demand"),
    "backordered": _OF_LEVEL.format(what="demand - allocated"),
    "available": _OF_LEVEL.format(what="supply - demand"),
}
"""What the grid can be sorted by; ``available`` is supply minus demand, before any threshold."""

_TEXT = frozenset(("sku", "name"))

DEFAULT_LIMIT = 50
"""How many items a page has unless another limit is given."""


def item_grid(models: ReadModels, asked: ItemGrid) -> dict[str, Any]:
    """Return a page of the items that meet a search and every facet; see :class:`ItemGrid`.

    ``total`` counts all that meet search and facets, ``facets`` those that meet each facet too.
    Raises a refusal for an unknown pool, facet or column (``unknown_*``), and for an ``after`` that
    no page of this order gave (``bad_page``).
    """
    pool = asked.pool
    limit = DEFAULT_LIMIT if asked.limit is None else asked.limit
    column = asked.sort.removeprefix("-")
    _require("column", column, COLUMNS)
    for facet in asked.facets:
        _require("facet", facet, FACETS)
    with models.reading_at(asked.position(models)) as reading:
        settings = load_settings(reading.place, reading.cursor)
        settings.require_pool(pool)
        sources = settings.sources_of(pool)
        found = _Found(reading, asked, pool, sources)
        skus, following = found.page(column, asked.sort.startswith("-"), limit, asked.after)
        stocks = [item.stock for item in load_items(reading.place, reading.cursor, skus).values()]
        rows = [
            assemble(stock, settings, pool, reading.position)
            | _on_hand(stock, sources)
            for stock in stocks
        ]
        return {
            "pool": pool, "pools": sorted(settings.pools), "as_of": reading.position,
            "total": found.count(asked.facets),
            "facets": {name: found.count({*asked.facets, name}) for name in FACETS},
            "rows": rows, "next": following,
            "parked": [each.sku for each in parked_items(reading.place, reading.cursor)],
        }


def _on_hand(stock: ProductStock, sources: Sequence[str]) -> dict[str, Any]:
    """Return what the sources of the pool have, what others have, and what there is in all."""
    total = sum(stock.on_hand.values())
    in_pool = sum(stock.on_hand.get(source, 0) for source in sources)
    return {
        "on_hand_in_pool": to_number(in_pool), "on_hand_elsewhere": to_number(total - in_pool),
        "on_hand_total": to_number(total),
    }


def _require(what: str, name: str, known: Mapping[str, str]) -> None:
    if name not in known:
        raise Refusal(
            f"unknown_{what}",
            f"The item grid has no {what} {name[:60]!r}, only {', '.join(known)}.",
        )


class _Found:
    """The items that a search finds, in one consistent state of the read models."""

    def __init__(
        self, reading: Reading, asked: ItemGrid, pool: str, sources: Sequence[str]
    ) -> None:
        self._cursor = reading.cursor
        self._tables = {
            name: reading.place.table(table).name for name, table in (
                ("open_line", OPEN_LINE), ("low_stock", LOW_STOCK), ("stock_level", STOCK_LEVEL),
                ("open_receipt", OPEN_RECEIPT), ("source_item", SOURCE_ITEM), ("product", PRODUCT),
                ("parked", PARKED_ITEM),
            )
        }
        self._facets = asked.facets
        named = {f"source{number}": source for number, source in enumerate(sources)}
        self._tables["sources"] = ", ".join(f":{name}" for name in named) or "NULL"
        self._parameters: dict[str, Any] = {"pool": pool, **named}
        self._searched = []
        if search := asked.search.strip():
            self._parameters["search"] = f"%{_literally(composed(search).lower())}%"
            self._searched = [
                "(LOWER(product.sku) LIKE :search ESCAPE '!' "
                "OR LOWER(product.name) LIKE :search ESCAPE '!')"
            ]

    def _where(self, facets: Sequence[str] | set[str], *more: str) -> str:
        conditions = [
            f"product.sku NOT IN (SELECT sku FROM {self._tables['parked']})", *self._searched,
            *(FACETS[name].format(**self._tables) for name in sorted(set(facets))), *more,
        ]
        return f"WHERE {' AND '.join(conditions)}" if conditions else ""

    def count(self, facets: Sequence[str] | set[str]) -> int:
        """Count the items that meet some facets."""
        self._cursor.execute(
            f"SELECT COUNT(*) AS found FROM {self._tables['product']} AS product "
            f"{self._where(facets)}", self._parameters,
        )
        return int(self._cursor.fetchall()[0]["found"])

    def page(
        self, column: str, descending: bool, limit: int, after: str | None
    ) -> tuple[list[str], str | None]:
        """Return the items of a page, and the cursor of the next one."""
        value = COLUMNS[column].format(**self._tables)
        of = f"items by {column} {'down' if descending else 'up'}"
        kind = str if column in _TEXT else int
        last = read_cursor([of], after, (kind, str))
        parameters, conditions = {**self._parameters, "limit": limit + 1}, []
        if last is not None:
            further = "<" if descending else ">"
            conditions = [f"({value} {further} :last OR ({value} = :last "
                          "AND product.sku > :last_sku))"]
            parameters |= {"last": last[0], "last_sku": last[1]}
        self._cursor.execute(
            f"SELECT product.sku AS sku, {value} AS sorted_by FROM {self._tables['product']} "
            f"AS product {self._where(self._facets, *conditions)} "
            f"ORDER BY sorted_by {'DESC' if descending else 'ASC'}, product.sku LIMIT :limit",
            parameters,
        )
        rows = self._cursor.fetchall()
        following = None
        if len(rows) > limit:
            end = rows[limit - 1]
            sorted_by = end["sorted_by"] if kind is str else int(end["sorted_by"])
            following = write_cursor([of], (sorted_by, end["sku"]))
        return [row["sku"] for row in rows[:limit]], following


def _literally(text: str) -> str:
    """Write a text so that LIKE finds it and nothing else.

    >>> _literally("50%!")
    '50!%!!'
    """
    for special in "!%_":
        text = text.replace(special, f"!{special}")
    return text
