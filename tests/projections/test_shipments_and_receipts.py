"""Shipments and receipts are known by their numbers: each row names the event that recorded it."""

from stocktrail.ledger.orders.events import OrderShipped
from stocktrail.ledger.purchase_orders.events import PurchaseOrderReceived
from stocktrail.projections.models.shipments_and_receipts import RECEIPT, SHIPMENT
from tests.projections.shop import Shop


def test_a_number_leads_to_what_it_belongs_to_and_to_its_event(shop: Shop) -> None:
    shop.carry("A", 5)
    shop.sell("SO-1", "A", 3)
    shop.sell("SO-2", "A", 2)
    shop.send("ship-order", order="SO-1", shipment="P-7", lines=[{"line": 1, "quantity": 1}])
    shop.send("ship-order", order="SO-1", shipment="P-8")
    shop.send("ship-order", order="SO-2", shipment="P-7")
    shop.send(
        "place-purchase-order", purchase_order="PO-1", vendor="Acme",
        lines=[{"sku": "A", "quantity": 4}],
    )
    shop.send("receive-goods", purchase_order="PO-1", receipt="R-1")
    with shop.models.reading() as reading:
        shipments = reading.place.table(SHIPMENT).rows(reading.cursor)
        [receipt] = reading.place.table(RECEIPT).rows(reading.cursor)
    assert sorted((row["shipment"], row["order_id"]) for row in shipments) == [
        ("P-7", "SO-1"), ("P-7", "SO-2"), ("P-8", "SO-1"),
    ]
    for row in shipments:
        [found] = shop.ledger.read(row["position"] - 1, 1)
        assert isinstance(found.payload, OrderShipped)
        assert (found.payload.shipment, found.payload.order) == (row["shipment"], row["order_id"])
    [found] = shop.ledger.read(receipt["position"] - 1, 1)
    assert isinstance(found.payload, PurchaseOrderReceived)
    assert (found.payload.receipt, receipt["purchase_order"]) == ("R-1", "PO-1")
