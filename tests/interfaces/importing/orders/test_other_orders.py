"""Orders of WooCommerce and Adobe Commerce, and plain lists: what is still open of each line."""

from collections.abc import Iterator
from datetime import date

import pytest

from stocktrail.ledger.store.in_memory import open_in_memory
from tests.interfaces.importing.orders.order_desk import OrderDesk, places, said


@pytest.fixture
def desk() -> Iterator[OrderDesk]:
    """Return a desk whose ledger is kept in memory."""
    with open_in_memory() as ledger:
        yield OrderDesk(ledger)


# ------------------------------------------------------------------ WooCommerce

BY_ITEM = """\
order_number,date,status,customer_id,billing_email,item_sku,item_quantity,item_refunded_qty
70,2026-11-20 10:00:00,processing,0,ada@shop.example,LAMP,2,0
70,2026-11-20 10:00:00,processing,0,ada@shop.example,BULB,3,-1
71,2026-11-21 10:00:00,wc-completed,7,bob@shop.example,BULB,3,0
72,2026-11-21 10:00:00,On hold,7,bob@shop.example,LAMP,1,-1
"""
PACKED = """\
order_number,order_date,status,billing_email,line_items
80,2026-11-20 10:00:00,wc-processing,ada@shop.example,"id:1|name:Lamp|sku:LAMP|quantity:3|total:9|\
refunded_qty:-1;id:2|name:Rope; red|sku:ROPE|quantity:1.5|total:5"
"""
IN_COLUMNS = """\
order_number,order_date,status,customer_user,line_item_1,line_item_2
81,2026-11-20 10:00:00,processing,12,name:Lamp|product_id:70|sku:LAMP|quantity:1|total:9,\
name:Bulb|product_id:71|sku:BULB|quantity:2|total:5
82,2026-11-20 11:00:00,processing,12,name:Lamp|product_id:70|sku:LAMP|quantity:1|total:9,
"""
LESS_REFUNDS = """\
Order Number,Order Status,Order Date,Email (Billing),SKU,Quantity,Quantity (- Refund),Item Cost
90,Processing,2026-11-20 10:00,ada@shop.example,LAMP,4,3,16.666667
"""


@pytest.mark.parametrize(("text", "expected"), [
    (BY_ITEM, {"70": "2 of LAMP, 2 of BULB"}),
    (PACKED, {"80": "2 of LAMP, 1.5 of ROPE"}),
    (IN_COLUMNS, {"81": "1 of LAMP, 2 of BULB", "82": "1 of LAMP"}),
    (LESS_REFUNDS, {"90": "3 of LAMP"}),
])
def test_what_was_not_refunded_of_an_order_in_progress_is_open(
    desk: OrderDesk, text: str, expected: dict[str, str]
) -> None:
    found = desk.sales(text)
    assert found.called == "WooCommerce's orders"
    assert places(found) == expected
    assert not desk.record(found).refused


def test_units_that_the_stock_was_counted_without_are_put_back_with_their_order(
    desk: OrderDesk
) -> None:
    found = desk.sales(BY_ITEM, put_back="default")
    desk.record(found)
    lamp, bulb = desk.ledger.aggregate("stock/LAMP"), desk.ledger.aggregate("stock/BULB")
    assert lamp.on_hand == {"default": 12_0000}, "10 were counted, and 2 were ordered before"  # type: ignore[attr-defined]
    assert bulb.on_hand == {"default": 5_0000}  # type: ignore[attr-defined]


# ------------------------------------------------------------------ Adobe Commerce

SALES_ORDER_ITEM = """\
increment_id,status,created_at,customer_id,item_id,parent_item_id,product_type,sku,qty_ordered,\
qty_canceled,qty_refunded,qty_shipped
101,processing,2026-11-20 10:00:00,12,1,,configurable,LAMP,5.0000,1.0000,1.0000,2.0000
101,processing,2026-11-20 10:00:00,12,2,1,simple,LAMP,5.0000,1.0000,1.0000,2.0000
101,processing,2026-11-20 10:00:00,12,3,,bundle,SET,1.0000,0.0000,0.0000,0.0000
101,processing,2026-11-20 10:00:00,12,4,3,simple,BULB,2.0000,0.0000,0.0000,1.0000
102,complete,2026-11-20 10:00:00,12,5,,simple,LAMP,5.0000,0.0000,0.0000,5.0000
"""


