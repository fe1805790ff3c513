"""The queues of items as of a moment, pegged for a given today; each line is promised by itself."""

from collections.abc import Sequence
from datetime import date

from stocktrail.projections.as_of.ledger_as_of import LedgerAsOf
from stocktrail.projections.models.open_lines import Queue
from stocktrail.projections.models.open_spans import PURCHASE


def pegged_queues(moment: LedgerAsOf, skus: Sequence[str], today: date) -> dict[str, Queue]:
    """Return the queue of each item with its open receipts pegged to the lines that wait."""
    queues = moment.queues(skus)
    names = [row["reference"] for row in moment.spans(PURCHASE, skus=skus)]
    for name, order in moment.purchase_orders(names).items():
        for number, line in order.lines.items():
            if line.remaining and line.sku in queues:
                queues[line.sku].receipts[name, number] = order.receipt(number)
    for queue in queues.values():
        queue.peg_whole(moment.settings, today)
        queue.pegged_on = today
    return queues
