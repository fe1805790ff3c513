"""Who waits for purchase orders: how many units of each are pegged, and to which orders."""

from collections.abc import Mapping
from typing import NamedTuple

from stocktrail.projections.answers.backorder_views.kept_pegs import kept_pegs
from stocktrail.projections.answers.moment_view import MomentView
from stocktrail.projections.as_of.every_promise import EveryPromise


class Waits(NamedTuple):
    """The orders that wait for a purchase order, and the units, in ten-thousandths."""

    orders: frozenset[str] | set[str] = frozenset()
    units: int = 0


NOBODY_WAITS = Waits()


def waits_for_orders(moment: MomentView) -> Mapping[str, Waits]:
    """Return who waits for each purchase order; one that nobody waits for is not there."""
    if moment.past is not None:
        return _waits_then(EveryPromise.of(moment.past))
    units: dict[str, int] = {}
    orders: dict[str, set[str]] = {}
    for order, _, name, _, quantity in kept_pegs(moment):
        units[name] = units.get(name, 0) + quantity
        waiting = orders.get(name)
        if waiting is None:
            orders[name] = {order}
        else:
            waiting.add(order)
    return {name: Waits(waiting, units[name]) for name, waiting in orders.items()}


def _waits_then(promises: EveryPromise) -> Mapping[str, Waits]:
    orders: dict[str, set[str]] = {}
    for line in promises.lines:
        for each in line.pegged_to:
            orders.setdefault(each.purchase_order, set()).add(line.order)
    units: dict[str, int] = {}
    for (name, _), quantity in promises.pegged.items():
        units[name] = units.get(name, 0) + quantity
    return {name: Waits(waiting, units[name]) for name, waiting in orders.items()}
