"""Headers of orders as public files have them, above rows of our own."""

from collections.abc import Iterator

import pytest

from stocktrail.ledger.store.in_memory import open_in_memory
from tests.interfaces.importing.orders.order_desk import OrderDesk, places, said

_WOOCOMMERCE_ROW_A_LINE = """\
order_number,order_date,paid_date,status,payment_method,payment_method_title,order_currency,\
order_total,customer_email,billing_first_name,billing_last_name,billing_email,product_name,sku,\
quantity,item_total
10001,2026-04-26 21:32:57,2026-04-26 22:53:57,completed,bacs,Bank,EUR,9,a@shop.example,A,B,\
a@shop.example,Desk lamp,LAMP,1,9
10002,2026-04-27 00:09:33,,pending,cheque,Cheque,EUR,9,c@shop.example,C,D,c@shop.example,\
Desk lamp,LAMP,2,9
10009,2026-05-15 23:06:03,2026-05-15 23:57:03,processing,paypal,PayPal,EUR,9,e@shop.example,E,F,\
e@shop.example,Bulb,BULB,3,9
"""

_SHOPIFY_WITHOUT_SKUS = """\
Name,Email,Financial Status,Fulfillment Status,Created at,Lineitem quantity,Lineitem name,\
Lineitem sku,Lineitem requires shipping,Lineitem fulfillment status,Note Attributes
#71,,pending,unfulfilled,2026-04-05 21:06:21 +0400,1,LAMP,,true,pending,"First name: A
Phone number: 0"
#72,,pending,unfulfilled,2026-04-06 01:48:03 +0400,2,BULB,,true,pending,
#72,,,,2026-04-06 01:48:03 +0400,1,LAMP,,true,pending,
"""

_JOINED_WORDS = """\
PONumber,PurchaseOrder,SKU,Supplier,OrderedQty,OrderDate,ExpectedDelivery,Status
PO-7,PO-7,LAMP,Lumen,300,2026-12-01,2027-01-09,Pending
"""


@pytest.fixture
def desk() -> Iterator[OrderDesk]:
    """Return a desk whose ledger is kept in memory."""
    with open_in_memory() as ledger:
        yield OrderDesk(ledger)


def test_what_is_not_paid_in_woocommerce_is_not_open_whichever_exporter_wrote_it(
    desk: OrderDesk,
) -> None:
    found = desk.sales(_WOOCOMMERCE_ROW_A_LINE)
    assert found.called == "WooCommerce's orders"
    assert places(found) == {"10009": "3 of BULB"}
    assert found.closed == {"completed": 1, "pending": 1}


def test_orders_that_name_no_item_say_how_they_may(desk: OrderDesk) -> None:
    found = desk.sales(_SHOPIFY_WITHOUT_SKUS)
    assert said(found.findings.notes) == {"no_sku": [2, 3, 4], "orders_without_items": []}
    assert found.findings.notes[-1].sentence == (
        "2 orders are left out whole: no row of theirs names an item in Lineitem sku. If another "
        'column tells items apart, say which with --map "Lineitem name=sku".'
    )
    found = desk.sales(_SHOPIFY_WITHOUT_SKUS, maps=("Lineitem name=sku",))
    assert places(found) == {"#71": "1 of LAMP", "#72": "2 of BULB, 1 of LAMP"}
    assert found.findings.notes == []


def test_words_of_headings_may_be_joined(desk: OrderDesk) -> None:
    found = desk.purchases(_JOINED_WORDS)
    assert places(found) == {"PO-7": "300 of LAMP for 2027-01-09"}
    assert found.layout.heading("purchase_order") == "PurchaseOrder"
