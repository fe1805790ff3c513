"""Orders by command: place, queue, ship, cancel, reschedule, prioritise, move (rules 2.4, 4.6)."""

from typing import Any

import pytest

from stocktrail.commands.scripts.results import Result
from stocktrail.ledger.store import Ledger
from tests.commands.scenes import (
    backorders,
    given,
    levels,
    on_hand,
    order,
    pool,
    product,
    receive,
    send,
    ship,
    source,
    types,
    waiting,
    when,
)


def cancel(name: str, *parts: tuple[int, Any]) -> dict[str, Any]:
    """Cancel an order, or units of its lines."""
    lines = [{"line": line, "quantity": quantity} for line, quantity in parts]
    return {"command": "cancel-order", "order": name, **({"lines": lines} if lines else {})}


def codes(result: Result) -> list[str]:
    """Return every failing rule of a refusal."""
    return [failure["code"] for failure in result.details["failures"]]


def last(result: Result, kind: str) -> dict[str, Any]:
    """Return the data of the last event of a type."""
    return [event["data"] for event in result.events if event["type"] == kind][-1]  # type: ignore[no-any-return]


# ---------------------------------------------------------------- 2.4 quantity rules


def test_every_failing_rule_is_reported_in_order(ledger: Ledger) -> None:
    given(
        ledger, product(), receive(9),
        {"command": "set-quantity-rules", "sku": "A", "min_sale": 4, "increment": 2},
        {"command": "set-stock-status", "sku": "A", "status": "out_of_stock"},
    )
    assert codes(when(ledger, **order("SO-1", 2.5))) == [
        "min_sale_quantity", "quantity_increment", "decimal_not_allowed", "no_source_in_stock"
    ]
    assert codes(when(ledger, **order("SO-1", 10_001))) == [
        "max_sale_quantity", "quantity_increment", "no_source_in_stock"
    ]


def test_not_enough_salable_is_said_only_when_no_other_rule_fails(ledger: Ledger) -> None:
    given(ledger, product(), receive(3))
    assert codes(when(ledger, **order("SO-1", 10_001))) == ["max_sale_quantity"]
    result = when(ledger, **order("SO-1", 4))
    assert codes(result) == ["not_enough_salable"]
    assert (result.details["salable_quantity"], result.details["shortfall"]) == (3, 1)


def test_what_is_unknown_is_named(ledger: Ledger) -> None:
    given(ledger, product(), source("east"), pool("shop", "east"), receive(3))
    assert when(ledger, **order("SO-1", 1, sku="B")).code == "unknown_sku"
    assert when(ledger, **order("SO-1", 1, pool="web")).code == "unknown_pool"
    assert when(ledger, **order("SO-1", 1, pool="shop")).code == "not_assigned_to_pool"
    assert when(ledger, **receive(1, source="west")).code == "unknown_source"
    assert when(ledger, **cancel("SO-9")).code == "unknown_order"
    assert when(ledger, **ship("SO-9", "S")).code == "unknown_order"
    given(ledger, order("SO-1", 1))
    assert when(ledger, **cancel("SO-1", (2, 1))).code == "unknown_line"
    assert when(ledger, **pool("web", "north")).code == "unknown_source"


def test_lines_of_one_order_are_judged_on_their_sum_and_all_items_are_named(
    ledger: Ledger
) -> None:
    given(ledger, product(), product("B"), receive(5), receive(1, "B"))
    result = when(ledger, **order("SO-1", 3, 3, {"sku": "B", "quantity": 2}))
    assert [(failure["sku"], failure["shortfall"]) for failure in result.details["failures"]] == [
        ("A", 1), ("B", 1)
    ]
    assert waiting(ledger, "A") == waiting(ledger, "B") == {}


# ---------------------------------------------------------------- place and queue


