"""The stock report: what may still be sold of an item in a pool, and the numbers behind it."""

from typing import Any, ClassVar, Literal

from stocktrail.ledger.quantity import to_number
from stocktrail.ledger.settings import Settings
from stocktrail.ledger.stock.state import ProductStock
from stocktrail.projections.answers.item_as_of import load_item_as_of
from stocktrail.projections.answers.shapes.settings import PolicyReport
from stocktrail.projections.answers.shapes.shape import Number, Position, Shape
from stocktrail.projections.models.low_stock import judge_pool, judge_source
from stocktrail.projections.questions.fields import Sku
from stocktrail.projections.questions.question import (
    Example,
    InPool,
    OccurredAsOf,
    Question,
    Report,
)
from stocktrail.projections.read_models import ReadModels


class SourceReport(Shape):
    """How an item stands at a source."""

    on_hand: Number
    status: Literal["in_stock", "out_of_stock"]
    enabled: bool
    in_pool: bool
    sellable: bool
    low_stock: bool


class StockReport(Shape):
    """What may still be sold of an item in a pool, and the numbers behind it."""

    sku: str
    name: str | None
    pool: str
    supply: Number
    demand: Number
    allocated: Number
    free: Number
    backordered: Number
    salable_quantity: Number
    unlimited: bool
    is_salable: bool
    message: str
    assigned: bool
    on_hand: dict[str, Number]
    sources: dict[str, SourceReport]
    settings: PolicyReport
    low_stock: bool
    unit: str | None
    decimal: bool
    attributes: dict[str, Any]
    version: int
    as_of: Position


class Stock(OccurredAsOf, InPool, Question[StockReport]):
    """What may still be sold of an item, and the numbers behind it."""

    question: ClassVar[str] = "stock"
    address: ClassVar[str | None] = "/stock/{sku}"
    example: ClassVar[Example] = {"sku": "LAMP", "pool": "web"}

    sku: Sku

    def answer(self, models: ReadModels) -> Report:
        """Assemble the stock of the item; refuses an unknown item, pool or position."""
        return stock(models, self.sku, self.pool, self.position(models), self.until(models))


def assemble(stock: ProductStock, settings: Settings, pool: str, position: int) -> dict[str, Any]:
    """Put together the stock object of an item in a pool: quantities are JSON numbers of units."""
    verdict = stock.verdict(settings, pool)
    figures = verdict.figures
    judgement = judge_pool(stock, settings, pool)
    return {
        "sku": stock.key,
        "name": stock.product.name,
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
        "unit": stock.product.unit,
        "decimal": stock.product.decimal,
        "attributes": stock.product.attributes,
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


def stock(
    models: ReadModels, sku: str, pool: str = "default", as_of: int | None = None,
    occurred_until: int | None = None,
) -> dict[str, Any]:
    """Report the stock of an item in a pool, now or as of a position.

    ``occurred_until`` (an instant) counts only what had happened by it, also what was recorded
    later. Refuses an unknown item (``unknown_sku``), pool (``unknown_pool``) or position.
    """
    known = load_item_as_of(models, sku, pool, as_of, occurred_until)
    return assemble(known.stock, known.settings, pool, known.position)
