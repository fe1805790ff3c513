"""Pegging again looks only at lines that may change, and comes to the same as line by line.

A queue lives through random steps: lines come, change and go, receipts come, move and arrive, units
move at sources, sources are disabled, days pass. After each it is pegged again as promises do it.
"""

from collections.abc import Callable
from datetime import timedelta
from random import Random
from unittest.mock import patch

import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st

from stocktrail.ledger import waiting_units
from stocktrail.ledger.pegging import OpenReceipt
from stocktrail.ledger.settings import Settings
from stocktrail.ledger.stock.open_lines import OpenLine
from stocktrail.ledger.waiting_units import WaitingUnits
from stocktrail.projections.models.open_lines import Queue
from stocktrail.projections.models.promised_lines import PromisedLine
from tests.ledger.facts import pool_defined
from tests.projections.pegged_line_by_line import pegged_line_by_line, pegs_kept
from tests.projections.purchasing import DAY_0

ALONE = {"P1": ("E",), "P2": ("W", "N"), "P3": ("S",)}
SHARING = {"P1": ("E",), "P2": ("E", "W"), "P3": ("W", "N"), "P4": ("S",)}


class HotItem:
    """An item with its queue, under settings, on a day."""

    def __init__(self, pools: dict[str, tuple[str, ...]]) -> None:
        self.settings = Settings()
        for pool, sources in pools.items():
            self.settings.apply(pool_defined(pool, *sources))
        self.queue = Queue("A")
        self.today = DAY_0
        self.queue.pegged_on = DAY_0
        self.placed = 0

    def put(
        self, number: int, pool: str, waits: int, allocated: int, place: tuple[int, int]
    ) -> bool:
        """Place an order, or change it; an order keeps its pool."""
        before = self.queue.lines.get((f"SO-{number}", 1))
        self.placed += 1
        priority, requested = place
        open_line = OpenLine(
            f"SO-{number}", 1, before.pool if before else pool, waits + allocated, allocated,
            priority, DAY_0 + timedelta(days=requested),
            before.open_line.placed if before else self.placed,
        )
        line = PromisedLine(open_line, "A", "C", "partial", 1, DAY_0)
        if before is not None and line.backordered:
            line = line._replace(pegs=before.pegs)
        self.queue.put(line)
        return not allocated and not (before and before.allocated)

    def cancel(self, number: int) -> bool:
        """Cancel an order."""
        before = self.queue.lines.get((f"SO-{number}", 1))
        self.queue.take_out((f"SO-{number}", 1))
        return not (before and before.allocated)

    def expect(self, number: int, source: str, quantity: int, expected: int | None) -> bool:
        """Have so many units come, on another day, or none any more; undated if on no day."""
        key = (f"PO-{number}", 1)
        self.queue.receipts.pop(key, None)
        if quantity:
            day = None if expected is None else DAY_0 + timedelta(days=expected)
            self.queue.receipts[key] = OpenReceipt(*key, source, quantity, day, number)
        return False

    def hold(self, source: str, quantity: int) -> bool:
        """Have so many units at a source."""
        self.queue.sources.on_hand[source] = quantity
        return False

    def block(self, source: str) -> bool:
        """Set the item out of stock at a source, or in stock again."""
        self.queue.sources.out_of_stock ^= {source}
        return False

    def disable(self, source: str) -> bool:
        """Disable a source, or enable it again."""
        self.settings.disabled ^= {source}
        return False

    def pause(self) -> bool:
        """Manage stock of the item no more, or again."""
        for line in list(self.queue.lines.values()):
            self.queue.put(line._replace(managed=not line.managed))
        return False

    def pass_days(self, days: int) -> bool:
        """Let days pass."""
        self.today += timedelta(days=days)
        self.queue.renew(self.settings, self.today)
        return True

    def reload(self) -> bool:
        """Forget the queue, and read it again."""
        queue, before = Queue("A"), self.queue
        queue.receipts, queue.sources = before.receipts, before.sources
        queue.pegged_on = before.pegged_on
        queue.put_all(list(before.lines.values()))
        self.queue = queue
        return True

    def pegged_whole(self) -> Queue:
        """Return the queue as it is pegged at once, with nothing known from before."""
        queue = Queue("A")
        queue.receipts, queue.sources = self.queue.receipts, self.queue.sources
        queue.put_all([line.pegged_to(()) for line in self.queue.lines.values()])
        queue.peg_whole(self.settings, self.today)
        return queue


