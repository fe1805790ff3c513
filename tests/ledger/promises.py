"""Words for scenes about pegging: who waits, what is to come, and what is promised."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import NamedTuple

from stocktrail.ledger.pegging import (
    NOTHING_THERE,
    OpenReceipt,
    Peg,
    StockBefore,
    as_they_come,
    latest,
    pegs_at,
    reaches,
)
from stocktrail.ledger.quantity import to_number
from stocktrail.ledger.waiting_units import WaitingUnits
from tests.ledger.facts import Number, units
from tests.ledger.line_by_line import QueuedLine
from tests.ledger.purchasing import day

EVERYWHERE: Mapping[str, Sequence[str]] = {"default": ("default",)}

TODAY = day(0)


def waits(
    order: str,
    backordered: Number,
    *,
    allocated: Number = 0,
    requested: int = 0,
    line: int = 1,
    pool: str = "default",
) -> QueuedLine:
    """A line in the queue that has some units and waits for others."""
    return QueuedLine(order, line, pool, units(allocated), units(backordered), day(requested))


def due(
    purchase_order: str,
    quantity: Number,
    expected: int,
    *,
    source: str = "default",
    line: int = 1,
    placed: int | None = None,
) -> OpenReceipt:
    """Units that are to come; purchase orders are placed in the order of their numbers."""
    number = int(purchase_order.rpartition("-")[2]) if placed is None else placed
    return OpenReceipt(purchase_order, line, source, units(quantity), day(expected), number)


class PromisePart(NamedTuple):
    """Units of a line that become ready together.

    ``ready`` is when they can be picked and ``promised`` when they ship: never before the
    requested date. Allocated units are ready today and have no purchase order; uncovered units
    have neither a purchase order nor a date.
    """

    quantity: int
    ready: date | None
    promised: date | None
    purchase_order: str | None = None
    purchase_line: int | None = None


class Promise(NamedTuple):
    """What one line is promised, part by part in order of readiness."""

    order: str
    line: int
    parts: tuple[PromisePart, ...]

    @property
    def uncovered(self) -> int:
        """Units that no open receipt covers."""
        return sum(part.quantity for part in self.parts if part.ready is None)

    @property
    def promise_date(self) -> date | None:
        """The date of the last part; ``None`` while some units are uncovered."""
        return latest(part.promised for part in self.parts)

    @property
    def ready_date(self) -> date | None:
        """When the last part can be picked; ``None`` while some units are uncovered."""
        return latest(part.ready for part in self.parts)


def pegs_by_sums(
    lines: Sequence[QueuedLine],
    receipts: Sequence[OpenReceipt],
    sources_of: Mapping[str, Sequence[str]],
    today: date,
    overdue_offset_days: int,
    standing: StockBefore = NOTHING_THERE,
) -> list[tuple[Peg, ...]]:
    """Peg open receipts to lines, which stand in queue order, and return the pegs of each line."""
    pools = {line.pool for line in lines}.union(standing.allocated)
    waiting = {
        pool: WaitingUnits(
            ((at,), line.backordered) for at, line in enumerate(lines)
            if line.pool == pool and line.backordered
        )
        for pool in pools
    }
    in_order = WaitingUnits(
        ((at,), line.backordered) for at, line in enumerate(lines) if line.backordered
    )
    coming = as_they_come(receipts, today, overdue_offset_days)
    reaching = reaches(waiting, lambda: in_order, coming, sources_of, standing)
    return [
        pegs_at(reaching[line.pool], waiting[line.pool].before((at,)), line.backordered)
        for at, line in enumerate(lines)
    ]


def peg(
    lines: Iterable[QueuedLine],
    receipts: Sequence[OpenReceipt],
    sources_of: Mapping[str, Sequence[str]],
    today: date,
    overdue_offset_days: int,
    standing: StockBefore = NOTHING_THERE,
) -> list[Promise]:
    """Peg open receipts to open lines, which stand in queue order, and promise each line its dates.

    Lines that are wholly allocated are promised too: they can ship today, or when requested.
    """
    queue = list(lines)
    pegged = pegs_by_sums(queue, receipts, sources_of, today, overdue_offset_days, standing)
    promises = []
    for line, pegs in zip(queue, pegged, strict=True):
        parts = []
        if line.allocated:
            parts.append(PromisePart(line.allocated, today, max(today, line.requested_date)))
        parts += [
            PromisePart(
                each.quantity, each.ready, max(each.ready, line.requested_date),
                each.purchase_order, each.purchase_line,
            )
            for each in pegs
        ]
        uncovered = line.backordered - sum(each.quantity for each in pegs)
        if uncovered:
            parts.append(PromisePart(uncovered, None, None))
        promises.append(Promise(line.order, line.line, tuple(parts)))
    return promises


def promise(
    lines: Sequence[QueuedLine],
    receipts: Sequence[OpenReceipt],
    sources_of: Mapping[str, Sequence[str]] = EVERYWHERE,
    *,
    offset: int = 1,
) -> list[Promise]:
    """Peg as of day 0."""
    return peg(lines, receipts, sources_of, TODAY, offset)


Part = tuple[Number, str | None, date | None]


def parts(promised: Promise) -> list[Part]:
    """Say of every part how many units it has, where they come from and when they ship."""
    return [
        (to_number(part.quantity), part.purchase_order, part.promised) for part in promised.parts
    ]


def by_order(promises: Sequence[Promise]) -> dict[str, list[Part]]:
    """Return the parts of every order's only line."""
    return {promised.order: parts(promised) for promised in promises}