def test_a_configurable_product_counts_once_and_a_bundle_by_its_parts(desk: OrderDesk) -> None:
    found = desk.sales(SALES_ORDER_ITEM)
    assert places(found) == {"101": "2 of LAMP, 1 of BULB"}
    assert found.closed == {"complete": 1}


# ------------------------------------------------------------------ any list

GERMAN = """\
Auftrag;Kunde;Artikel;Bestellt;Geliefert;Storniert;Erstattet;Preis;Wunschtermin
A-1;K-7;LAMP;1.010;1.004;1;2;19,90;05.12.2026
A-1;;ROPE;2,5;;;;3,50;
A-2;K-8;LAMP;3;3;;;1;05.12.2026
Summe;;;1.015,5;;;;;
"""
GERMAN_MAP = (
    "Auftrag=order", "Kunde=customer", "Artikel=sku", "Bestellt=quantity", "Geliefert=shipped",
    "Storniert=cancelled", "Erstattet=refunded", "Preis=unit_price", "Wunschtermin=requested_date",
)


def test_a_list_in_german_is_read_by_its_map(desk: OrderDesk) -> None:
    found = desk.sales(GERMAN, maps=GERMAN_MAP, dates="day-first")
    assert not found.findings.errors
    assert places(found) == {"A-1": "3 of LAMP, 2.5 of ROPE"}
    assert found.closed == {"nothing to come": 1, "no item named": 1}
    desk.record(found)
    assert desk.order("A-1") == {1: ("LAMP", 3), 2: ("ROPE", 2.5)}


def test_a_date_that_may_be_two_keeps_its_order_back(desk: OrderDesk) -> None:
    found = desk.sales(GERMAN, maps=GERMAN_MAP)
    assert said(found.findings.errors) == {"bad_date": [2, 3, 4]}


def test_rows_that_cannot_be_right_are_named(desk: OrderDesk) -> None:
    found = desk.sales("""\
order,customer,sku,quantity,shipped
A-1,K-7,LAMP,many,0
A-2,K-7,LAMP,1,0
A-2,K-8,BULB,1,0
,K-8,BULB,1,0
A-3,K-8,BULB,-1,0
A-4,K-8,BULB,,
A-5,K-8,VASE,1,
A-6,K-8,ROPE,2,3
""")
    assert said(found.findings.errors) == {
        "no_order": [5], "bad_number": [2], "contradiction": [3], "negative": [6],
        "no_quantity": [7], "unknown_sku": [8],
    }
    assert not places(found), "and what was shipped beyond the order is no longer open"


def test_a_status_may_be_that_of_a_line(desk: OrderDesk) -> None:
    found = desk.sales("""\
order,customer,sku,quantity,status
A-1,K-7,LAMP,4,shipped
A-1,K-7,BULB,2,open
A-2,K-7,LAMP,1,shipped
A-2,K-7,BULB,1,cancelled
""")
    assert places(found) == {"A-1": "2 of BULB"}
    assert found.closed == {"shipped": 1}


def test_a_date_on_the_first_row_is_that_of_the_order_only_where_all_else_is(
    desk: OrderDesk
) -> None:
    found = desk.sales("""\
order,customer,sku,quantity,requested date
A-1,K-7,LAMP,1,2026-12-05
A-1,,BULB,1,
A-2,K-7,LAMP,1,2026-12-05
A-2,K-7,BULB,1,
""")
    days = {
        each.subject: [line["requested_date"] for line in each.command.model_dump()["lines"]]
        for each in found.plan.planned
    }
    fifth = date(2026, 12, 5)
    assert days == {"A-1": [fifth, fifth], "A-2": [fifth, None]}


def test_an_order_is_placed_when_and_where_the_file_says(desk: OrderDesk) -> None:
    found = desk.sales(
        "order,customer,sku,remaining,line,placed,priority\nA-1,K-7,LAMP,1,30,2026-11-01 09:30,2\n",
        sets=("ship_policy=complete", "currency=eur"),
    )
    command, = (each.command for each in found.plan.planned)
    assert command.model_dump(mode="json", exclude_none=True) == {
        "order": "A-1", "customer": "K-7", "pool": "default", "priority": 2,
        "ship_policy": "complete", "currency": "EUR", "occurred_at": "2026-11-01T09:30:00Z",
        "lines": [{"line": 30, "sku": "LAMP", "quantity": 1}],
    }
