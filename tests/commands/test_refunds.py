"""Refunds by command: released before shipment, returned to a source, written off (rule 4.10)."""

from typing import Any

import pytest

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
    statuses,
    types,
    waiting,
    when,
)


def refund(number: str, *parts: tuple[Any, ...], order: str = "SO-1") -> dict[str, Any]:
    """Refund units of lines: line, quantity, outcome and perhaps a source."""
    names = ("line", "quantity", "outcome", "source")
    return {
        "command": "refund-order", "order": order, "refund": number,
        "lines": [dict(zip(names, part, strict=False)) for part in parts],
    }


@pytest.fixture
def shipped(ledger: Ledger) -> Ledger:
    """Return a ledger with an order of 5, of which 3 were shipped and 2 remain."""
    given(
        ledger, product(), source("east"), receive(5),
        order("SO-1", {"sku": "A", "quantity": 5, "unit_price": "9.80"}),
        ship("SO-1", "S-1", lines=[{"line": 1, "quantity": 3}]),
    )
    return ledger


def test_a_release_frees_units_that_were_not_shipped(shipped: Ledger) -> None:
    result = when(shipped, **refund("R-1", (1, 1, "release")))
    assert types(result) == ["OrderRefunded", "ReservationReleased"]
    assert result.events[0]["data"]["refunded_amount"] == "9.80"
    assert levels(shipped, "A") == (2, 1, 1, 0, 1)
    assert on_hand(shipped, "A") == {"default": 2}


def test_a_return_puts_units_on_hand_at_a_named_source(shipped: Ledger) -> None:
    result = when(shipped, **refund("R-1", (1, 2, "return", "east"), (1, 1, "return")))
    assert types(result) == ["OrderRefunded", "StockReturned", "StockReturned"]
    assert result.events[0]["data"]["refunded_amount"] == "29.40"
    assert on_hand(shipped, "A") == {"default": 3, "east": 2}


def test_a_write_off_pays_back_and_moves_nothing(shipped: Ledger) -> None:
    before = levels(shipped, "A")
    result = when(shipped, **refund("R-1", (1, 3, "write_off")))
    assert types(result) == ["OrderRefunded"]
    assert levels(shipped, "A") == before


def test_no_more_than_remains_is_released_and_no_more_than_was_shipped_comes_back(
    shipped: Ledger
) -> None:
    assert when(shipped, **refund("R", (1, 3, "release"))).code == "not_enough_remaining"
    assert when(shipped, **refund("R", (1, 4, "return"))).code == "not_enough_shipped"
    assert when(shipped, **refund("R", (1, 4, "write_off"))).code == "not_enough_shipped"
    assert when(shipped, **refund("R", (1, 2, "return"), (1, 2, "write_off"))).code == (
        "not_enough_shipped"
    )
    given(shipped, refund("R-1", (1, 2, "return")))
    assert when(shipped, **refund("R-2", (1, 2, "write_off"))).code == "not_enough_shipped"
    assert when(shipped, **refund("R-2", (2, 1, "return"))).code == "unknown_line"
    assert when(shipped, **refund("R-2", (1, 1, "return", "nowhere"))).code == "unknown_source"
    assert when(shipped, **refund("R-2", (1, 0.5, "return"))).code == "decimal_not_allowed"
    assert when(shipped, **refund("R-2", (1, 1, "return"), order="SO-9")).code == "unknown_order"
    assert on_hand(shipped, "A") == {"default": 4}


def test_a_source_is_named_only_for_what_comes_back(shipped: Ledger) -> None:
    result = when(shipped, **refund("R-1", (1, 1, "write_off", "east")))
    assert (result.status, result.errors[0]["pointer"]) == ("invalid", "/lines/0")


def test_releasing_all_that_remains_completes_or_cancels_the_order(shipped: Ledger) -> None:
    result = when(shipped, **refund("R-1", (1, 2, "release")))
    assert result.events[0]["data"]["status"] == "complete"
    given(shipped, receive(1), order("SO-2", 1))
    result = when(shipped, **refund("R-1", (1, 1, "release"), order="SO-2"))
    assert result.events[0]["data"]["status"] == "cancelled"


def test_returned_and_released_units_serve_the_queue(ledger: Ledger) -> None:
    given(
        ledger, product(), backorders(), receive(5), order("SO-1", 5), order("SO-2", 4),
        ship("SO-1", "S-1", lines=[{"line": 1, "quantity": 3}]),
        refund("R-1", (1, 1, "release"), (1, 2, "return")),
    )
    assert waiting(ledger, "A") == {("SO-1", 1): (1, 0), ("SO-2", 1): (3, 1)}


def test_a_return_to_a_source_that_cannot_sell_serves_nobody(ledger: Ledger) -> None:
    given(
        ledger, product(), backorders(), source("east"), receive(2), order("SO-1", 2),
        ship("SO-1", "S-1"), order("SO-2", 1), refund("R-1", (1, 1, "return", "east")),
    )
    assert waiting(ledger, "A") == {("SO-2", 1): (0, 1)}
    assert on_hand(ledger, "A") == {"default": 0, "east": 1}


def test_units_that_came_back_without_a_price_have_no_amount(ledger: Ledger) -> None:
    given(ledger, product(), receive(1), order("SO-1", 1), ship("SO-1", "S-1"))
    result = when(ledger, **refund("R-1", (1, 1, "return")))
    assert result.events[0]["data"]["refunded_amount"] is None


def test_a_return_that_says_where_is_another_refund_than_one_that_does_not(shipped: Ledger) -> None:
    when(shipped, **refund("R-1", (1, 1, "return")))
    assert when(shipped, **refund("R-1", (1, 1, "return"))).status == "duplicate"
    for place in ("default", "east"):
        elsewhere = when(shipped, **refund("R-1", (1, 1, "return", place)))
        assert elsewhere.code == "already_exists"


