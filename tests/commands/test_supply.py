"""Supply by command: what moves units, what may be sold where, and what is not managed at all."""

from typing import Any

import pytest

from stocktrail.ledger.store import Ledger
from tests.commands.scenes import (
    Command,
    backorders,
    given,
    levels,
    on_hand,
    order,
    pool,
    product,
    receive,
    ship,
    source,
    types,
    waiting,
    when,
)


def count(quantity: Any, **more: Any) -> Command:
    """Count an item."""
    return {"command": "count-stock", "sku": "A", "counted": quantity, **more}


def adjust(delta: Any, **more: Any) -> Command:
    """Adjust an item."""
    return {"command": "adjust-stock", "sku": "A", "delta": delta, "reason": "broken", **more}


def transfer(quantity: Any, one: str, other: str) -> Command:
    """Transfer an item."""
    return {"command": "transfer-stock", "sku": "A", "quantity": quantity, "from_source": one,
            "to_source": other}


def status(which: str, at: str = "default") -> Command:
    """Set an item in stock or out of stock."""
    return {"command": "set-stock-status", "sku": "A", "source": at, "status": which}


@pytest.fixture
def busy(ledger: Ledger) -> Ledger:
    """Return a ledger with 6 units, all allocated: 4 to SO-1, then 2 of 3 to SO-2."""
    given(ledger, product(), source("east"), backorders(), receive(6), order("SO-1", 4),
          order("SO-2", 3))
    assert waiting(ledger, "A") == {("SO-1", 1): (4, 0), ("SO-2", 1): (2, 1)}
    return ledger


@pytest.mark.parametrize("command", [count(3), adjust(-3), transfer(3, "default", "east")])
def test_allocations_are_revoked_from_the_end_of_the_queue_when_supply_shrinks(
    busy: Ledger, command: Command
) -> None:
    result = when(busy, **command)
    assert types(result)[:2] == ["AllocationRevoked", "AllocationRevoked"]
    assert waiting(busy, "A") == {("SO-1", 1): (3, 1), ("SO-2", 1): (0, 3)}


@pytest.mark.parametrize(
    ("off", "on"),
    [
        (status("out_of_stock"), status("in_stock")),
        ({"command": "disable-source", "source": "default"},
         {"command": "enable-source", "source": "default"}),
        (pool("default", "east"), pool("default", "east", "default")),
    ],
)
def test_what_may_not_be_sold_any_more_is_revoked_and_comes_back(
    busy: Ledger, off: Command, on: Command
) -> None:
    before = levels(busy, "A")
    given(busy, off)
    assert waiting(busy, "A") == {("SO-1", 1): (0, 4), ("SO-2", 1): (0, 3)}
    assert on_hand(busy, "A") == {"default": 6}
    assert levels(busy, "A").supply == 0
    given(busy, on)
    assert waiting(busy, "A") == {("SO-1", 1): (4, 0), ("SO-2", 1): (2, 1)}
    assert levels(busy, "A") == before
    again = when(busy, **on)
    assert (again.status, again.events) == ("accepted", [])


@pytest.mark.parametrize("command", [receive(3), count(9), adjust(3)])
def test_whatever_grows_supply_serves_the_queue_at_once(busy: Ledger, command: Command) -> None:
    assert types(when(busy, **command))[-1] == "BackorderAllocated"
    assert waiting(busy, "A")["SO-2", 1] == (3, 0)
    assert levels(busy, "A").supply == 9


def test_a_transfer_in_serves_the_queue(busy: Ledger) -> None:
    given(busy, receive(5, source="east"), transfer(2, "east", "default"))
    assert waiting(busy, "A")["SO-2", 1] == (3, 0)
    assert on_hand(busy, "A") == {"default": 8, "east": 3}


def test_on_hand_never_falls_below_nothing(busy: Ledger) -> None:
    result = when(busy, **adjust(-7))
    assert (result.code, result.details["shortfall"]) == ("not_enough_on_hand", 1)
    assert when(busy, **transfer(7, "default", "east")).code == "not_enough_on_hand"
    assert when(busy, **transfer(1, "east", "default")).code == "not_enough_on_hand"
    assert when(busy, **transfer(1, "east", "east")).code == "same_source"
    assert when(busy, **adjust(-1, source="east")).code == "not_enough_on_hand"
    assert on_hand(busy, "A") == {"default": 6}


