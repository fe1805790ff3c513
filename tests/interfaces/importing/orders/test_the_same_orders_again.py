"""The same file again changes nothing; a later one that says otherwise is told, not taken over."""

import pytest

from stocktrail.commands.customers import EraseCustomer
from stocktrail.commands.orders.ship import ShipOrder
from stocktrail.commands.purchasing import DelayPurchaseOrder, ReceiveGoods
from stocktrail.commands.settings import SetBackorderPolicy
from stocktrail.ledger.store import Ledger
from tests.interfaces.importing.orders.order_desk import OrderDesk, places

MONDAY = """\
order,customer,Customer name,sku,quantity,shipped,status
A-1,K-7,Ada,LAMP,4,1,open
A-1,K-7,Ada,BULB,2,0,open
A-2,K-8,Bob,LAMP,5,0,open
"""


@pytest.fixture
def desk(ledger: Ledger) -> OrderDesk:
    """Return a desk; each scene runs on both databases."""
    return OrderDesk(ledger)


def different(found: object) -> list[tuple[str, ...]]:
    return [each[2:] for each in found.differences]  # type: ignore[attr-defined]


def test_a_file_of_orders_again_and_a_later_one(desk: OrderDesk) -> None:
    assert desk.record(desk.sales(MONDAY)).is_recorded
    head = desk.ledger.head().position
    again = desk.sales(MONDAY)
    assert (len(again.plan), again.plan.unchanged, again.differences) == (0, 2, [])
    desk.send(ShipOrder.model_validate(
        {"order": "A-1", "shipment": "S-1", "lines": [{"line": 1, "quantity": 2}]}
    ))
    assert not desk.sales(MONDAY).differences, "what was placed is what Monday's file says"
    assert not desk.sales(MONDAY.replace("4,1", "4,3")).differences, "and this is what is open"
    grown = MONDAY.replace("4,1", "9,3") + "A-1,K-7,Ada,ROPE,1.5,0,open\n"
    assert different(desk.sales(grown)) == [
        ("LAMP", "6 open", "1 open of 3, the others shipped or cancelled"),
        ("ROPE", "1.5 open", "0 open"),
    ]
    closed = desk.sales(MONDAY.replace("LAMP,5,0,open", "LAMP,5,0,cancelled"))
    assert different(closed) == [("LAMP", "cancelled", "5 open")]
    assert desk.ledger.head().position > head


def test_who_was_erased_is_not_brought_back_by_the_file(desk: OrderDesk) -> None:
    desk.record(desk.sales(MONDAY))
    desk.send(EraseCustomer(customer="K-7", reason="asked for"))
    again = desk.sales(MONDAY + "A-3,K-7,Ada,BULB,1,0,open\n")
    assert [each.what for each in again.plan.planned] == ["place order"]


def test_a_refused_order_is_judged_again_when_the_reason_is_gone(desk: OrderDesk) -> None:
    short = MONDAY.replace("LAMP,5,0", "LAMP,50,0")
    assert [each.code for each in desk.record(desk.sales(short)).refused] == ["not_enough_salable"]
    assert not desk.order("A-1"), "nothing is recorded as long as one is refused"
    desk.record(desk.sales(short), skip_refused=True)
    assert desk.order("A-1")
    assert not desk.order("A-2")
    desk.send(SetBackorderPolicy(backorders="allow"))
    assert desk.record(desk.sales(short)).is_recorded
    assert desk.order("A-2") == {1: ("LAMP", 50)}


TO_COME = """\
PO number,Supplier,Item,Ordered,Received,Cancelled,ETA,Status
PO-1,Lumen,LAMP,100,40,10,2026-12-10,Partially received
PO-1,Lumen,BULB,50,50,0,2026-12-10,Partially received
PO-2,Wire & Co,ROPE,20.5,,,,sent
PO-3,Wire & Co,ROPE,20,,,1 Dec 2026,draft
PO-4,Lumen,LAMP,5,5,,2026-12-10,received
PO-4,Lumen,BULB,5,,,,open
"""


def test_purchase_orders_are_what_is_to_come_and_their_dates_are_compared(desk: OrderDesk) -> None:
    found = desk.purchases(TO_COME)
    assert places(found) == {
        "PO-1": "50 of LAMP for 2026-12-10", "PO-2": "20.5 of ROPE, undated",
        "PO-4": "5 of BULB, undated",
    }, "a line without a date has none, whatever another line says"
    assert found.closed == {"draft": 1}
    assert desk.record(found).is_recorded
    assert desk.purchase_order("PO-1").lines.keys() == {1}
    desk.send(DelayPurchaseOrder.model_validate(
        {"purchase_order": "PO-1", "expected_date": "2026-12-20"}
    ))
    assert not desk.purchases(TO_COME).differences, "the file has the date of the order"
    moved = TO_COME.replace("2026-12-10", "2026-12-15")
    assert different(desk.purchases(moved)) == [
        ("LAMP", "expected 2026-12-15", "expected 2026-12-20")
    ]
    desk.send(ReceiveGoods(purchase_order="PO-1", receipt="R-1"))
    assert not desk.purchases(TO_COME).differences
    assert different(desk.purchases(TO_COME.replace("40,10", "60,10"))) == [
        ("LAMP", "30 open", "0 open of 50, the others received or cancelled")
    ]


def test_a_purchase_order_needs_one_vendor_and_one_destination(desk: OrderDesk) -> None:
    found = desk.purchases(
        "PO,vendor,sku,quantity,source\nPO-1,Lumen,LAMP,1,default\nPO-1,Lumen,BULB,1,harbour\n"
        "PO-2,,LAMP,1,default\n"
    )
    assert [each.code for each in found.findings.errors] == ["contradiction", "invalid"]
    assert not desk.purchases(
        "PO,sku,quantity\nPO-1,LAMP,1\n", sets=("vendor=Lumen",)
    ).findings.errors
