"""The pegs of a queue by the slow way: every line that waits, one after the other."""

from datetime import date

from stocktrail.ledger.line_units import LineKey
from stocktrail.ledger.pegging import Peg, StockBefore
from stocktrail.ledger.settings import Settings
from stocktrail.projections.models.open_lines import Queue
from tests.ledger.line_by_line import QueuedLine, pegs_of


def pegged_line_by_line(
    queue: Queue, settings: Settings, today: date
) -> dict[LineKey, tuple[Peg, ...]]:
    """Return what each line of a queue that is pegged to anything must be pegged to on a day."""
    lines = [
        QueuedLine(line.order, line.line, line.pool, line.allocated, line.waits_for,
                   line.requested_date)
        for line in sorted(queue.lines.values(), key=lambda line: line.queue_key)
        if line.waits_for
    ]
    receipts = [
        receipt for receipt in queue.receipts.values() if not queue.why_blocked(receipt, settings)
    ]
    standing = StockBefore()
    if len(queue.of_pool) > 1:
        standing = StockBefore(queue.sources.sellable(settings), queue.allocated)
    pegged = pegs_of(
        lines, receipts, settings.pools, today, settings.overdue_offset_days, standing
    )
    return {
        (line.order, line.line): pegs for line, pegs in zip(lines, pegged, strict=True) if pegs
    }


def pegs_kept(queue: Queue) -> dict[LineKey, tuple[Peg, ...]]:
    """Return what each line of a queue that is pegged to anything is pegged to."""
    return {line.key: line.pegs for line in queue.lines.values() if line.pegs}
