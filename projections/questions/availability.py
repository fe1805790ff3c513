"""The availability report: whether a request would be accepted, what would wait, and why not."""

from typing import Any

from stocktrail.ledger.quantity import to_number
from stocktrail.ledger.salability import backorder_message, judge, will_be_backordered
from stocktrail.ledger.stock.reservations import check
from stocktrail.projections.questions.item_as_of import know
from stocktrail.projections.read_models import ReadModels
from stocktrail.projections.spelling import in_any_spelling


@in_any_spelling
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
    known = know(models, sku, pool, as_of)
    figures = known.stock.figures(known.settings, pool)
    policy = known.stock.policy(known.settings, pool)
    refusals = check(known.stock, pool, figures, policy, [quantity])
    salability = judge(figures, policy)
    waiting = 0 if refusals else will_be_backordered(quantity, figures, policy)
    return {
        "sku": sku,
        "pool": pool,
        "quantity": to_number(quantity),
        "satisfiable": not refusals,
        "salable_quantity": to_number(salability.salable_quantity),
        "unlimited": salability.unlimited,
        "backordered_quantity": to_number(waiting),
        "message": backorder_message(sku, waiting, policy) or salability.message,
        "refusals": [refusal.as_json() for refusal in refusals],
        "as_of": known.position,
    }
