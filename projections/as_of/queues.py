"""The queues of items as of a moment, with pegs and promise dates for a given today."""

from collections.abc import Iterable, Mapping
from datetime import date

from stocktrail.ledger.pegging import latest
from stocktrail.ledger.stock.open_lines import LineKey, OpenLine
from stocktrail.ledger.store.tables import Row
from stocktrail.projections.as_of.ledger_as_of import LedgerAsOf
from stocktrail.projections.models.open_lines import Queue
from stocktrail.projections.models.open_spans import PURCHASE
from stocktrail.projections.models.overdue import all_of
from stocktrail.projections.models.promise_changes import NEVER_SLIPPED, Slipped, slips_of
from stocktrail.projections.models.promised_lines import PromisedLine
from stocktrail.projections.models.queue_sources import QueueSources


def queues_of(moment: LedgerAsOf, skus: Iterable[str], today: date) -> dict[str, Queue]:
    """Return the queue of each item, with its open receipts pegged to the waiting lines.

    An order that ships complete promises the latest date of all its lines, including those of other
    items. Slips are taken from the recorded changes of promises.
    """
    wanted = list(dict.fromkeys(skus))
    queues = {sku: _pegged(moment, sku, today) for sku in wanted}
    whole = {
        line.order: () for queue in queues.values() for line in queue.lines.values()
        if line.ships_complete
    }
    siblings = dict.fromkeys(row["sku"] for row in moment.lines_of(list(whole)).values())
    others = {sku: _pegged(moment, sku, today) for sku in siblings if sku not in queues}
    together: dict[str, list[PromisedLine]] = {order_id: [] for order_id in whole}
    for queue in (*queues.values(), *others.values()):
        for line in queue.lines.values():
            if line.order in together:
                together[line.order].append(line)
    slips = _slips(moment, queues)
    for queue in queues.values():
        for line in list(queue.lines.values()):
            parts = together[line.order] if line.ships_complete else [line]
            slipped = slips.get(line.key, NEVER_SLIPPED)
            queue.replace(line._replace(
                promise_date=latest(part.own_date for part in parts),
                rests_on=all_of(part.own_rests_on for part in parts),
                slips=slipped.slips, days_slipped=slipped.days, told=slipped.told,
            ))
    return queues


def _pegged(moment: LedgerAsOf, sku: str, today: date) -> Queue:
    queue = Queue(sku)
    stock = moment.stock(sku)
    queue.sources = QueueSources(dict(stock.on_hand), stock.out_of_stock)
    queue.manage = stock.everywhere.get("manage_stock")
    managed = queue.is_managed(moment.settings)
    details = moment.lines_of(list(dict.fromkeys(order for order, _ in stock.lines)))
    for bound in stock.lines.values():
        line = _line(sku, bound, details[bound.order, bound.line])
        queue.put(line if managed else line._replace(managed=False))
    names = [row["reference"] for row in moment.spans(PURCHASE, sku=sku)]
    for name, order in moment.purchase_orders(names).items():
        for number, ordered in order.lines.items():
            if ordered.sku == sku and ordered.remaining:
                queue.receipts[name, number] = order.receipt(number)
    for _ in queue.peg_again(moment.settings, today):
        pass
    queue.pegged_on = today
    return queue


def _line(sku: str, bound: OpenLine, row: Row) -> PromisedLine:
    return PromisedLine(
        bound, sku, row["party"], row["ship_policy"], row["since"],
        date.fromordinal(row["placed_day"]),
    )


def _slips(moment: LedgerAsOf, queues: Mapping[str, Queue]) -> dict[LineKey, Slipped]:
    order_ids = list(dict.fromkeys(
        line.order for queue in queues.values() for line in queue.lines.values()
    ))
    return slips_of(moment.changes(order_ids))