def order_something(item: HotItem, chance: Random) -> bool:
    """Place an order, or change one."""
    return item.put(
        chance.randint(1, 16), chance.choice(sorted(item.settings.pools.keys() - {"default"})),
        chance.randint(0, 6), chance.choice([0, 0, 0, 2]),
        (chance.choice([1, 2, 2, 2]), chance.randint(0, 1)),
    )


def expect_something(item: HotItem, chance: Random) -> bool:
    """Have units come that did not, or on another day."""
    return item.expect(
        chance.randint(1, 6), chance.choice("EEWWNNSS?"), chance.randint(0, 14),
        chance.choice([None, -1, 0, 1, 1, 2, 2, 3, 3, 5]),
    )


Step = Callable[[HotItem, Random], bool]
"""Does something to an item; returns whether only lines changed."""

STEPS: list[Step] = [
    *[order_something] * 6,
    *[expect_something] * 5,
    *[lambda item, chance: item.cancel(chance.randint(1, 16))] * 2,
    lambda item, chance: item.hold(chance.choice("EWNS"), chance.randint(0, 4)),
    lambda item, chance: item.block(chance.choice("EWNS")),
    lambda item, chance: item.disable(chance.choice("EWNS")),
    lambda item, chance: item.pass_days(chance.randint(1, 2)),
    lambda item, _: item.pause(),
    lambda item, _: item.reload(),
]


@pytest.mark.parametrize("pools", [ALONE, SHARING], ids=["alone", "sharing"])
@pytest.mark.parametrize("seed", range(20))
def test_pegging_again_is_pegging_line_by_line(
    pools: dict[str, tuple[str, ...]], seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(waiting_units, "_BLOCK", 2)
    chance, item = Random(seed), HotItem(pools)
    steps = [order_something] * 14 + [expect_something] * 6 + chance.choices(STEPS, k=80)
    for step in steps:
        only_lines = step(item, chance)
        changed = item.queue.peg_again(item.settings, item.today, only_lines=only_lines)
        pegs = pegs_kept(item.queue)
        assert pegs == pegged_line_by_line(item.queue, item.settings, item.today)
        assert item.queue.pegged == len(pegs)
        whole = item.pegged_whole()
        assert (pegs_kept(whole), whole.pegged) == (pegs, len(pegs))
        places = [line.queue_key for line in changed]
        assert places == sorted(places)


@for_all(st.lists(st.tuples(st.integers(0, 40), st.integers(1, 5)), max_size=60))
def test_units_are_summed_and_found_by_sums_whatever_comes_and_goes(
    drawn: list[tuple[int, int]],
) -> None:
    with patch.object(waiting_units, "_BLOCK", 2):
        units, there = WaitingUnits(), dict[tuple[int], int]()
        for number, quantity in drawn:
            if there.pop((number,), None):
                units.take_out((number,))
            else:
                there[number,] = quantity
                units.put((number,), quantity)
            assert units.total == sum(there.values())
            for place in range(42):
                before = sum(each for (at,), each in there.items() if at < place)
                assert units.before((place,)) == before
            each_unit = [place for place in sorted(there) for _ in range(there[place])]
            found = [units.at(unit) for unit in range(units.total + 1)]
            assert [line.place for line in found if line] == each_unit
            assert found[-1] is None
            listed = list(units.between((3,), (30,)))
            assert [line.place for line in listed] == [
                place for place in sorted(there) if (3,) <= place < (30,)
            ]
            assert all(line.begin == units.before(line.place) for line in listed)
