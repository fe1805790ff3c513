"""The availability report: whether a request would be accepted, what would wait, and why not."""

from typing import Any, ClassVar

from stocktrail.ledger.quantity import to_number
from stocktrail.ledger.salability import backorder_message
from stocktrail.ledger.stock.reservations import check
from stocktrail.projections.answers.item_as_of import load_item_as_of
from stocktrail.projections.answers.shapes.refusals import RefusalReport
from stocktrail.projections.answers.shapes.shape import Number, Position, Shape
from stocktrail.projections.questions.fields import Sku
from stocktrail.projections.questions.question import (
    AsOf,
    Example,
    InPool,
    OfQuantity,
    Question,
    Report,
)
from stocktrail.projections.read_models import ReadModels


class AvailabilityReport(Shape):
    """Whether a quantity would be accepted, and what would wait."""

    sku: str
    pool: str
    quantity: Number
    satisfiable: bool
    salable_quantity: Number
    unlimited: bool
    backordered_quantity: Number
    message: str
    refusals: list[RefusalReport]
    as_of: Position


class Availability(AsOf, InPool, OfQuantity, Question[AvailabilityReport]):
    """Would a quantity be accepted, what would wait, and why."""

    question: ClassVar[str] = "availability"
    address: ClassVar[str | None] = "/stock/{sku}/availability"
    example: ClassVar[Example] = {"sku": "LAMP", "quantity": "4", "pool": "web"}

    sku: Sku

    def answer(self, models: ReadModels) -> Report:
        """Judge the request as an order line; refuses an unknown item, pool or position."""
        units = self.units()
        return availability(models, self.sku, units, self.pool, self.position(models))


def availability(
    models: ReadModels,
    sku: str,
    quantity: int,
    pool: str = "default",
    as_of: int | None = None,
) -> dict[str, Any]:
    """Judge a request for a quantity (in ten-thousandths) of an item in a pool.

    The same rules that accept an order line decide. Refuses an unknown item, pool or position.
    """
    known = load_item_as_of(models, sku, pool, as_of)
    verdict = known.stock.verdict(known.settings, pool)
    refusals = check(known.stock, pool, verdict, [quantity])
    waiting = 0 if refusals else verdict.backordered_of(quantity)
    return {
        "sku": sku,
        "pool": pool,
        "quantity": to_number(quantity),
        "satisfiable": not refusals,
        "salable_quantity": to_number(verdict.salable_quantity),
        "unlimited": verdict.unlimited,
        "backordered_quantity": to_number(waiting),
        "message": backorder_message(sku, waiting, verdict.policy) or verdict.message,
        "refusals": [refusal.as_json() for refusal in refusals],
        "as_of": known.position,
    }