def test_a_line_allocates_what_is_free_and_backorders_the_rest(ledger: Ledger) -> None:
    given(ledger, product(decimal=True), backorders(), receive(5.5))
    result = when(ledger, **order("SO-1", 10, occurred_at="2026-03-01T12:00:00Z"))
    placed = last(result, "OrderPlaced")["lines"][0]
    assert (placed["backordered"], placed["backorders"], placed["backorders_level"]) == (
        4.5, "allow", "global"
    )
    assert placed["requested_date"] == "2026-03-01"
    assert levels(ledger, "A") == (5.5, 10, 5.5, 4.5, -4.5)


@pytest.mark.parametrize(
    ("policy", "messages"),
    [("allow", []), ("allow_and_notify", ["2 of A will be backordered and shipped later."])],
)
def test_the_customer_is_told_only_when_the_policy_says_so(
    ledger: Ledger, policy: str, messages: list[str]
) -> None:
    given(ledger, product(), backorders(policy), receive(3))
    assert list(when(ledger, **order("SO-1", 5)).messages) == messages


def test_the_queue_goes_by_priority_then_date_then_position_then_line(ledger: Ledger) -> None:
    def wanted(day: str) -> dict[str, Any]:
        return {"sku": "A", "quantity": 1, "requested_date": day}

    given(
        ledger, product(), backorders(), receive(1), order("FIRST", 1),
        order("LATE", wanted("2026-05-01")), order("EARLY", wanted("2026-04-01")),
        order("TWINS", wanted("2026-04-01"), wanted("2026-04-01")),
        order("URGENT", wanted("2026-06-01"), priority=1),
    )
    served = [
        (event["data"]["order"], event["data"]["line"])
        for result in send(ledger, *[receive(1)] * 5)
        for event in result.events if event["type"] == "BackorderAllocated"
    ]
    assert served == [("URGENT", 1), ("EARLY", 1), ("TWINS", 1), ("TWINS", 2), ("LATE", 1)]


def test_rescheduled_and_prioritised_lines_take_their_new_places(ledger: Ledger) -> None:
    given(
        ledger, product(), backorders(), receive(1), order("FIRST", 1),
        order("ONE", 1), order("TWO", 1), order("THREE", 1),
        {"command": "reschedule-order", "order": "ONE", "reason": "holiday",
         "lines": [{"line": 1, "requested_date": "2099-01-01"}]},
        {"command": "prioritise-order", "order": "THREE", "priority": 1, "reason": "hospital"},
    )
    given(ledger, receive(1))
    assert waiting(ledger, "A")["THREE", 1] == (1, 0)
    given(ledger, receive(1))
    assert waiting(ledger, "A")["TWO", 1] == (1, 0)
    again = when(ledger, command="prioritise-order", order="THREE", priority=1, reason="again")
    assert (again.status, again.events) == ("accepted", [])


# ---------------------------------------------------------------- ship


def test_shipping_lowers_on_hand_allocated_and_demand_alike(ledger: Ledger) -> None:
    given(ledger, product(), receive(10), order("SO-1", 4))
    before = levels(ledger, "A")
    result = when(ledger, **ship("SO-1", "S-1"))
    assert types(result) == ["OrderShipped", "StockShipped"]
    assert last(result, "OrderShipped")["status"] == "complete"
    assert levels(ledger, "A") == (6, 0, 0, 0, before.salable)
    assert on_hand(ledger, "A") == {"default": 6}


def test_only_allocated_units_ship_and_the_shortfall_is_named(ledger: Ledger) -> None:
    given(ledger, product(), backorders(), receive(3), order("SO-1", 5), order("SO-2", 1))
    result = when(ledger, **ship("SO-1", "S-1", lines=[{"line": 1, "quantity": 5}]))
    assert result.code == "backordered_units_cannot_ship"
    assert (result.details["sku"], result.details["shortfall"]) == ("A", 2)
    nothing = when(ledger, **ship("SO-2", "S-2"))
    assert (nothing.code, nothing.details["shortfall"]) == ("backordered_units_cannot_ship", 1)
    given(ledger, ship("SO-1", "S-1b"))
    assert waiting(ledger, "A")["SO-1", 1] == (0, 2)
    too_much = when(ledger, **ship("SO-1", "S-3", lines=[{"line": 1, "quantity": 3}]))
    assert too_much.code == "not_enough_remaining"


