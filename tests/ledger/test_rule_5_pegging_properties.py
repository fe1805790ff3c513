"""Rule 5.2: what holds of every pegging, and what a delay can change.

Every line prefers the earlier of two receipts, and every receipt the line that is before in the
queue. So where no pool shares a source, pegging line by line in queue order, as the ledger does
there, comes to the same as receipt by receipt in date order; and nowhere can what is pegged to
earlier receipts depend on later ones.
"""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import NamedTuple

from hypothesis import given as for_all
from hypothesis import strategies as st

from stocktrail.ledger.pegging import OpenReceipt, counted_on
from tests.ledger.line_by_line import QueuedLine
from tests.ledger.line_by_line import pegs_of as pegs_line_by_line
from tests.ledger.promises import TODAY, Promise, peg, pegs_by_sums
from tests.ledger.purchasing import day

Key = tuple[str, int]
Pegs = dict[tuple[Key, Key], int]
Place = tuple[date, int, int]


class Situation(NamedTuple):
    """Who waits, in queue order, and what is to come."""

    lines: list[QueuedLine]
    receipts: list[OpenReceipt]
    sources_of: Mapping[str, Sequence[str]]
    offset: int

    def promises(self) -> dict[Key, Promise]:
        promised = peg(self.lines, self.receipts, self.sources_of, TODAY, self.offset)
        return {(each.order, each.line): each for each in promised}

    def pegs(self) -> Pegs:
        return pegs_of(self.promises())

    def place(self, receipt: OpenReceipt) -> Place:
        assert receipt.expected_date is not None
        counted = counted_on(receipt.expected_date, TODAY, self.offset)
        return (counted, receipt.placed, receipt.line)

    def in_date_order(self) -> list[OpenReceipt]:
        return sorted(self.receipts, key=self.place)


def pegs_of(promises: Mapping[Key, Promise]) -> Pegs:
    """Return how many units of each line are pegged to each receipt."""
    pegs: Pegs = {}
    for line, promised in promises.items():
        for part in promised.parts:
            if part.purchase_order is not None and part.purchase_line is not None:
                pegs[line, (part.purchase_order, part.purchase_line)] = part.quantity
    return pegs


def key(receipt: OpenReceipt) -> Key:
    return (receipt.purchase_order, receipt.line)


def may_take(situation: Situation, line: QueuedLine, receipt: OpenReceipt) -> bool:
    return receipt.source in situation.sources_of[line.pool]


SHARED = {"A": ("north", "east"), "B": ("east", "south"), "C": ("west",)}
ALONE = {"A": ("north", "east", "south", "west")}
APART = {"A": ("north", "east"), "B": ("south",), "C": ("west",)}


@st.composite
def situations(
    draw: st.DrawFn, sources_of: Mapping[str, Sequence[str]] = SHARED
) -> Situation:
    lines = draw(st.lists(
        st.builds(
            QueuedLine, order=st.just(""), line=st.just(1),
            pool=st.sampled_from(sorted(sources_of)), allocated=st.integers(0, 2),
            backordered=st.integers(0, 6), requested_date=st.integers(-3, 12).map(day),
        ), max_size=7,
    ))
    receipts = draw(st.lists(
        st.builds(
            OpenReceipt, purchase_order=st.just(""), line=st.just(1),
            source=st.sampled_from(["north", "east", "south", "west"]), quantity=st.integers(0, 8),
            expected_date=st.integers(-4, 10).map(day), placed=st.just(0),
        ), max_size=6,
    ))
    return Situation(
        [line._replace(order=f"SO-{at}") for at, line in enumerate(lines)],
        [each._replace(purchase_order=f"PO-{at}", placed=at) for at, each in enumerate(receipts)],
        sources_of, draw(st.integers(0, 3)),
    )


class Move(NamedTuple):
    """A situation, the same with one receipt delayed or brought forward, and that receipt."""

    before: Situation
    after: Situation
    was: OpenReceipt
    now: OpenReceipt

    def between(self) -> tuple[Place, Place]:
        """Return the places of the receipt before and after, the earlier one first.

        A receipt that is overdue, and then expected today, comes earlier than it counted.
        """
        places = (self.before.place(self.was), self.after.place(self.now))
        return min(places), max(places)


@st.composite
def moves(draw: st.DrawFn, sources_of: Mapping[str, Sequence[str]] = SHARED) -> Move:
    before = draw(situations(sources_of).filter(lambda drawn: bool(drawn.receipts)))
    at = draw(st.integers(0, len(before.receipts) - 1))
    was = before.receipts[at]
    days = draw(st.integers(-9, 12).filter(bool))
    assert was.expected_date is not None
    now = was._replace(expected_date=was.expected_date + timedelta(days=days))
    receipts = [*before.receipts[:at], now, *before.receipts[at + 1:]]
    return Move(before, before._replace(receipts=receipts), was, now)


@for_all(situations())
def test_parts_add_up_and_pegs_exceed_neither_what_comes_nor_what_is_waited_for(
    situation: Situation,
) -> None:
    promises, pegs = situation.promises(), situation.pegs()
    for receipt in situation.receipts:
        pegged = sum(units for (_, to), units in pegs.items() if to == key(receipt))
        assert pegged <= receipt.quantity
    for line in situation.lines:
        promised = promises[line.order, line.line]
        pegged = sum(units for (of, _), units in pegs.items() if of == (line.order, line.line))
        assert pegged + promised.uncovered == line.backordered
        assert sum(part.quantity for part in promised.parts) == line.allocated + line.backordered
        assert all(part.quantity > 0 for part in promised.parts)


