"""The decision that distributes the units of an item again among the lines that want them.

How each strategy treats its lines stands in :mod:`stocktrail.ledger.reallocation`.
"""

from collections.abc import Mapping

from stocktrail.ledger.line_units import LineKey
from stocktrail.ledger.quantity import SCALE
from stocktrail.ledger.reallocation import Contender, Strategy, reallocate
from stocktrail.ledger.refusal import Refusal
from stocktrail.ledger.settings import Settings
from stocktrail.ledger.stock.events import BackordersReallocated, LineReallocated
from stocktrail.ledger.stock.product import require
from stocktrail.ledger.stock.state import ProductStock


def reallocate_lines(
    stock: ProductStock,
    settings: Settings,
    strategy: Strategy,
    named: Mapping[LineKey, Strategy],
    pool: str | None,
) -> list[BackordersReallocated]:
    """Distribute the item's units again among its open lines, or those of one pool.

    ``named`` gives lines a strategy of their own. One event says what every changed line had and
    has, because no order of single changes would be feasible after each. Refuses an item, a pool
    or a line that does not take part, and a ``win`` that cannot be given all that it wants.
    """
    require(stock)
    if pool is not None:
        settings.require_pool(pool)
    taking_part = {
        line.key: line for line in stock.lines.in_queue_order() if pool in (None, line.pool)
    }
    for key in named:
        if key not in taking_part:
            raise _takes_no_part(stock, key, pool)
    contenders = [
        Contender(
            line.order, line.line, line.pool, line.remaining, line.allocated,
            named.get(key, strategy),
        )
        for key, line in taking_part.items()
    ]
    others = dict(stock.allocated)
    for each in contenders:
        others[each.pool] -= each.has
    step = 1 if stock.product.decimal else SCALE
    given = reallocate(
        stock.key, contenders, others, stock.sellable(settings), settings.pools, step
    )
    changed = tuple(
        LineReallocated(
            order=each.order, line=each.line, pool=each.pool, strategy=each.strategy,
            before=each.has, after=given[each.key],
        )
        for each in contenders if given[each.key] != each.has
    )
    return [BackordersReallocated(sku=stock.key, lines=changed)] if changed else []


def _takes_no_part(stock: ProductStock, key: LineKey, pool: str | None) -> Refusal:
    order, line = key
    where = "" if pool is None else f" in pool {pool}"
    return Refusal(
        "not_enough_remaining",
        f"Line {line} of order {order} wants no units of {stock.key}{where}, so it cannot take "
        "part in distributing them.",
        sku=stock.key, order=order, line=line, remaining=0,
    )