def test_a_complete_order_ships_only_whole(ledger: Ledger) -> None:
    given(ledger, product(), product("B"), backorders(), receive(5), receive(1, "B"))
    given(ledger, order("SO-1", 5, {"sku": "B", "quantity": 2}, ship_policy="complete"))
    assert when(ledger, **ship("SO-1", "S-1")).code == "order_ships_complete"
    some = when(ledger, **ship("SO-1", "S-2", lines=[{"line": 1}]))
    assert (some.code, some.details["lines"]) == (
        "order_ships_complete", [{"line": 2, "sku": "B", "shortfall": 2}]
    )
    given(ledger, receive(1, "B"))
    assert when(ledger, **ship("SO-1", "S-3")).status == "accepted"


def test_the_pool_chooses_its_sources_in_order_of_priority(ledger: Ledger) -> None:
    given(
        ledger, product(), source("east"), source("west"), pool("shop", "west", "east"),
        receive(3, source="west"), receive(9, source="east"), order("SO-1", 5, pool="shop"),
    )
    result = when(ledger, **ship("SO-1", "S-1"))
    assert last(result, "StockShipped")["picks"] == [
        {"source": "west", "quantity": 3}, {"source": "east", "quantity": 2}
    ]


def test_a_named_source_ships_or_says_why_not(ledger: Ledger) -> None:
    given(
        ledger, product(), source("east"), source("west"), source("north"),
        pool("shop", "west", "east"), receive(3, source="west"), receive(9, source="east"),
        receive(9, source="north"), order("SO-1", 5, pool="shop"),
        order("SO-2", 1, pool="shop"),
    )
    assert when(ledger, **ship("SO-1", "S", source="west")).code == "not_enough_on_hand"
    assert when(ledger, **ship("SO-1", "S1", source="north")).code == "not_assigned_to_pool"
    assert when(ledger, **ship("SO-1", "S2", source="nowhere")).code == "unknown_source"
    given(ledger, {"command": "set-stock-status", "sku": "A", "source": "west",
                   "status": "out_of_stock"})
    assert when(ledger, **ship("SO-1", "S3", source="west")).code == "no_source_in_stock"
    given(ledger, ship("SO-1", "S4", source="east"))
    assert on_hand(ledger, "A") == {"west": 3, "east": 4, "north": 9}


# ---------------------------------------------------------------- cancel and status


def test_cancelling_gives_units_back_to_the_pool_and_to_no_source(ledger: Ledger) -> None:
    given(ledger, product(), receive(25), order("SO-1", 10))
    assert levels(ledger, "A").salable == 15
    result = when(ledger, **cancel("SO-1"))
    assert last(result, "OrderCancelled")["status"] == "cancelled"
    assert levels(ledger, "A").salable == 25
    assert on_hand(ledger, "A") == {"default": 25}


def test_backordered_units_are_cancelled_before_allocated_ones(ledger: Ledger) -> None:
    given(ledger, product(), backorders(), receive(3), order("SO-1", 5), order("SO-2", 2))
    given(ledger, cancel("SO-1", (1, 2)))
    assert waiting(ledger, "A") == {("SO-1", 1): (3, 0), ("SO-2", 1): (0, 2)}
    result = when(ledger, **cancel("SO-1", (1, 2)))
    assert types(result) == ["OrderCancelled", "ReservationReleased", "BackorderAllocated"]
    assert waiting(ledger, "A") == {("SO-1", 1): (1, 0), ("SO-2", 1): (2, 0)}


