"""Who waits for purchase orders: how many units of each are pegged, and to which orders."""

from collections import defaultdict
from collections.abc import Mapping
from typing import NamedTuple

from stocktrail.projections.answers.backorder_views.kept_pegs import pegs_of_lines
from stocktrail.projections.answers.moment_view import MomentView
from stocktrail.projections.as_of.every_promise import EveryPromise


class Waits(NamedTuple):
    """How many orders wait for a purchase order, and units, in ten-thousandths."""

    orders: int = 0
    units: int = 0


NOBODY_WAITS = Waits()


def waits_for_orders(moment: MomentView) -> Mapping[str, Waits]:
    """Return who waits for each purchase order; one that nobody waits for is not there."""
    if moment.past is not None:
        return _waits_then(EveryPromise.of(moment.past))
    units: dict[str, int] = defaultdict(int)
    orders: dict[str, set[str]] = defaultdict(set)
    for order, _, pegs in pegs_of_lines(moment):
        for peg in pegs:
            name = peg[0]
            units[name] += peg[2]
            orders[name].add(order)
    return {name: Waits(len(orders[name]), quantity) for name, quantity in units.items()}


def _waits_then(promises: EveryPromise) -> Mapping[str, Waits]:
    orders, units = promises.promised.orders_waiting, defaultdict[str, int](int)
    for (name, _), quantity in promises.pegged.items():
        units[name] += quantity
    return {name: Waits(orders[name], quantity) for name, quantity in units.items()}