def test_fractions_of_whole_units_are_refused_everywhere(busy: Ledger) -> None:
    for command in (receive(0.5), count(0.5), adjust(0.5), transfer(0.5, "default", "east")):
        assert when(busy, **command).code == "decimal_not_allowed"


@pytest.mark.parametrize(
    "command",
    [receive(1, source="east"), count(0, source="east"), adjust(1, source="east"),
     transfer(1, "default", "east")],
)
def test_what_puts_units_at_a_new_source_creates_the_source_item(
    busy: Ledger, command: Command
) -> None:
    assert when(busy, **status("out_of_stock", "east")).code == "unknown_source_item"
    given(busy, command)
    assert "east" in on_hand(busy, "A")
    given(busy, status("out_of_stock", "east"))


def test_a_source_that_two_pools_share_is_never_promised_twice(ledger: Ledger) -> None:
    given(
        ledger, product(), source("own"), source("shared"), pool("one", "own", "shared"),
        pool("two", "shared"), receive(2, source="own"), receive(3, source="shared"),
    )
    assert (levels(ledger, "A", "one").salable, levels(ledger, "A", "two").salable) == (5, 3)
    given(ledger, order("SO-1", 4, pool="one"))
    assert (levels(ledger, "A", "one").salable, levels(ledger, "A", "two").salable) == (1, 1)
    assert when(ledger, **order("SO-2", 2, pool="two")).code == "not_enough_salable"
    given(ledger, order("SO-2", 1, pool="two"))
    assert (levels(ledger, "A", "one").salable, levels(ledger, "A", "two").salable) == (0, 0)


def test_the_pool_that_ships_leaves_what_the_other_needs(ledger: Ledger) -> None:
    given(
        ledger, product(), source("own"), source("shared"), pool("one", "shared", "own"),
        pool("two", "shared"), receive(2, source="own"), receive(3, source="shared"),
        order("SO-1", 2, pool="one"), order("SO-2", 3, pool="two"),
    )
    assert when(ledger, **ship("SO-1", "S", source="shared")).code == "not_enough_on_hand"
    given(ledger, ship("SO-1", "S-1"), ship("SO-2", "S-2"))
    assert on_hand(ledger, "A") == {"own": 0, "shared": 0}


def test_one_queue_goes_over_all_pools(ledger: Ledger) -> None:
    given(
        ledger, product(), backorders(), source("own"), source("shared"),
        pool("one", "own", "shared"), pool("two", "shared"), receive(1, source="shared"),
        order("SO-0", 1, pool="two"), order("SO-1", 2, pool="two"), order("SO-2", 2, pool="one"),
    )
    given(ledger, receive(1, source="own"))
    assert waiting(ledger, "A")["SO-2", 1] == (1, 1)
    given(ledger, receive(3, source="shared"))
    assert waiting(ledger, "A") == {
        ("SO-0", 1): (1, 0), ("SO-1", 1): (2, 0), ("SO-2", 1): (2, 0)
    }


# ---------------------------------------------------------------- unmanaged stock


def managed(switch: str) -> Command:
    """Switch the counting of stock on or off for the item."""
    return {"command": "set-manage-stock", "sku": "A", "manage": switch}


def test_unmanaged_items_skip_quantities_but_not_the_quantity_rules(ledger: Ledger) -> None:
    given(ledger, product(), count(0), managed("off"))
    assert when(ledger, **order("SO-1", 10_001)).code == "max_sale_quantity"
    result = when(ledger, **order("SO-1", 500))
    assert types(result) == ["OrderPlaced"]
    assert levels(ledger, "A").demand == 0
    assert when(ledger, **order("SO-2", 1, sku="B")).code == "unknown_sku"


def test_an_unmanaged_item_needs_no_source(ledger: Ledger) -> None:
    given(ledger, product(), managed("off"), order("SO-1", 2), ship("SO-1", "S-1"))
    assert on_hand(ledger, "A") == {}
    given(ledger, managed("on"))
    assert when(ledger, **order("SO-2", 1)).code == "not_assigned_to_pool"


