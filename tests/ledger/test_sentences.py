"""Every event says what happened in one sentence, which is shown wherever it is shown."""

import json
from typing import Any

import pytest

from stocktrail.ledger.base.event import Event
from stocktrail.ledger.catalogue import CATALOGUE
from tests.ledger.test_golden_events import GOLDEN

SENTENCES = {
    "AllocationMoved.v1":
        "2 were moved by hand from order SO-1 line 1 to order SO-2 line 3 (promised by "
        "phone).",
    "AllocationRevoked.v1":
        "3 were taken back from order SO-1 line 1 in pool europe, because supply no longer "
        "carried them.",
    "BackorderAllocated.v1": "4.5 that had become free went to order SO-1 line 1 in pool europe.",
    "BackorderPolicyChanged.v1":
        "backorders was set to allow_and_notify for product WIDGET-1 pool europe.",
    "BackorderPrioritised.v1": "Order SO-1 line 1 now waits with priority 1.",
    "BackorderRescheduled.v1": "Order SO-1 line 1 is now requested for 2026-04-01.",
    "BackordersReallocated.v1":
        "Backorders were reallocated: order SO-1 line 1 has 6 (had 2, win), order SO-2 line "
        "3 has 0.5 (had 4.5, lose).",
    "CustomerErased.v1":
        "Who the customer is was erased (asked for by the customer); nobody can read it any "
        "more.",
    "CustomerRegistered.v1": "The customer was registered.",
    "CustomerTold.v1":
        "The customer of order SO-1 was told by phone when it comes: LAMP (line 1) on 2026-03-06 "
        "(she will wait).",
    "EpochBegan.v1":
        "A new epoch began (The disk failed on Sunday; this is the backup of Friday.). The "
        "log ends at position 400, but the checkpoint of 533 events signed by "
        "example.org/shop covers more.",
    "GoodsReceived.v1":
        "45 of purchase order PO-1 line 1 arrived at lyon (receipt GR-1), 5 of them more "
        "than was ordered.",
    "ManageStockChanged.v1": "manage_stock was set to off for product WIDGET-1.",
    "OrderCancelled.v1":
        "Cancelled: 2 of WIDGET-1 (line 1) (customer asked). The order is processing.",
    "OrderPlaced.v1":
        "Ada placed order SO-1 in pool europe: 15 of WIDGET-1 (line 1), 1 of GIFT-CARD (line "
        "2).",
    "OrderPrioritised.v1": "The priority became 1 (promised by phone).",
    "OrderRefunded.v1": "Refund R-1: 1 of WIDGET-1 (line 1) (damaged).",
    "OrderRescheduled.v1": "Rescheduled: line 1 to 2026-04-01 (customer moves house).",
    "OrderShipped.v1": "Shipment SH-1: 7 of WIDGET-1 (line 1). The order is processing.",
    "PoolDefined.v1": "Pool europe was defined to sell from berlin, lyon.",
    "ProductRegistered.v1": "WIDGET-1 was registered as Widget, large.",
    "PromiseRulesChanged.v1": "Overdue receipts are counted 3 days after today.",
    "PurchaseOrderCancelled.v1": "Will not come: 1.75 of WIDGET-2 (line 7) (no longer made).",
    "PurchaseOrderConfirmed.v1":
        "The vendor confirmed: 2.25 of WIDGET-2 for 2026-03-21 (line 7) (vendor confirmation "
        "4711).",
    "PurchaseOrderDelayed.v1":
        "The vendor moved 40 of WIDGET-1 for 2026-03-19 (line 1) (strike at the port).",
    "PurchaseOrderPlaced.v1":
        "Exotic Liquids was asked to deliver 40 of WIDGET-1 for 2026-03-14 (line 1), 2.5 of "
        "WIDGET-2 for 2026-03-20 (line 7) to berlin.",
    "PurchaseOrderReceived.v1":
        "Receipt GR-1 at lyon: 45 of WIDGET-1 (line 1), 5 more than was ordered, 0.5 of "
        "WIDGET-2 (line 7).",
    "QuantityRuleChanged.v1": "quantity_increment was set to 0.25 for product WIDGET-1.",
    "ReservationReleased.v1":
        "Order SO-1 line 1 no longer wants 6 (cancelled): 5 backordered, 1 allocated.",
    "SourceDisabled.v1": "Source berlin was disabled.",
    "SourceEnabled.v1": "Source berlin was enabled.",
    "SourceItemCreated.v1": "Source berlin carries the item from now on.",
    "SourceRegistered.v1": "Source berlin was registered.",
    "StockAdjusted.v1": "On hand at berlin was adjusted by -2.0001 (broken).",
    "StockCounted.v1": "22.9999 were counted at berlin, a change of -0.0001 (yearly count).",
    "StockReceived.v1": "25 were received at berlin (delivery 17).",
    "StockRecounted.v1":
        "The count of 2026-03-05T18:00:00.000000Z at berlin stands: 2.5 were taken off its "
        "change, because something that had occurred before it was recorded after it.",
    "StockReserved.v1":
        "Order SO-1 line 1 reserved 15 in pool europe: 10 allocated, 5 backordered.",
    "StockReturned.v1": "1.5 of order SO-1 line 1 came back to berlin (refund R-1).",
    "StockShipped.v1": "Shipment SH-1 took 7 for order SO-1 line 1: 5 from berlin, 2 from lyon.",
    "StockStatusChanged.v1": "At berlin the item was set out of stock by hand.",
    "StockTransferred.v1": "5 went from berlin to lyon (rebalancing).",
    "ThresholdChanged.v1":
        "out_of_stock_threshold was set to -50 for product WIDGET-1 pool europe.",
    "TimeZoneChanged.v1":
        "The shop's days are those of the time zone America/Los_Angeles from here on.",
    "UnmanagedUnitsShipped.v1":
        "Shipment SH-1 took 7 for order SO-1 line 1 from no source, because stock is not "
        "managed; 2 of them had been allocated.",
    "WebhookCreated.v1": "https://shipping.example/hook hears of events after position 41.",
    "WebhookDeleted.v1": "The webhook was deleted.",
    "WebhookDisabled.v1": "Deliveries were stopped (It answered 410 Gone.).",
    "WebhookEnabled.v1": "Deliveries go on.",
}
"""What the golden events say."""

