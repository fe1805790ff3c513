"""The item grid: the items of a pool, searched, narrowed by facets, sorted and paged.

A *facet* is something true of some items, with the number of those it is true of under the same
search: ``backordered`` (a line waits), ``uncovered`` (more must be ordered), ``low_stock`` (at or
below its threshold), ``none_available`` (supply covers no more than demand), ``incoming`` (a vendor
owes some to a source of the pool). All figures are the pool's: what is on hand is what its sources
have, whether or not they may sell it now. Only the page is put together in full; everything else
is counted by the database.
"""

from typing import Any, ClassVar

from stocktrail.ledger.quantity import to_number
from stocktrail.ledger.settings import Settings
from stocktrail.ledger.stock.state import ProductStock
from stocktrail.projections.answers.item_grid.grid_page import COLUMNS, FACETS, TOTALS, GridPage
from stocktrail.projections.answers.item_grid.now import ItemsNow
from stocktrail.projections.answers.item_grid.then import ItemsThen
from stocktrail.projections.answers.lists.definition import QUANTITY, TEXT, ListDefinition
from stocktrail.projections.answers.shapes.shape import Number
from stocktrail.projections.as_of import LedgerAsRecorded
from stocktrail.projections.as_of.all_items import AllItems
from stocktrail.projections.as_of.opening import open_as_of
from stocktrail.projections.models.parked_items import parked_items
from stocktrail.projections.models.setting_levels import load_settings
from stocktrail.projections.models.stock_levels import load_items
from stocktrail.projections.questions.listed import Listed, ListReport
from stocktrail.projections.questions.question import AsOf, Example, InPool, Question, Report
from stocktrail.projections.questions.stock import StockReport, assemble
from stocktrail.projections.read_models import ReadModels


class GridRow(StockReport):
    """An item of the grid: its stock, and where its units are."""

    on_hand_in_pool: Number
    on_hand_elsewhere: Number
    on_hand_total: Number
    available: Number


class GridReport(ListReport):
    """A page of the grid; parked items are left out."""

    pool: str
    pools: list[str]
    rows: list[GridRow]
    parked: list[str]


class ItemGrid(Listed, AsOf, InPool, Question[GridReport]):
    """Products: the items of a pool, what is there, what waits, what may still be sold."""

    question: ClassVar[str] = "products"
    definition: ClassVar[ListDefinition] = ListDefinition(
        "products", key=("sku",),
        columns={name: TEXT if name in ("sku", "name") else QUANTITY for name in COLUMNS},
        facets=FACETS, flags={"backordered": "is_backordered"}, searched=("sku", "name"),
        totals=TOTALS,
    )
    example: ClassVar[Example] = {"pool": "web", "limit": 1}

    def answer(self, models: ReadModels) -> Report:
        """Find a page; refuses an unknown pool, facet, column or position."""
        return item_grid(models, self)


def item_grid(models: ReadModels, asked: ItemGrid) -> dict[str, Any]:
    """Return a page of the items that meet a search and every facet; see :class:`ItemGrid`.

    Raises a refusal for an unknown pool, facet or column (``unknown_*``), and for an ``after`` that
    no page of this order gave (``bad_page``).
    """
    definition = asked.definition
    page = definition.wanted(
        search=asked.q, facets=asked.facets, sort=asked.sort, limit=asked.limit, after=None
    ).page
    with open_as_of(models, asked.position(models)) as (reading, past):
        settings = past.settings if past else load_settings(reading.place, reading.cursor)
        pool = asked.pool
        settings.require_pool(pool)
        sources = settings.sources_of(pool)
        wanted = GridPage(
            pool, sources, asked.q, asked.facets, page.column, page.descending, page.limit,
            asked.after,
        )
        if isinstance(past, LedgerAsRecorded):
            items = AllItems(past)
            found: ItemsNow | ItemsThen = ItemsThen(items, wanted)
            parked, position = items.parked, past.position
        else:
            found = ItemsNow(reading, wanted)
            parked, position = parked_items(reading.place, reading.cursor), reading.position
        skus, following = found.page()
        total, facets = found.counts()
        if past:
            stocks = list(past.stocks(skus).values())
        else:
            known = load_items(reading.place, reading.cursor, skus)
            stocks = [item.stock for item in known.values()]
        return {
            "pool": pool, "pools": sorted(settings.pools), "as_of": position,
            "total": total, "facets": facets,
            "totals": {
                name: definition.as_shown(name, units) for name, units in found.sums().items()
            },
            "rows": asked.chosen(
                assemble(stock, settings, pool, position) | _on_hand(stock, settings, pool)
                for stock in stocks
            ),
            "next": following, "parked": [each.sku for each in parked],
        }


def _on_hand(stock: ProductStock, settings: Settings, pool: str) -> dict[str, Any]:
    """Return what the sources of the pool have, what others have, and what there is in all."""
    total = sum(stock.on_hand.values())
    in_pool = sum(stock.on_hand.get(source, 0) for source in settings.sources_of(pool))
    figures = stock.verdict(settings, pool).figures
    return {
        "on_hand_in_pool": to_number(in_pool), "on_hand_elsewhere": to_number(total - in_pool),
        "on_hand_total": to_number(total),
        "available": to_number(figures.supply - figures.demand),
    }
