"""Rule 4.14, whatever is recorded in whatever order: an oracle says what sources held."""

from typing import Any

from hypothesis import given as for_all
from hypothesis import settings
from hypothesis import strategies as st

from stocktrail.ledger.instant import to_iso
from stocktrail.ledger.quantity import SCALE
from stocktrail.ledger.stock.events import StockShipped
from tests.ledger.books import Books
from tests.ledger.decisions import adjust, count, place, receive, ship, transfer
from tests.ledger.facts import backorders_set, pool_defined, registered, source_registered
from tests.ledger.histories import STEPS
from tests.ledger.histories import opened as opened_with_two_pools
from tests.ledger.oracle import Fact, falls_below_zero, held, is_refused
from tests.scenes import Decision, given

SOURCES = ("east", "west")
sources = st.sampled_from(SOURCES)
units = st.integers(1, 9)
times = st.integers(0, 12)

asked = st.one_of(
    st.tuples(st.just("receive"), sources, units),
    st.tuples(st.just("adjust"), sources, units),
    st.tuples(st.just("count"), sources, st.integers(0, 12)),
    st.tuples(st.just("transfer"), sources, units),
    st.tuples(st.just("place"), sources, units),
    st.tuples(st.just("ship"), st.none() | sources, units),
)


def opened() -> Books:
    """Open the books of an item with backorders, in one pool over both sources."""
    return Books(given(
        registered(), backorders_set("allow"), *map(source_registered, SOURCES),
        pool_defined("both", *SOURCES),
    ))


def wish(kind: str, source: str, number: int, at: int) -> tuple[Decision, list[Fact]]:
    """Return what is asked, and the facts that it consists of."""
    if kind == "receive":
        return receive(number, source), [Fact(at, source, number)]
    if kind == "adjust":
        return adjust(-number, source), [Fact(at, source, -number)]
    if kind == "count":
        return count(number, source), [Fact(at, source, counted=number)]
    [other] = set(SOURCES) - {source}
    return transfer(number, source, other), [Fact(at, source, -number), Fact(at, other, number)]


def sell(books: Books, at: int, number: int) -> None:
    """Place an order that takes what there is, if any source carries it, and waits for the rest."""
    books.record(at, place(f"SO-{len(books.log)}", number, pool="both"))


def deliver(books: Books, at: int, source: str | None, number: int) -> list[Fact] | None:
    """Ship some of what is allocated first; ``None`` when nothing is, or it is not there."""
    ready = [line for line in books.scene.stock.lines.values() if line.allocated]
    if not ready:
        return None
    quantity = min(ready[0].allocated // SCALE, number)
    entry = books.record(at, ship(ready[0].order, quantity, source=source))
    if entry.refusal is not None:
        assert source is not None
        assert entry.refusal.code in ("not_enough_on_hand", "no_source_in_stock")
        return None
    return [
        Fact(at, pick.source, -pick.quantity // SCALE)
        for event in entry.events if isinstance(event, StockShipped) for pick in event.picks
    ]


def keep_books(steps: list[tuple[tuple[str, Any, int], int]], first: int = 0) -> Books:
    """Record all steps, and see after each that the books say what the oracle says."""
    books = opened()
    facts: list[Fact] = []
    for (kind, source, number), at in steps:
        if kind == "place":
            sell(books, first + at, number)
        elif kind == "ship":
            news = deliver(books, first + at, source, number)
            assert news is None or not is_refused(facts, news)
            facts += news or []
        else:
            decision, news = wish(kind, source, number, first + at)
            entry = books.record(first + at, decision)
            assert (entry.refusal is not None) == is_refused(facts, news)
            if entry.refusal is not None:
                assert entry.refusal.code == "not_enough_on_hand"
                continue
            below = falls_below_zero(facts, news)
            for told, (name, when) in zip(entry.told, below.items(), strict=True):
                assert f"source {name} held -" in told
                assert to_iso(when) in told
            facts += news
        for name in SOURCES:
            assert books.on_hand(name) == held(facts, name)
    for name in SOURCES:
        for at in range(first - 1, first + 14):
            assert books.as_it_occurred(at, name) == held(facts, name, at)
    return books


@for_all(st.lists(st.tuples(asked, times), max_size=25))
def test_sources_held_what_a_count_found_and_what_moved_since(
    steps: list[tuple[tuple[str, Any, int], int]],
) -> None:
    keep_books(steps)


@settings(max_examples=20)
@for_all(
    st.lists(st.tuples(asked, times), min_size=110, max_size=130),
    st.lists(st.tuples(asked, times), max_size=20),
)
def test_it_is_so_for_what_lies_further_back_than_an_item_keeps(
    steps: list[tuple[tuple[str, Any, int], int]], late: list[tuple[tuple[str, Any, int], int]],
) -> None:
    # First in order of time, so that most is forgotten, then whatever comes late.
    in_order = sorted(steps, key=lambda step: step[1])
    keep_books([*in_order, *late])


@for_all(st.lists(st.tuples(STEPS, times), max_size=25))
def test_pools_that_share_a_source_stay_feasible_and_nobody_waits_in_vain(
    steps: list[tuple[Decision, int]],
) -> None:
    books = Books(opened_with_two_pools())
    for step, at in steps:
        books.record(at, step)
