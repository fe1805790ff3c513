"""Numbers of purchase lines of which some has come: what remains, and what came beyond it."""

from typing import Any

import pytest

from stocktrail.projections import ReadModels
from stocktrail.projections.verify import verify
from tests.projections.purchasing import Purchasing, day


@pytest.fixture
def part_received(purchasing: Purchasing) -> Purchasing:
    """Let 15 of 40 come, while somebody waits for 20."""
    purchasing.order_of("L1", 35, 1)
    purchasing.buy("PO-1", 40, 5)
    purchasing.send("receive-goods", purchase_order="PO-1", receipt="R-1", lines=[
        {"line": 1, "quantity": 15},
    ])
    return purchasing


def told(shop: Purchasing) -> str:
    """Tell the last event of the purchase order."""
    return shop.ledger.read_stream("purchase-order/PO-1")[-1].payload.sentence


def numbers(shop: Purchasing) -> tuple[Any, ...]:
    """Return what is ordered, received, over, cancelled and remaining of the line."""
    [line] = shop.purchase_order("PO-1")["lines"]
    return tuple(
        line[name] for name in ("ordered", "received", "over_received", "cancelled", "remaining")
    )


def test_a_delay_after_a_part_came_moves_what_remains_and_says_so(
    part_received: Purchasing,
) -> None:
    part_received.delay("PO-1", 12)
    assert told(part_received) == (
        f"The vendor moved 25 of A that remain of 40 for {day(12)} (line 1) (strike)."
    )
    assert numbers(part_received) == (40, 15, 0, 0, 25)
    assert part_received.pegs() == {"L1": [(20, "PO-1", 12)]}
    assert [(row["order"], row["quantity"]) for row in part_received.notices()
            if row["kind"] == "slip"] == [("L1", 20)]
    [vendor] = part_received.ask("vendor")
    assert (vendor["ordered"], vendor["received"], vendor["remaining"]) == (40, 15, 25)


def test_a_confirmation_of_another_quantity_says_what_remains_of_it(
    part_received: Purchasing,
) -> None:
    part_received.send("confirm-purchase-order", purchase_order="PO-1", lines=[
        {"line": 1, "quantity": 30},
    ])
    assert told(part_received) == (
        f"The vendor confirmed: 15 of A that remain of 30 for {day(5)} (line 1)."
    )
    part_received.send("confirm-purchase-order", purchase_order="PO-1", lines=[
        {"line": 1, "quantity": 15},
    ])
    assert told(part_received) == (
        f"The vendor confirmed: 15 of A, of which none remain, for {day(5)} (line 1)."
    )
    assert numbers(part_received) == (15, 15, 0, 0, 0)


def test_what_came_over_is_counted_against_what_is_ordered_now(part_received: Purchasing) -> None:
    part_received.send("receive-goods", purchase_order="PO-1", receipt="R-2", lines=[
        {"line": 1, "quantity": 27},
    ])
    assert told(part_received) == (
        "Receipt R-2 at default: 27 of A (line 1), 2 more than was ordered."
    )
    assert numbers(part_received) == (40, 42, 2, 0, 0)
    part_received.models = ReadModels(part_received.ledger)
    part_received.send("confirm-purchase-order", purchase_order="PO-1", lines=[
        {"line": 1, "quantity": 45},
    ])
    assert numbers(part_received) == (45, 42, 0, 0, 3)
    part_received.send("receive-goods", purchase_order="PO-1", receipt="R-3")
    assert numbers(part_received) == (45, 45, 0, 0, 0)
    assert verify(part_received.models).findings == []


def test_what_was_cancelled_and_comes_all_the_same_is_over(part_received: Purchasing) -> None:
    part_received.send("cancel-purchase-order", purchase_order="PO-1")
    assert told(part_received) == "Will not come: 25 of A (line 1)."
    assert numbers(part_received) == (40, 15, 0, 25, 0)
    part_received.send("receive-goods", purchase_order="PO-1", receipt="R-2", lines=[
        {"line": 1, "quantity": 5},
    ])
    assert numbers(part_received) == (40, 20, 5, 25, 0)
    part_received.send("confirm-purchase-order", purchase_order="PO-1", lines=[
        {"line": 1, "quantity": 45},
    ])
    assert numbers(part_received) == (45, 20, 0, 25, 0)