def test_a_refund_of_an_earlier_version_whose_returns_went_to_default_stays_known(
    shipped: Ledger
) -> None:
    """Its content is that of a return to default, which is where it went without being said."""
    given(shipped, refund("R-1", (1, 1, "return", "default")))
    assert when(shipped, **refund("R-1", (1, 1, "return"))).status == "duplicate"
    assert on_hand(shipped, "A") == {"default": 3}


# ---------------------------------------------------------------- returns without a source


@pytest.fixture
def scattered(ledger: Ledger) -> Ledger:
    """Return a ledger with an order of 9 that was shipped from three sources in three shipments."""
    given(
        ledger, product(), backorders(), source("east"), source("west"), source("north"),
        pool("web", "east", "west", "north"), receive(2, source="east"), receive(4, source="west"),
        order("SO-1", 4, 5, pool="web"),
        ship("SO-1", "S-1", lines=[{"line": 1, "quantity": 3}]),                # east 2, west 1
        ship("SO-1", "S-2", source="west", lines=[{"line": 1}, {"line": 2, "quantity": 2}]),
        receive(3, source="north"),
        ship("SO-1", "S-3", lines=[{"line": 2, "quantity": 3}]),                # north 3
    )
    assert on_hand(ledger, "A") == {"east": 0, "west": 0, "north": 0}
    return ledger


def back(ledger: Ledger, number: str, *parts: tuple[Any, ...]) -> dict[str, Any]:
    """Return units, and give what came to which source."""
    before = on_hand(ledger, "A")
    given(ledger, refund(number, *parts))
    after = on_hand(ledger, "A")
    return {at: units - before.get(at, 0) for at, units in after.items() if units != before.get(at)}


def test_a_return_goes_back_where_it_came_from(ledger: Ledger) -> None:
    given(
        ledger, product(), source("web-1"), pool("web", "web-1"), receive(5, source="web-1"),
        order("SO-1", 2, pool="web"), ship("SO-1", "S-1"), refund("R-1", (1, 1, "return")),
    )
    assert on_hand(ledger, "A") == {"web-1": 4}
    assert levels(ledger, "A", "web").salable == 4


def test_what_was_shipped_last_goes_back_first_line_by_line(scattered: Ledger) -> None:
    assert back(scattered, "R-1", (2, 4, "return")) == {"north": 3, "west": 1}
    assert back(scattered, "R-2", (1, 2, "return")) == {"west": 2}
    assert back(scattered, "R-3", (1, 2, "return"), (2, 1, "return")) == {"east": 2, "west": 1}


def test_no_more_goes_back_to_a_source_than_left_it_less_what_came_back(scattered: Ledger) -> None:
    assert back(scattered, "R-1", (2, 2, "return", "north")) == {"north": 2}
    assert back(scattered, "R-2", (2, 3, "return")) == {"north": 1, "west": 2}
    assert back(scattered, "R-3", (1, 1, "return", "north"), (1, 2, "return")) == {
        "north": 1, "west": 2,
    }


def test_a_return_says_line_by_line_where_it_went(scattered: Ledger) -> None:
    result = when(scattered, **refund("R-1", (2, 4, "return"), (1, 1, "write_off")))
    assert types(result) == ["OrderRefunded", "StockReturned", "StockReturned"]
    assert [
        (part["line"], part["quantity"], part["outcome"], part["source"])
        for part in result.events[0]["data"]["lines"]
    ] == [(2, 3, "return", "north"), (2, 1, "return", "west"), (1, 1, "write_off", None)]


def test_what_one_group_ships_it_returns_to_where_that_left(ledger: Ledger) -> None:
    given(ledger, product(), source("web-1"), pool("web", "web-1"), receive(5, source="web-1"))
    results = send(
        ledger, order("SO-1", 2, pool="web"), ship("SO-1", "S-1"),
        refund("R-1", (1, 1, "return")), refund("R-2", (1, 1, "return")), mode="atomic",
    )
    assert statuses(results) == ["accepted"] * 4
    assert on_hand(ledger, "A") == {"web-1": 5}


def test_a_dry_run_of_a_return_says_where_it_would_go(scattered: Ledger) -> None:
    [result] = send(scattered, refund("R-1", (2, 4, "return")), dry_run=True)
    assert [event["data"]["source"] for event in result.events[1:]] == ["north", "west"]
    results = send(
        scattered, refund("R-1", (2, 4, "return")), refund("R-2", (2, 1, "return")), dry_run=True
    )
    assert results[1].events[1]["data"]["source"] == "west"


def test_a_return_to_a_source_that_did_not_carry_the_item_makes_it_carry_it(
    scattered: Ledger
) -> None:
    assert back(scattered, "R-1", (1, 1, "return", "default")) == {"default": 1}
    assert levels(scattered, "A").salable == 1


def test_units_that_left_no_source_come_back_to_none(ledger: Ledger) -> None:
    managed = {"command": "set-manage-stock", "sku": "A"}
    given(
        ledger, product(), backorders(), receive(2), order("SO-1", 5), {**managed, "manage": "off"},
        ship("SO-1", "S-1"), {**managed, "manage": "on"},
    )
    assert on_hand(ledger, "A") == {"default": 0}
    assert back(ledger, "R-1", (1, 2, "return")) == {}
    assert back(ledger, "R-2", (1, 2, "return")) == {"default": 1}
    assert when(ledger, **refund("R-3", (1, 2, "return"))).code == "not_enough_shipped"
