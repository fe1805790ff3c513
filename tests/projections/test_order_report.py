"""The order report: what became of each line, and the policy it was accepted under."""

import pytest

from stocktrail.ledger.refusal import Refusal
from tests.projections.shop import Shop


def a_sold_out_item(shop: Shop) -> int:
    """Sell 15 of an item of which 10 are there."""
    shop.allow_backorders()
    shop.carry("A", 10)
    return shop.send(
        "place-order", order="SO-1", customer="C-1", currency="EUR", priority=2,
        lines=[{"sku": "A", "quantity": 15, "unit_price": "2.50", "requested_date": "2026-04-01"}],
        occurred_at="2026-03-01T09:00:00Z",
    )


def test_an_order_tells_what_each_line_has_and_waits_for(shop: Shop) -> None:
    a_sold_out_item(shop)
    report = shop.order("SO-1")
    [line] = report["lines"]
    assert (line["ordered"], line["remaining"], line["allocated"], line["backordered"]) == (
        15, 15, 10, 5,
    )
    assert line["requested_date"] == "2026-04-01"
    assert line["policy"]["backorders"] == {"value": "allow", "level": "global"}
    assert (report["customer"], report["priority"], report["status"]) == ("C-1", 2, "processing")
    assert (report["captured_amount"], report["refunded_amount"]) == ("37.50", None)
    assert report["placed_at"] == "2026-03-01T09:00:00.000000Z"


def test_shipped_cancelled_and_released_units_leave_the_remaining(shop: Shop) -> None:
    a_sold_out_item(shop)
    shop.send("ship-order", order="SO-1", shipment="S-1", lines=[{"line": 1, "quantity": 4}])
    shop.send("cancel-order", order="SO-1", lines=[{"line": 1, "quantity": 3}])
    shop.send("refund-order", order="SO-1", refund="R-1", lines=[
        {"line": 1, "quantity": 1, "outcome": "release"},
    ])
    report = shop.order("SO-1")
    [line] = report["lines"]
    assert (line["shipped"], line["cancelled"], line["released"], line["remaining"]) == (4, 3, 1, 7)
    assert (line["allocated"], line["backordered"]) == (6, 1)
    assert report["refunded_amount"] == "10.00"


def test_returned_and_written_off_units_stay_shipped(shop: Shop) -> None:
    a_sold_out_item(shop)
    shop.send("ship-order", order="SO-1", shipment="S-1")
    shop.send("refund-order", order="SO-1", refund="R-1", lines=[
        {"line": 1, "quantity": 2, "outcome": "return", "source": "default"},
        {"line": 1, "quantity": 1, "outcome": "write_off"},
    ])
    [line] = shop.order("SO-1")["lines"]
    assert (line["shipped"], line["returned"], line["written_off"]) == (10, 2, 1)
    assert (line["remaining"], line["allocated"], line["backordered"]) == (5, 2, 3)


def test_priority_date_and_moved_units_show(shop: Shop) -> None:
    a_sold_out_item(shop)
    shop.sell("SO-2", "A", 4)
    shop.send("prioritise-order", order="SO-2", priority=1, reason="a friend")
    shop.send("reschedule-order", order="SO-2", reason="holiday", lines=[
        {"line": 1, "requested_date": "2026-05-01"},
    ])
    shop.send("move-allocation", sku="A", from_order="SO-1", to_order="SO-2", quantity=3,
              reason="split the items on hand")
    report = shop.order("SO-2")
    assert (report["priority"], report["lines"][0]["requested_date"]) == (1, "2026-05-01")
    assert report["lines"][0]["allocated"] == 3
    assert shop.order("SO-1")["lines"][0]["allocated"] == 7


def test_a_line_accepted_while_stock_was_not_managed_has_nothing_allocated(shop: Shop) -> None:
    shop.carry("A", 10)
    shop.send("set-manage-stock", manage="off", sku="A")
    shop.sell("SO-1", "A", 99)
    [line] = shop.order("SO-1")["lines"]
    assert (line["remaining"], line["allocated"], line["backordered"]) == (99, 0, 0)
    assert shop.stock("A")["demand"] == 0


def test_an_order_as_of_an_earlier_position_is_what_was_answered_then(shop: Shop) -> None:
    a_sold_out_item(shop)
    answered = {}
    for command, fields in (
        ("receive-stock", {"sku": "A", "quantity": 2}),
        ("ship-order", {"order": "SO-1", "shipment": "S-1", "lines": [{"line": 1, "quantity": 5}]}),
        ("adjust-stock", {"sku": "A", "delta": -4, "reason": "broken"}),
        ("cancel-order", {"order": "SO-1"}),
    ):
        position = shop.send(command, **fields)
        answered[position] = shop.order("SO-1")
    assert {position: shop.order("SO-1", position) for position in answered} == answered
    assert shop.order("SO-1")["status"] == "complete"


def test_an_order_nobody_placed_yet_is_unknown(shop: Shop) -> None:
    before = shop.carry("A", 10)
    shop.sell("SO-1", "A", 1)
    for name, as_of in (("SO-2", None), ("SO-1", before)):
        with pytest.raises(Refusal, match="There is no order"):
            shop.order(name, as_of)