@for_all(situations())
def test_no_date_lies_before_the_requested_date_nor_before_the_goods_are_there(
    situation: Situation,
) -> None:
    for line in situation.lines:
        for part in situation.promises()[line.order, line.line].parts:
            if part.ready is not None:
                assert part.ready >= TODAY
                assert part.promised == max(part.ready, line.requested_date)


@for_all(situations())
def test_nobody_waits_for_later_what_is_left_free_earlier(situation: Situation) -> None:
    pegs = situation.pegs()
    free = {
        key(each): each.quantity - sum(units for (_, to), units in pegs.items() if to == key(each))
        for each in situation.receipts
    }
    for line in situation.lines:
        mine = [
            situation.place(each) for each in situation.receipts
            if ((line.order, line.line), key(each)) in pegs
        ]
        uncovered = situation.promises()[line.order, line.line].uncovered
        for receipt in situation.receipts:
            if free[key(receipt)] and may_take(situation, line, receipt):
                assert not uncovered
                assert all(place <= situation.place(receipt) for place in mine)


@for_all(situations(APART))
def test_where_no_source_is_shared_pegging_receipt_by_receipt_comes_to_the_same(
    situation: Situation,
) -> None:
    waiting = {(line.order, line.line): line.backordered for line in situation.lines}
    pegs: Pegs = {}
    for receipt in situation.in_date_order():
        left = receipt.quantity
        for line in situation.lines:
            of = (line.order, line.line)
            taken = min(left, waiting[of]) if may_take(situation, line, receipt) else 0
            if taken:
                pegs[of, key(receipt)] = taken
                waiting[of] -= taken
                left -= taken
    assert situation.pegs() == pegs


@for_all(situations())
def test_pegging_by_sums_comes_to_the_same_as_line_by_line(situation: Situation) -> None:
    assert pegs_by_sums(
        situation.lines, situation.receipts, situation.sources_of, TODAY, situation.offset
    ) == pegs_line_by_line(
        situation.lines, situation.receipts, situation.sources_of, TODAY, situation.offset
    )


@for_all(situations())
def test_nobody_is_later_because_of_someone_behind(situation: Situation) -> None:
    promises = situation.promises()
    for count in range(len(situation.lines)):
        ahead = situation._replace(lines=situation.lines[:count]).promises()
        assert all(promises[line] == promised for line, promised in ahead.items())


# ------------------------------------------------------------------ what a delay changes


@for_all(moves())
def test_what_is_pegged_to_receipts_that_come_before_both_dates_stays(move: Move) -> None:
    first, _ = move.between()
    earlier = {
        key(each) for each in move.before.receipts if move.before.place(each) < first
    }

    def kept(pegs: Pegs) -> Pegs:
        return {peg: units for peg, units in pegs.items() if peg[1] in earlier}

    assert kept(move.before.pegs()) == kept(move.after.pegs())


@for_all(moves())
def test_who_is_before_everybody_that_gets_of_the_receipt_sees_no_change(move: Move) -> None:
    pegs = {**move.before.pegs(), **move.after.pegs()}
    promises, then = move.before.promises(), move.after.promises()
    for line in move.before.lines:
        of = (line.order, line.line)
        if (of, key(move.was)) in pegs:
            break
        assert promises[of] == then[of]


@for_all(moves())
def test_who_shares_no_source_with_anybody_that_could_take_the_receipt_sees_no_change(
    move: Move,
) -> None:
    related = "C" if move.was.source == "west" else "AB"
    promises, then = move.before.promises(), move.after.promises()
    for line in move.before.lines:
        if line.pool not in related:
            of = (line.order, line.line)
            assert promises[of] == then[of]


@for_all(moves())
def test_a_receipt_that_passes_no_other_moves_the_dates_of_its_own_parts_only(move: Move) -> None:
    order = [key(each) for each in move.before.in_date_order()]
    if order != [key(each) for each in move.after.in_date_order()]:
        return
    assert move.now.expected_date is not None
    ready = counted_on(move.now.expected_date, TODAY, move.before.offset)
    wanted = {(line.order, line.line): line.requested_date for line in move.before.lines}
    then = move.after.promises()
    for of, promised in move.before.promises().items():
        assert then[of] == promised._replace(parts=tuple(
            part._replace(ready=ready, promised=max(ready, wanted[of]))
            if (part.purchase_order, part.purchase_line) == key(move.was) else part
            for part in promised.parts
        ))


@for_all(moves(ALONE))
def test_in_one_pool_only_who_had_units_of_the_receipt_or_of_one_that_it_passes_sees_a_change(
    move: Move,
) -> None:
    first, last = move.between()
    passed = {
        key(each) for each in move.before.receipts if first <= move.before.place(each) <= last
    }
    touched = {of for of, to in move.before.pegs() if to in passed}
    promises, then = move.before.promises(), move.after.promises()
    for line in move.before.lines:
        of = (line.order, line.line)
        if of not in touched:
            assert promises[of] == then[of]
