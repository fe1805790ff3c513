"""Pegging: which open receipt each waiting line is waiting for, and when it can ship.

Pegging says what receipts will do. In date order each open receipt is pegged, in queue order, to
the lines that would be allocated if it arrived whole on its day and nothing else happened. Where a
pool shares its sources with no other that wants the item, those are simply its own lines; where
pools share sources, a receipt may free units for a pool that its source does not serve, so there
it is tried out (:mod:`stocktrail.ledger.arrivals`). Either way the lines of one pool get what is
for that pool in queue order, so it is enough to know how far each receipt reaches. What no receipt
covers is uncovered: more must be ordered. Nobody is ever later because of someone behind.

A receipt that is overdue is counted on at today plus an offset; it never just disappears. One that
cannot be sold when it comes is blocked, and pegged to nobody.

Rules 5.2 and 5.3 are the source.
"""

from bisect import bisect_right
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import date
from operator import attrgetter
from typing import Literal, NamedTuple

from stocktrail.ledger.allocation import Claims, pools_that_share
from stocktrail.ledger.arrivals import Arrival, serve_arrivals
from stocktrail.ledger.instant import days_after
from stocktrail.ledger.waiting_units import WaitingUnits

Blocked = Literal["source_disabled", "item_out_of_stock", "serves_no_pool"]
"""Why a receipt helps nobody when it comes."""


class OpenReceipt(NamedTuple):
    """Units of a purchase line that are still to come to a source. ``placed`` breaks ties.

    Without an expected date they are undated: open supply that nobody can be promised.
    """

    purchase_order: str
    line: int
    source: str
    quantity: int
    expected_date: date | None
    placed: int


class StockBefore(NamedTuple):
    """What there is of an item before any receipt comes.

    ``on_hand`` counts the units that may be sold by source, ``allocated`` those that lines have by
    pool.
    """

    on_hand: Mapping[str, int] = {}
    allocated: Mapping[str, int] = {}


NOTHING_THERE = StockBefore()


class Peg(NamedTuple):
    """Units of a line that wait for a purchase line, and when they can be picked.

    ``overdue_since`` is the day on which the purchase line was expected, where that is past.
    """

    purchase_order: str
    purchase_line: int
    quantity: int
    ready: date
    overdue_since: date | None = None


def latest(days: Iterable[date | None]) -> date | None:
    """Return the latest of some days; ``None`` when one of them is not known, or there is none.

    >>> latest([date(2026, 3, 1), None]) is None
    True
    """
    last = None
    for day in days:
        if day is None:
            return None
        last = day if last is None else max(last, day)
    return last


def is_overdue(expected: date | None, today: date) -> bool:
    """Return whether a receipt should have come before today; an undated one never should.

    >>> is_overdue(date(2026, 3, 1), today=date(2026, 3, 1))
    False
    """
    return expected is not None and expected < today


def counted_on(expected: date, today: date, overdue_offset_days: int) -> date:
    """Return the date at which a receipt is counted on: its own, or today plus the offset.

    >>> counted_on(date(2026, 2, 1), date(2026, 3, 1), 1)
    datetime.date(2026, 3, 2)
    """
    if is_overdue(expected, today):
        return days_after(today, overdue_offset_days)
    return expected


def why_blocked(
    source: str, *, disabled: Collection[str], out_of_stock: Collection[str],
    sources_of: Mapping[str, Sequence[str]],
) -> Blocked | None:
    """Return why units that come to a source cannot be sold, or ``None``.

    ``disabled`` are the sources that do not sell, ``out_of_stock`` those at which the item is set
    out of stock.

    >>> why_blocked("E", disabled={"E"}, out_of_stock=(), sources_of={"P": ["E"]})
    'source_disabled'
    """
    if source in disabled:
        return "source_disabled"
    if source in out_of_stock:
        return "item_out_of_stock"
    if any(source in sources for sources in sources_of.values()):
        return None
    return "serves_no_pool"


class ReceiptToCome(NamedTuple):
    """A receipt with the day on which it is counted on; so they sort as they come."""

    ready: date
    placed: int
    purchase_line: int
    purchase_order: str
    source: str
    quantity: int
    overdue_since: date | None


