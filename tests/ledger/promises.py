"""Words for scenes about pegging: who waits, what is to come, and what is promised."""

from collections.abc import Mapping, Sequence
from datetime import date

from ledger.pegging import OpenReceipt, Promise, QueuedLine, peg
from ledger.quantity import to_number
from tests.ledger.facts import Number, units
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
    """Give the parts of every order's only line."""
    return {promised.order: parts(promised) for promised in promises}
