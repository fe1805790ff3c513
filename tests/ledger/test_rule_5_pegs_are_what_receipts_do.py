"""Rule 5.2: receive everything as expected, and each line gets exactly its pegs on their days.

The shops have pools that share sources in a chain, one that stands alone, sources that are disabled
and items that are set out of stock; receipts are then really received, by the decision that every
receipt goes through.
"""

from collections.abc import Sequence
from datetime import date, timedelta

import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st

from stocktrail.ledger.pegging import (
    Blocked,
    OpenReceipt,
    StockBefore,
    counted_on,
    why_blocked,
)
from stocktrail.ledger.stock import movements
from stocktrail.ledger.stock.events import BackorderAllocated
from tests.ledger.decisions import (
    count,
    define_pool,
    disable,
    enable,
    prioritise,
    receive,
    set_status,
    transfer,
)
from tests.ledger.facts import (
    DAY,
    backorders_set,
    pool_defined,
    received,
    registered,
    reserved,
    source_disabled,
    source_registered,
    status_set,
    units,
)
from tests.ledger.histories import all_allocated, cancel_some, place_once, reschedule_first
from tests.ledger.line_by_line import QueuedLine
from tests.ledger.promises import TODAY, due, peg
from tests.scenes import Decision, Scene, given

Pegs = dict[tuple[str, int], list[tuple[str, int]]]
"""What each line gets of which purchase order, in the order in which it comes."""

CHAIN = {"P1": ("E",), "P2": ("E", "W"), "P3": ("W", "N"), "P4": ("S",)}
OFFSET = 2

SOURCES = st.sampled_from(["E", "E", "W", "W", "N", "N", "S", "attic"])
POOLS = st.sampled_from(sorted(CHAIN))
ORDERS = st.sampled_from([f"SO-{number}" for number in range(1, 9)])
FEW = st.integers(1, 6)
DAYS = st.integers(0, 3).map(lambda days: DAY + timedelta(days=days))

PLACE = st.builds(
    place_once, ORDERS, st.lists(st.tuples(FEW, DAYS), min_size=1, max_size=2), POOLS
)
STEPS: st.SearchStrategy[Decision] = st.one_of(
    st.builds(receive, FEW, SOURCES),
    st.builds(count, FEW, SOURCES),
    st.builds(transfer, FEW, SOURCES, SOURCES),
    st.builds(set_status, st.sampled_from(["in_stock", "out_of_stock"]), SOURCES),
    st.builds(disable, SOURCES),
    st.builds(enable, SOURCES),
    st.builds(
        lambda pool, sources: define_pool(pool, *sources), POOLS,
        st.lists(SOURCES, unique=True, min_size=1, max_size=3),
    ),
    PLACE,
    st.builds(all_allocated, ORDERS),
    st.builds(cancel_some, ORDERS, st.integers(1, 2)),
    st.builds(prioritise, ORDERS, st.integers(1, 3)),
    st.builds(reschedule_first, ORDERS, DAYS),
)
HISTORIES = st.tuples(
    st.lists(st.builds(receive, FEW, SOURCES), max_size=3),
    st.lists(PLACE, min_size=4, max_size=9),
    st.lists(STEPS, max_size=8),
).map(lambda parts: [step for part in parts for step in part])
RECEIPTS = st.lists(
    st.builds(
        OpenReceipt, purchase_order=st.just(""), line=st.just(1), source=SOURCES,
        quantity=st.integers(1, 9).map(units),
        expected_date=st.integers(-3, 9).map(lambda days: TODAY + timedelta(days=days)),
        placed=st.just(0),
    ), min_size=1, max_size=8,
).map(lambda drawn: [
    each._replace(purchase_order=f"PO-{at}", placed=at) for at, each in enumerate(drawn)
])


def opened() -> Scene:
    """Open a shop whose pools share sources in a chain."""
    return given(
        *(source_registered(source) for source in ("E", "W", "N", "S", "attic")),
        *(pool_defined(pool, *sources) for pool, sources in CHAIN.items()),
        registered(),
        backorders_set("allow", sku=None),
    )