def test_a_line_accepted_while_unmanaged_stays_so(ledger: Ledger) -> None:
    given(ledger, product(), count(3), managed("off"), order("SO-1", 5), managed("on"))
    assert levels(ledger, "A") == (3, 0, 0, 0, 3)
    given(ledger, {"command": "reschedule-order", "order": "SO-1", "reason": "later",
                   "lines": [{"line": 1, "requested_date": "2030-01-01"}]},
          {"command": "prioritise-order", "order": "SO-1", "priority": 1, "reason": "now"},
          {"command": "cancel-order", "order": "SO-1", "lines": [{"line": 1, "quantity": 1}]})
    shipped = when(ledger, **ship("SO-1", "S-1"))
    assert types(shipped) == ["OrderShipped"]
    assert on_hand(ledger, "A") == {"default": 3}
    back = {"command": "refund-order", "order": "SO-1", "refund": "R-1"}
    part = {"line": 1, "quantity": 1, "outcome": "return"}
    lost = when(ledger, **back, lines=[{**part, "source": "nowhere"}])
    assert lost.code == "unknown_source"
    assert types(when(ledger, **back, lines=[part])) == ["OrderRefunded"]
    assert on_hand(ledger, "A") == {"default": 3}


def test_a_line_accepted_while_managed_stays_so_too(ledger: Ledger) -> None:
    given(ledger, product(), receive(3), order("SO-1", 2), managed("off"), ship("SO-1", "S-1"))
    assert on_hand(ledger, "A") == {"default": 1}


def test_older_lines_of_an_unmanaged_item_ship_any_time(ledger: Ledger) -> None:
    given(ledger, product(), backorders(), receive(2), order("SO-1", 5), order("SO-2", 4),
          order("SO-3", 1, ship_policy="complete"), managed("off"))
    shipped = when(ledger, **ship("SO-1", "S-1"))
    assert types(shipped) == ["OrderShipped", "StockShipped", "UnmanagedUnitsShipped"]
    assert on_hand(ledger, "A") == {"default": 0}
    part = when(ledger, **ship("SO-2", "S-1", lines=[{"line": 1, "quantity": 3}]))
    assert types(part) == ["OrderShipped", "UnmanagedUnitsShipped"]
    assert when(ledger, **ship("SO-2", "S-2", lines=[{"line": 1, "quantity": 2}])).code == (
        "not_enough_remaining"
    )
    assert when(ledger, **ship("SO-3", "S-1")).status == "accepted"
    given(ledger, managed("on"))
    assert waiting(ledger, "A") == {("SO-2", 1): (0, 1)}
    assert when(ledger, **ship("SO-2", "S-2")).code == "backordered_units_cannot_ship"


def test_older_lines_of_an_unmanaged_item_are_cancelled_and_released_like_others(
    ledger: Ledger
) -> None:
    given(ledger, product(), backorders(), receive(2), order("SO-1", 5), order("SO-2", 2),
          {"command": "set-manage-stock", "manage": "off"},
          {"command": "cancel-order", "order": "SO-1", "lines": [{"line": 1, "quantity": 4}]})
    assert waiting(ledger, "A") == {("SO-1", 1): (1, 0), ("SO-2", 1): (1, 1)}


def test_registered_with_a_source_an_item_is_carried_there(ledger: Ledger) -> None:
    given(ledger, source("east"), pool("web", "east"), backorders())
    result = when(ledger, **product("NEW", source="east"))
    assert types(result) == ["ProductRegistered", "SourceItemCreated"]
    assert on_hand(ledger, "NEW") == {"east": 0}
    given(ledger, order("SO-1", 3, sku="NEW", pool="web"))
    assert types(when(ledger, **product("NEW", source="east"))) == []
    assert types(when(ledger, **product("NEW", source="default"))) == ["SourceItemCreated"]
    assert when(ledger, **product("OTHER", source="mars")).code == "unknown_source"
    assert when(ledger, **order("SO-2", 1, sku="OTHER")).code == "unknown_sku"


def test_an_order_may_mix_managed_and_unmanaged_items(ledger: Ledger) -> None:
    given(ledger, product(), product("B"), count(0), receive(1, "B"), managed("off"),
          order("SO-1", 7, {"sku": "B", "quantity": 1}, ship_policy="complete"))
    assert types(when(ledger, **ship("SO-1", "S-1"))) == ["OrderShipped", "StockShipped"]


def test_an_item_stays_in_whole_units_while_fractions_are_there(ledger: Ledger) -> None:
    given(ledger, product(decimal=True), receive(0.5))
    assert when(ledger, **product(decimal=False)).code == "decimal_not_allowed"
    given(ledger, count(0), product(decimal=False))
