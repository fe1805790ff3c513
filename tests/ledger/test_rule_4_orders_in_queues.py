"""Rule 4, queues: orders take other places, and units go from one order to another."""

from datetime import date

import pytest
from msgspec.structs import replace

from tests.ledger.facts import (
    backorders_set,
    moved,
    prioritised,
    received,
    registered,
    rescheduled,
    reserved,
)
from tests.ledger.order_facts import (
    line_placed,
    order_placed,
    order_prioritised,
    order_rescheduled,
)
from tests.ledger.ordering import (
    OTHER,
    move_allocation,
    of_other,
    prioritise,
    reallocate,
    reschedule,
)
from tests.ledger.streams import Streams
from tests.scenes import ORDER, SKU

LATER = date(2026, 4, 1)


@pytest.fixture
def shop() -> Streams:
    """Two orders: the first has two units of the three that it wants, the second waits for two."""
    second = replace(order_placed(line_placed(1, 2)), order="SO-2")
    return Streams(
        registered(), received(2), backorders_set("allow"), of_other(registered()),
        of_other(received(1)),
        order_placed(
            line_placed(1, 3), line_placed(2, 1, sku=OTHER), line_placed(3, 1, managed=False)
        ),
        reserved(ORDER, 3, waits_for=1), of_other(reserved(ORDER, 1, line=2)),
        second, reserved("SO-2", 2, waits_for=2),
    )


def test_lines_take_their_dates_in_the_queue_of_each_item(shop: Streams) -> None:
    shop.when_asked(reschedule((1, LATER), (2, LATER), (3, LATER))).then(
        order_rescheduled((1, LATER), (2, LATER), (3, LATER)), rescheduled(ORDER, LATER),
        of_other(rescheduled(ORDER, LATER, line=2)),
    )
    shop.when_asked(reschedule((1, LATER))).then()


def test_an_order_takes_its_place_in_the_queue_of_each_item(shop: Streams) -> None:
    shop.when_asked(prioritise(1)).then(
        order_prioritised(1), prioritised(ORDER, 1), of_other(prioritised(ORDER, 1, line=2))
    )
    shop.when_asked(prioritise(1)).then()


def test_units_are_moved_between_orders_that_are_known(shop: Streams) -> None:
    shop.when_asked(move_allocation(2, ORDER, "SO-2", pool="default")).then(
        moved(2, ORDER, "SO-2")
    )
    shop.when_asked(move_allocation(1, ORDER, "SO-9")).then_refused("unknown_order", order="SO-9")
    shop.when_asked(move_allocation(1, "SO-9", ORDER)).then_refused("unknown_order", order="SO-9")
    shop.when_asked(move_allocation(1, ORDER, "SO-2", pool="web")).then_refused("unknown_pool")
    shop.when_asked(move_allocation(0.5, ORDER, "SO-2")).then_refused("decimal_not_allowed")
    Streams().when_asked(move_allocation(1, ORDER, "SO-2")).then_refused("unknown_sku", sku=SKU)


def test_backorders_are_reallocated_by_lines_that_are_there(shop: Streams) -> None:
    shop.when_asked(reallocate("lose", {("SO-2", 1): "win"})).then_something()
    assert shop.stock(SKU).lines["SO-2", 1].backordered == 0
    shop.when_asked(reallocate("gain", {("SO-2", 7): "win"})).then_refused("unknown_line", line=7)
    shop.when_asked(reallocate("gain", {("SO-9", 1): "win"})).then_refused("unknown_order")
