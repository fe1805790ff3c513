"""The queues of items as of a moment, with pegs and promise dates for a given today."""

from collections.abc import Iterable, Mapping
from datetime import date

from stocktrail.ledger.pegging import latest
from stocktrail.projections.as_of.by_recorded_time import LedgerAsRecorded
from stocktrail.projections.as_of.every_promise import EveryPromise
from stocktrail.projections.as_of.ledger_as_of import LedgerAsOf, WholePromise
from stocktrail.projections.as_of.pegged_queues import pegged_queues
from stocktrail.projections.models.open_lines import Queue
from stocktrail.projections.models.overdue import all_of
from stocktrail.projections.models.promise_changes import NEVER_SLIPPED, slips_of
from stocktrail.projections.models.promised_lines import PromisedLine
from stocktrail.projections.models.told_customers import latest_tellings, once_told

_MANY = 200
"""More items than these are promised with all others at once sooner than one by one."""


def queues_of(moment: LedgerAsOf, skus: Iterable[str], today: date) -> dict[str, Queue]:
    """Return the queue of each item, with its open receipts pegged to the waiting lines.

    An order that ships complete promises the latest date of all its lines, including those of other
    items. Slips are taken from the recorded changes of promises.
    """
    wanted = list(dict.fromkeys(skus))
    queues = pegged_queues(moment, wanted, today)
    of_whole = moment.whole_orders(today)
    if of_whole is None:
        of_whole = _whole_orders(moment, queues, today)
    order_ids = list(dict.fromkeys(
        line.order for queue in queues.values() for line in queue.lines.values()
    ))
    slips = slips_of(moment.changes(order_ids))
    tellings = latest_tellings(moment.tellings(order_ids))
    for queue in queues.values():
        for key, line in queue.lines.items():
            promised, rests_on = line.own_date, line.own_rests_on
            if line.ships_complete:
                promised, rests_on = of_whole[line.order]
            slipped = slips.get(key, NEVER_SLIPPED)
            told = line.told if slipped is NEVER_SLIPPED else slipped.told
            if key in tellings:
                told = once_told(told, slipped.part_at, tellings[key])
            # Written out, for that is three times as fast as to replace some, and lines are many.
            queue.lines[key] = PromisedLine(
                line.open_line, line.sku, line.customer, line.ship_policy, line.since,
                line.placed_on, line.pegs, promised, slipped.slips, slipped.days, told, rests_on,
                line.managed,
            )
    return queues


def _whole_orders(
    moment: LedgerAsOf, queues: Mapping[str, Queue], today: date
) -> Mapping[str, WholePromise]:
    """Return what orders that ship complete are promised, of which a line is in these queues."""
    whole = {
        line.order: () for queue in queues.values() for line in queue.lines.values()
        if line.ships_complete
    }
    siblings = dict.fromkeys(row["sku"] for row in moment.lines_of(list(whole)).values())
    absent = [sku for sku in siblings if sku not in queues]
    if len(absent) > _MANY and isinstance(moment, LedgerAsRecorded):
        return EveryPromise(moment, today).promised.whole_orders
    others = pegged_queues(moment, absent, today)
    together: dict[str, list[PromisedLine]] = {order_id: [] for order_id in whole}
    for queue in (*queues.values(), *others.values()):
        for line in queue.lines.values():
            if line.order in together:
                together[line.order].append(line)
    return {
        order_id: (
            latest(part.own_date for part in parts), all_of(part.own_rests_on for part in parts)
        ) for order_id, parts in together.items()
    }
