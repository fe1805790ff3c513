"""Rule 4, ship: what can ship of an order over several items, and what is said when it cannot."""

import pytest

from stocktrail.ledger.line_units import LineUnits
from stocktrail.ledger.orders.events import OrderShipped, quantities_of
from tests.ledger.facts import (
    adjusted,
    backorders_set,
    managed,
    received,
    registered,
    reserved,
    shipped,
    shipped_unmanaged,
    source_registered,
    units,
)
from tests.ledger.order_facts import line_placed, order_placed, order_shipped
from tests.ledger.ordering import OTHER, cancel, of_other, ship
from tests.ledger.streams import Streams
from tests.scenes import ORDER, SKU

TWO_ITEMS = (line_placed(1, 10), line_placed(2, 5, sku=OTHER))


def left(*parts: tuple[int, str, int], status: str = "processing") -> OrderShipped:
    """Say which units left with the first shipment."""
    found = [LineUnits(line, sku, units(quantity), managed=True) for line, sku, quantity in parts]
    return OrderShipped(
        order=ORDER, shipment="SH-1", lines=quantities_of(found),
        status=status, content="as shipped in SH-1",  # type: ignore[arg-type]
    )


@pytest.fixture
def shop() -> Streams:
    """Of ten units four are allocated, of five of another item all."""
    return Streams(
        registered(), received(4), backorders_set("allow"),
        of_other(registered()), of_other(received(5)),
        order_placed(*TWO_ITEMS), reserved(ORDER, 10, waits_for=6),
        of_other(reserved(ORDER, 5, line=2)),
    )


def test_everything_that_can_ship_does_and_the_order_is_said_first(shop: Streams) -> None:
    shop.when_asked(ship()).then(
        left((1, SKU, 4), (2, OTHER, 5)), shipped(4, ORDER), of_other(shipped(5, ORDER, line=2)),
    )
    shop.when_asked(ship(shipment="SH-2")).then_refused(
        "backordered_units_cannot_ship", line=1, sku=SKU, shortfall=6
    )


def test_a_line_that_is_named_without_a_quantity_ships_what_can(shop: Streams) -> None:
    shop.when_asked(ship((1, None))).then(left((1, SKU, 4)), shipped(4, ORDER))
    shop.when_asked(ship((1, None), shipment="SH-2")).then_refused(
        "backordered_units_cannot_ship", shortfall=6
    )
    shop.when_asked(ship((3, None), shipment="SH-2")).then_refused("unknown_line")


def test_a_shipment_is_recorded_once(shop: Streams) -> None:
    version = shop.when_asked(ship((1, 1))).then_something().order(ORDER).version
    shop.when_asked(ship((1, 1))).then_known_since(version)


def test_an_order_of_which_nothing_remains_does_not_ship(shop: Streams) -> None:
    shop.when_asked(cancel()).then_something()
    shop.when_asked(ship()).then_refused("not_enough_remaining", remaining=0)
    Streams().when_asked(ship()).then_refused("unknown_order")


def test_a_source_that_nobody_knows_ships_nothing(shop: Streams) -> None:
    shop.when_asked(ship(source="moon")).then_refused("unknown_source")
    shop.happen(source_registered("moon"))
    shop.when_asked(ship(source="moon")).then_refused("not_assigned_to_pool")


def test_an_order_that_ships_complete_leaves_nothing_behind(shop: Streams) -> None:
    shop = Streams(
        *(each.payload for each in shop.log if each.originator_id != f"order/{ORDER}"),
        order_placed(*TWO_ITEMS, ship_policy="complete"),
    )
    shop.when_asked(ship()).then_refused(
        "order_ships_complete", lines=[{"line": 1, "sku": SKU, "shortfall": 6}]
    )
    shop.when_asked(ship((1, 7), (2, 5))).then_refused("backordered_units_cannot_ship")
    shop.happen(received(6)).happen(*shop.when_asked(cancel((1, 6))).events)
    shop.when_asked(ship()).then(
        left((1, SKU, 4), (2, OTHER, 5), status="complete"), shipped(4, ORDER),
        of_other(shipped(5, ORDER, line=2)),
    )


def test_lines_of_an_item_that_is_not_managed_ship_whole(shop: Streams) -> None:
    shop.happen(managed("off"))
    shop.when_asked(ship()).then(
        left((1, SKU, 10), (2, OTHER, 5), status="complete"), shipped(4, ORDER),
        shipped_unmanaged(6, ORDER), of_other(shipped(5, ORDER, line=2)),
    )


def test_lines_that_were_accepted_unmanaged_ship_whole_and_move_nothing() -> None:
    shop = Streams(registered(), order_placed(line_placed(1, 10, managed=False)))
    shop.when_asked(ship((1, 0.5))).then_refused("decimal_not_allowed")
    shop.when_asked(ship()).then(order_shipped((1, 10), status="complete"))


def test_a_shipment_of_before_says_where_the_past_falls_below_zero(shop: Streams) -> None:
    shop.at(30).happen(adjusted(-2)).at(40).happen(received(2))
    told = (
        "past_below_zero: by what is recorded now, source default held -2 of WIDGET at "
        "1970-01-01T00:00:00.000030Z. Something that happened before is missing, or a time is "
        "wrong."
    )
    shop.at(20).when_asked(ship((1, 4))).then(
        left((1, SKU, 4)), shipped(4, ORDER), told=[told]
    )