def after(history: Sequence[Decision]) -> Scene:
    """Return the shop after a history."""
    shop = opened()
    for step in history:
        decided = shop.when(step)
        if decided.refusal is None:
            shop = decided.then_something()
    return shop


def blocked(shop: Scene, receipt: OpenReceipt) -> Blocked | None:
    """Return why a receipt helps nobody, if it does not."""
    return why_blocked(
        receipt.source, disabled=shop.settings.disabled, out_of_stock=shop.stock.out_of_stock,
        sources_of=shop.settings.pools,
    )


def waiting(shop: Scene) -> list[QueuedLine]:
    """Return the lines that wait, in queue order."""
    return [
        QueuedLine(each.order, each.line, each.pool, 0, each.backordered, DAY)
        for each in shop.stock.waiting({})
    ]


def pegs_of(
    shop: Scene, receipts: Sequence[OpenReceipt], lines: Sequence[QueuedLine]
) -> Pegs:
    """Peg receipts to lines that wait."""
    standing = StockBefore(shop.stock.sellable(shop.settings), shop.stock.allocated)
    promises = peg(
        lines, [each for each in receipts if not blocked(shop, each)], shop.settings.pools, TODAY,
        OFFSET, standing,
    )
    pegged: Pegs = {}
    for promised in promises:
        for part in promised.parts:
            if part.purchase_order is not None:
                own = pegged.setdefault((promised.order, promised.line), [])
                own.append((part.purchase_order, part.quantity))
    return pegged


def in_date_order(receipts: Sequence[OpenReceipt]) -> list[OpenReceipt]:
    """Put receipts in the order in which they are counted on."""
    def comes(receipt: OpenReceipt) -> tuple[date, int]:
        assert receipt.expected_date is not None
        return (counted_on(receipt.expected_date, TODAY, OFFSET), receipt.placed)

    return sorted(receipts, key=comes)


def received_as_expected(shop: Scene, receipts: Sequence[OpenReceipt]) -> Pegs:
    """Really receive everything, and say which line got how much of which purchase order."""
    shop = shop.copy()
    got: Pegs = {}
    for receipt in in_date_order(receipts):
        events = movements.receive(
            shop.stock, shop.settings, receipt.source, receipt.quantity, None
        )
        for event in events:
            shop.happen(event)
            if isinstance(event, BackorderAllocated):
                own = got.setdefault((event.order, event.line), [])
                own.append((receipt.purchase_order, event.quantity))
    return got


@for_all(HISTORIES, RECEIPTS)
def test_receive_everything_as_expected_and_each_line_gets_exactly_its_pegs(
    history: list[Decision], receipts: list[OpenReceipt]
) -> None:
    shop = after(history)
    assert pegs_of(shop, receipts, waiting(shop)) == received_as_expected(shop, receipts)


def test_a_receipt_that_frees_units_for_another_pool_is_pegged_to_who_gets_them() -> None:
    shop = opened().copy()
    for event in (
        received(5, "E"), reserved("SO-2", 5, pool="P2"),
        reserved("SO-1", 5, waits_for=5, pool="P1"),
        received(1, "S"), reserved("SO-3", 2, waits_for=1, pool="P4"),      # stands alone
    ):
        shop.happen(event)
    assert pegs_of(shop, [due("PO-1", 5, 9, source="W")], waiting(shop)) == {
        ("SO-1", 1): [("PO-1", units(5))]
    }


@pytest.mark.parametrize(("source", "reason"), [
    ("E", "source_disabled"), ("W", "item_out_of_stock"), ("attic", "serves_no_pool"), ("S", None),
])
def test_a_receipt_that_cannot_be_sold_when_it_comes_is_blocked_with_the_reason(
    source: str, reason: Blocked | None
) -> None:
    shop = opened()
    for event in (source_disabled("E"), received(1, "W"), status_set("out_of_stock", "W")):
        shop.happen(event)
    assert blocked(shop, due("PO-1", 5, 9, source=source)) == reason
