"""The stock report: what may still be sold of an item in a pool, and the numbers behind it."""

from collections.abc import Callable
from typing import Any

from stocktrail.ledger.quantity import to_number
from stocktrail.ledger.settings import Settings
from stocktrail.ledger.stock.state import ProductStock
from stocktrail.projections.as_of.opening import open_as_of
from stocktrail.projections.models.low_stock import judge_pool, judge_source
from stocktrail.projections.models.parked_items import parked_items
from stocktrail.projections.models.setting_levels import load_settings
from stocktrail.projections.models.stock_levels import load_items, skus_registered
from stocktrail.projections.questions.item_as_of import know, settings_at, stock_at
from stocktrail.projections.read_models import ReadModels
from stocktrail.projections.spelling import in_any_spelling

MOST_ROWS = 1000
"""How many items a list shows unless another limit is given."""


def assemble(stock: ProductStock, settings: Settings, pool: str, position: int) -> dict[str, Any]:
    """Put together the stock object of an item in a pool: quantities are JSON numbers of units."""
    verdict = stock.verdict(settings, pool)
    figures = verdict.figures
    judgement = judge_pool(stock, settings, pool)
    return {
        "sku": stock.key,
        "name": stock.name,
        "pool": pool,
        "supply": to_number(figures.supply),
        "demand": to_number(figures.demand),
        "allocated": to_number(figures.allocated),
        "free": to_number(figures.supply - figures.allocated),
        "backordered": to_number(figures.backordered),
        "salable_quantity": to_number(verdict.salable_quantity),
        "unlimited": verdict.unlimited,
        "is_salable": verdict.is_salable,
        "message": verdict.message,
        "assigned": figures.assigned,
        "on_hand": {
            source: to_number(quantity) for source, quantity in sorted(stock.on_hand.items())
        },
        "sources": _sources(stock, settings, pool),
        "settings": verdict.policy.as_json(),
        "low_stock": judgement is not None and judgement.is_low,
        "unit": stock.unit,
        "decimal": stock.decimal,
        "attributes": stock.attributes,
        "version": stock.version,
        "as_of": position,
    }


def _sources(stock: ProductStock, settings: Settings, pool: str) -> dict[str, Any]:
    in_pool = settings.sources_of(pool)
    sellable = stock.sellable(settings)
    found = {}
    for source, quantity in sorted(stock.on_hand.items()):
        judgement = judge_source(stock, settings, source)
        found[source] = {
            "on_hand": to_number(quantity),
            "status": "out_of_stock" if source in stock.out_of_stock else "in_stock",
            "enabled": source not in settings.disabled,
            "in_pool": source in in_pool,
            "sellable": source in sellable,
            "low_stock": judgement is not None and judgement.is_low,
        }
    return found


@in_any_spelling
def stock(
    models: ReadModels, sku: str, pool: str = "default", as_of: int | None = None,
    occurred_until: int | None = None,
) -> dict[str, Any]:
    """Report the stock of an item in a pool, now or as of a position.

    ``occurred_until`` (an instant) counts only what had happened by it, also what was recorded
    later. Refuses an unknown item (``unknown_sku``), pool (``unknown_pool``) or position.
    """
    known = know(models, sku, pool, as_of, occurred_until)
    return assemble(known.stock, known.settings, pool, known.position)


@in_any_spelling
def stock_list(
    models: ReadModels,
    pool: str = "default",
    as_of: int | None = None,
    after: str | None = None,
    limit: int | None = None,
    occurred_until: int | None = None,
) -> dict[str, Any]:
    """Report the stock of every item in a pool, in the order of SKUs, a page at a time.

    ``occurred_until`` (an instant) counts only what had happened by it, also what was recorded
    later. ``after`` is the SKU that the page before ended with; ``next`` is what to give as
    ``after`` for the following page, ``None`` on the last one. What is ``parked`` is left out.
    Refuses an unknown pool or position.
    """
    limit = MOST_ROWS if limit is None else limit
    parked: list[str] = []
    if occurred_until is not None:
        with open_as_of(models, as_of, occurred_until) as (_, past):
            assert past is not None
            position, settings = past.position, past.settings
            stocks, more = _stocks_then(models, past.stock, after or "", limit)
    elif as_of is None:
        with models.reading() as reading:
            place, cursor, position = reading
            settings = load_settings(place, cursor)
            parked = [each.sku for each in parked_items(place, cursor)]
            skus = skus_registered(place, cursor, after or "", limit + 1)
            items = load_items(place, cursor, skus[:limit])
            stocks = [item.stock for item in items.values()]
            more = len(skus) > limit
    else:
        models.require_position(as_of)
        position, settings = as_of, settings_at(models, as_of)
        stocks, more = _stocks_then(
            models, lambda sku: stock_at(models, sku, position), after or "", limit
        )
    settings.require_pool(pool)
    rows = [assemble(stock, settings, pool, position) for stock in stocks]
    return {
        "pool": pool, "as_of": position, "rows": rows,
        "next": rows[-1]["sku"] if more and rows else None, "parked": parked,
    }


def _stocks_then(
    models: ReadModels, fold: Callable[[str], ProductStock], after: str, limit: int
) -> tuple[list[ProductStock], bool]:
    stocks: list[ProductStock] = []
    for stream in models.ledger.streams(ProductStock.category):
        sku = stream.partition("/")[2]
        if sku <= after:
            continue
        stock = fold(sku)
        if stock.exists:
            if len(stocks) == limit:
                return stocks, True
            stocks.append(stock)
    return stocks, False