VARIANTS: list[tuple[str, dict[str, Any], str]] = [
    ("ProductRegistered.v1", {"name": None}, "WIDGET-1 was registered."),
    ("GoodsReceived.v1", {"over": 0},
     "45 of purchase order PO-1 line 1 arrived at lyon (receipt GR-1)."),
    ("StockReceived.v1", {"quantity": 2, "source": "lyon", "reason": None},
     "2 were received at lyon."),
    ("StockRecounted.v1", {"delta": 2},
     "The count of 2026-03-05T18:00:00.000000Z at berlin stands: 2 were added to its change, "
     "because something that had occurred before it was recorded after it."),
    ("StockReserved.v1", {"backordered": 0},
     "Order SO-1 line 1 reserved 15 in pool europe: 10 allocated."),
    ("UnmanagedUnitsShipped.v1", {"allocated": 0},
     "Shipment SH-1 took 7 for order SO-1 line 1 from no source, because stock is not managed."),
    ("PurchaseOrderConfirmed.v1", {"lines": [], "reason": None},
     "The vendor confirmed as ordered."),
    ("PurchaseOrderDelayed.v1", {"reason": None, "lines": [
        {"line": 1, "sku": "A", "quantity": 9, "expected_date": None, "remaining": 4},
        {"line": 2, "sku": "B", "quantity": 9, "expected_date": "2026-03-19", "remaining": 0},
    ]}, "The vendor moved 4 of A that remain of 9 without a date (line 1), 9 of B, of which none "
        "remain, for 2026-03-19 (line 2)."),
    ("BackorderPolicyChanged.v1", {"backorders": None, "pool": None},
     "The value of backorders for product WIDGET-1 was removed: a more general one holds."),
    ("ThresholdChanged.v1", {"sku": None, "pool": None},
     "out_of_stock_threshold was set to -50 globally."),
    ("PoolDefined.v1", {"sources": []}, "Pool europe was defined to sell from no source."),
    ("EpochBegan.v1", {"reason": "A backup.", "finding": None}, "A new epoch began (A backup.)."),
]


@pytest.mark.parametrize("topic", sorted(CATALOGUE.classes()))
def test_every_event_has_a_sentence_of_its_own(topic: str) -> None:
    sentence = CATALOGUE.read(topic, GOLDEN[topic]).sentence
    assert sentence != f"{topic.partition('.')[0]}."
    assert sentence.endswith(".")


@pytest.mark.parametrize("topic", sorted(SENTENCES))
def test_a_golden_event_says_what_happened(topic: str) -> None:
    assert CATALOGUE.read(topic, GOLDEN[topic]).sentence == SENTENCES[topic]


@pytest.mark.parametrize(("topic", "fields", "sentence"), VARIANTS)
def test_what_is_not_there_is_left_out(
    topic: str, fields: dict[str, Any], sentence: str
) -> None:
    payload = json.dumps({**json.loads(GOLDEN[topic]), **fields}).encode()
    assert CATALOGUE.read(topic, payload).sentence == sentence


def test_an_event_without_words_of_its_own_says_its_name() -> None:
    assert Event().sentence == "Event."