def as_they_come(
    receipts: Iterable[OpenReceipt], today: date, overdue_offset_days: int
) -> list[ReceiptToCome]:
    """Return receipts by the days on which they are counted on; undated ones are left out.

    Those of the same day come in the order in which they were placed.
    """
    coming = []
    for purchase_order, line, source, quantity, expected, placed in receipts:
        if expected is None:
            continue
        coming.append(ReceiptToCome(
            counted_on(expected, today, overdue_offset_days), placed, line, purchase_order, source,
            quantity, expected if is_overdue(expected, today) else None,
        ))
    coming.sort()
    return coming


class Reach(NamedTuple):
    """How far a receipt reaches in a pool: ``until`` counts what lines wait for, from the first on.

    It begins where the one before it ends. Two are equal in all but ``until`` if lines are pegged
    to them alike.
    """

    until: int
    purchase_order: str
    purchase_line: int
    ready: date
    overdue_since: date | None


def reaches(
    waiting: Mapping[str, WaitingUnits], in_order: Callable[[], WaitingUnits],
    coming: Sequence[ReceiptToCome], sources_of: Mapping[str, Sequence[str]],
    before: StockBefore = NOTHING_THERE,
) -> dict[str, list[Reach]]:
    """Return how far receipts reach in each pool, the one that comes first before the others.

    ``waiting`` holds the lines of each pool, which may be none, and ``in_order`` those of all
    pools, which are needed where pools share sources. ``coming`` are the receipts that are not
    blocked.
    """
    shared = pools_that_share(waiting, sources_of) if len(waiting) > 1 else ()
    found = {
        pool: _alone(coming, sources_of[pool]) for pool in waiting if pool not in shared
    }
    if shared:
        sharing = {pool: units for pool, units in waiting.items() if pool in shared}
        found |= _tried_out(sharing, in_order(), coming, sources_of, before)
    return found


def _alone(coming: Sequence[ReceiptToCome], sources: Collection[str]) -> list[Reach]:
    found, until = [], 0
    for ready, _, line, purchase_order, source, quantity, overdue_since in coming:
        if quantity and source in sources:
            until += quantity
            found.append(Reach(until, purchase_order, line, ready, overdue_since))
    return found


def _tried_out(
    waiting: Mapping[str, WaitingUnits], in_order: WaitingUnits, coming: Sequence[ReceiptToCome],
    sources_of: Mapping[str, Sequence[str]], before: StockBefore,
) -> dict[str, list[Reach]]:
    """Let receipts come one by one to pools that share sources; return how far each reaches."""
    sources = {source for pool in waiting for source in sources_of[pool]}
    claims = Claims(
        {source: units for source, units in before.on_hand.items() if source in sources}, sources_of
    )
    for pool, quantity in before.allocated.items():
        if pool in waiting:
            claims.add(pool, quantity)
    found: dict[str, list[Reach]] = {pool: [] for pool in waiting}
    reached = dict.fromkeys(waiting, 0)
    helping = [each for each in coming if each.source in sources]
    arrivals = (Arrival(each.source, each.quantity) for each in helping)
    for each, got in zip(
        helping, serve_arrivals(waiting, in_order, arrivals, claims), strict=True
    ):
        for pool, units in got.items():
            reached[pool] += units
            found[pool].append(Reach(
                reached[pool], each.purchase_order, each.purchase_line, each.ready,
                each.overdue_since,
            ))
    return found


def pegs_at(reaching: Sequence[Reach], begin: int, quantity: int) -> tuple[Peg, ...]:
    """Return the pegs of a line, before which lines of its pool wait for ``begin`` units.

    >>> day = date(2026, 3, 1)
    >>> pegs = pegs_at([Reach(5, "PO-1", 1, day, None), Reach(9, "PO-2", 1, day, None)], 4, 3)
    >>> [(peg.purchase_order, peg.quantity) for peg in pegs]
    [('PO-1', 1), ('PO-2', 2)]
    """
    pegs = []
    at = bisect_right(reaching, begin, key=_UNTIL)
    while quantity and at < len(reaching):
        until, purchase_order, line, ready, overdue_since = reaching[at]
        part = min(quantity, until - begin)
        pegs.append(Peg(purchase_order, line, part, ready, overdue_since))
        begin += part
        quantity -= part
        at += 1
    return tuple(pegs)


_UNTIL = attrgetter("until")