def test_shipped_units_are_never_cancelled(ledger: Ledger) -> None:
    given(ledger, product(), receive(9), order("SO-1", 5),
          ship("SO-1", "S-1", lines=[{"line": 1, "quantity": 3}]))
    assert when(ledger, **cancel("SO-1", (1, 3))).code == "not_enough_remaining"
    result = when(ledger, **cancel("SO-1"))
    assert last(result, "OrderCancelled")["lines"] == [{"line": 1, "sku": "A", "quantity": 2}]
    assert last(result, "OrderCancelled")["status"] == "complete"
    assert when(ledger, **cancel("SO-1")).code == "not_enough_remaining"


def test_cancelling_twice_changes_nothing(ledger: Ledger) -> None:
    given(ledger, product(), receive(9), order("SO-1", 5), cancel("SO-1"))
    again = when(ledger, id="again", **cancel("SO-1"))
    assert (again.status, again.events) == ("accepted", [])


def test_amounts_are_captured_at_once_and_refunded_exactly(ledger: Ledger) -> None:
    line = {"sku": "A", "quantity": "1.5", "unit_price": "0.0001"}
    given(ledger, product(decimal=True), backorders(), receive(1))
    result = when(ledger, **order("SO-1", line, {**line, "unit_price": 9.8}, currency="EUR"))
    assert last(result, "OrderPlaced")["captured_amount"] == "14.70015"
    part = when(ledger, **cancel("SO-1", (1, "0.5")))
    assert last(part, "OrderCancelled")["refunded_amount"] == "0.00005"
    rest = when(ledger, **cancel("SO-1"))
    assert last(rest, "OrderCancelled")["refunded_amount"] == "14.7001"


# ---------------------------------------------------------------- move


def move(quantity: Any, one: str = "SO-1", other: str = "SO-2", **more: Any) -> dict[str, Any]:
    """Move allocated units from one order to another."""
    return {"command": "move-allocation", "sku": "A", "from_order": one, "to_order": other,
            "quantity": quantity, "reason": "by hand", **more}


def test_allocated_units_are_moved_from_one_order_to_another(ledger: Ledger) -> None:
    given(ledger, product(), backorders(), receive(5), order("SO-1", 5), order("SO-2", 4))
    assert types(when(ledger, **move(3))) == ["AllocationMoved"]
    assert waiting(ledger, "A") == {("SO-1", 1): (2, 3), ("SO-2", 1): (3, 1)}
    assert when(ledger, **move(3)).code == "not_enough_allocated"
    assert when(ledger, **move(2)).code == "not_enough_remaining"


def test_a_move_goes_through_the_lines_of_both_orders(ledger: Ledger) -> None:
    given(ledger, product(), backorders(), receive(4), order("SO-1", 2, 2), order("SO-2", 1, 2))
    result = when(ledger, **move(3))
    assert [(event["data"]["from_line"], event["data"]["to_line"], event["data"]["quantity"])
            for event in result.events] == [(2, 1, 1), (2, 2, 1), (1, 2, 1)]


def test_a_move_across_pools_needs_units_that_the_other_pool_reaches(ledger: Ledger) -> None:
    given(
        ledger, product(), backorders(), source("own"), source("shared"),
        pool("one", "own", "shared"), pool("two", "shared"),
        receive(2, source="own"), receive(3, source="shared"),
        order("SO-1", 5, pool="one"), order("SO-2", 5, pool="two"),
    )
    assert when(ledger, **move(4)).code == "not_enough_on_hand"
    assert when(ledger, id="pool", **move(3, pool="one")).code == "not_enough_remaining"
    assert when(ledger, **move(3)).status == "accepted"
    assert waiting(ledger, "A") == {("SO-1", 1): (2, 3), ("SO-2", 1): (3, 2)}


def test_unmanaged_units_ship_from_no_unknown_source_either(ledger: Ledger) -> None:
    given(
        ledger, product(), receive(5), {"command": "set-manage-stock", "manage": "off"},
        order("SO-1", 3),
    )
    assert when(ledger, **ship("SO-1", "S-1", source="nowhere")).code == "unknown_source"
    assert when(ledger, **ship("SO-1", "S-1", source="default")).status == "accepted"
