"""Refunds by command: released before shipment, returned to a source, written off (section 4)."""

from typing import Any

import pytest

from ledger.store import Ledger
from tests.commands.scenes import (
    backorders,
    given,
    levels,
    on_hand,
    order,
    product,
    receive,
    ship,
    source,
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
    """Give a ledger with an order of 5, of which 3 were shipped and 2 remain."""
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


def test_a_return_to_default_is_the_same_refund_whether_it_says_so_or_not(shipped: Ledger) -> None:
    when(shipped, **refund("R-1", (1, 1, "return")))
    again = when(shipped, **refund("R-1", (1, 1, "return", "default")))
    assert again.status == "duplicate"
    elsewhere = when(shipped, **refund("R-1", (1, 1, "return", "east")))
    assert elsewhere.code == "already_exists"
