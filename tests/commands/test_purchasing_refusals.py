"""Purchase orders: what is refused, and what can never be right."""

from typing import Any

import pytest

from stocktrail.ledger.store import Ledger
from tests.commands.purchasing_scenes import about, goods, line, purchase, to_come
from tests.commands.scenes import Command, given, on_hand, product, source, when

SHOP = [
    product("A"), product("B", decimal=True), source("berlin"),
    purchase("PO-1", 10, line(7, sku="B", quantity="2.5", expected_date="2026-03-20")),
]


@pytest.mark.parametrize(("command", "code", "details"), [
    (purchase("PO-2", 1, source="nowhere"), "unknown_source", {"source": "nowhere"}),
    (purchase("PO-2", line(1, sku="Z", quantity=1, expected_date="2026-03-14")),
     "unknown_sku", {"sku": "Z"}),
    (purchase("PO-2", "0.5"), "decimal_not_allowed", {"sku": "A"}),
    (about("confirm", "PO-9"), "unknown_purchase_order", {"purchase_order": "PO-9"}),
    (about("delay", "PO-9", expected_date="2026-03-25"), "unknown_purchase_order", {}),
    (goods(name="PO-9"), "unknown_purchase_order", {}),
    (about("cancel", "PO-9"), "unknown_purchase_order", {}),
    (about("confirm", lines=[line(2)]), "unknown_line", {"purchase_order": "PO-1", "line": 2}),
    (about("confirm", lines=[line(2, quantity="0.5")]), "unknown_line", {"line": 2}),
    (about("delay", lines=[line(2, expected_date="2026-03-25")]), "unknown_line", {"line": 2}),
    (goods(lines=[line(2)]), "unknown_line", {"line": 2}),
    (about("cancel", lines=[line(2, quantity=1)]), "unknown_line", {"line": 2}),
    (about("confirm", lines=[line(1, quantity="0.5")]), "decimal_not_allowed", {"sku": "A"}),
    (goods(lines=[line(1, quantity="0.5")]), "decimal_not_allowed", {"sku": "A"}),
    (about("cancel", lines=[line(1, quantity="0.5")]), "decimal_not_allowed", {"sku": "A"}),
    (about("cancel", lines=[line(1, quantity=11)]), "not_enough_remaining",
     {"line": 1, "sku": "A", "quantity": 11, "remaining": 10, "shortfall": 1}),
    (goods(source="nowhere"), "unknown_source", {"source": "nowhere"}),
    (goods(lines=[line(1, quantity=99_999_999_999), line(7)]) | {"source": "berlin"},
     "quantity_too_large", {"sku": "A", "source": "berlin"}),
    (about("confirm", expected_version=7), "version_conflict", {"version": 1}),
])
def test_what_the_state_does_not_allow_is_refused_and_changes_nothing(
    ledger: Ledger, command: Command, code: str, details: dict[str, Any]
) -> None:
    given(ledger, *SHOP, {"command": "receive-stock", "sku": "A", "quantity": 1,
                          "source": "berlin"})
    head = ledger.head().position
    result = when(ledger, **command)
    assert (result.status, result.code) == ("rejected", code), result
    assert {name: result.details.get(name) for name in details} == details
    assert ledger.head().position == head
    assert to_come(ledger) == {1: 10, 7: 2.5}
    assert on_hand(ledger, "B") == {"default": 0}


def test_every_line_that_cannot_be_ordered_is_named(ledger: Ledger) -> None:
    given(ledger, product("A"))
    result = when(ledger, **purchase(
        "PO-1", "0.5", line(2, sku="Z", quantity=1, expected_date="2026-03-14")
    ))
    assert result.status == "rejected"
    assert [each["code"] for each in result.details["failures"]] == [
        "decimal_not_allowed", "unknown_sku",
    ]


@pytest.mark.parametrize("command", [
    goods("GR-2"), goods("GR-2", lines=[line(1)]), about("cancel"),
    about("cancel", lines=[line(1, quantity=1)]), about("confirm", id="again"),
    about("confirm", lines=[line(1, expected_date="2026-03-25")]),
    about("confirm", lines=[line(1, quantity=9)]),
    about("delay", expected_date="2026-03-25"),
    about("delay", lines=[line(1, expected_date="2026-03-25")]),
])
def test_nothing_is_done_to_what_is_not_open_any_more(ledger: Ledger, command: Command) -> None:
    given(ledger, *SHOP, goods())
    result = when(ledger, **command)
    assert (result.status, result.code) == ("rejected", "not_enough_remaining")
    assert result.details["purchase_order"] == "PO-1"


def test_a_wholly_cancelled_purchase_order_still_takes_what_comes_and_flags_it(
    ledger: Ledger,
) -> None:
    given(ledger, *SHOP, about("cancel"))
    assert when(ledger, **goods()).code == "not_enough_remaining"
    result = when(ledger, **goods("GR-2", lines=[line(1, quantity=2)]))
    assert result.status == "accepted"
    assert len(result.messages) == 1
    assert on_hand(ledger, "A") == {"default": 2}


@pytest.mark.parametrize(("command", "pointer"), [
    (about("delay"), ""),
    (about("delay", lines=[line(1, quantity=5)]), ""),
    (about("delay", lines=[line(1, expected_date="tomorrow")]), "/lines/0/expected_date"),
    (about("confirm", lines=[]), "/lines"),
    (about("confirm", lines=[line(1), line(1)]), "/lines"),
    (about("confirm", lines=[line(1, quantity=0)]), "/lines/0/quantity"),
    (about("confirm", lines=[line(1, price=3)]), "/lines/0/price"),
    (goods(lines=[line(1), line(1, quantity=2)]), "/lines"),
    (purchase("PO-2"), "/lines"),
    (purchase("PO-2", 0), "/lines/0/quantity"),
    (purchase("PO-2", {"sku": "A", "quantity": 1, "expected_date": ""}), "/lines/0/expected_date"),
    (purchase("PO-2", line(2, sku="A", quantity=1, expected_date="2026-03-14"), 5), ""),
    (purchase("PO-2", *[line(2, sku="A", quantity=1, expected_date="2026-03-14")] * 2), "/lines"),
])
def test_what_can_never_be_right_is_invalid(
    ledger: Ledger, command: Command, pointer: str
) -> None:
    given(ledger, *SHOP)
    result = when(ledger, **command)
    assert result.status == "invalid"
    assert [error["pointer"] for error in result.errors] == [pointer]
