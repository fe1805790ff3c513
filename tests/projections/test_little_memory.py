"""What is kept in memory while folding is dropped and read again: rows do not depend on it."""

import pytest

from stocktrail.projections.folding import shadow_tables
from stocktrail.projections.models import orders, promises, purchase_orders, stock_levels
from stocktrail.projections.verify import verify
from tests.projections.purchasing import Purchasing

FEW = 3
"""How many events are folded and saved at once."""


def remember_one(patch: pytest.MonkeyPatch) -> None:
    """Keep one order, purchase order, item and queue in memory, and save after a few events."""
    patch.setattr(orders, "MOST_RESIDENT_ORDERS", 1)
    patch.setattr(purchase_orders, "MOST_RESIDENT_PURCHASE_ORDERS", 1)
    patch.setattr(stock_levels, "MOST_RESIDENT_ITEMS", 1)
    patch.setattr(promises, "MOST_RESIDENT_QUEUES", 1)
    patch.setattr(shadow_tables, "EVENTS_PER_BATCH", FEW)
    patch.setattr(shadow_tables, "EVENTS_PER_SAVE", FEW)


def test_who_remembers_one_of_each_folds_the_same_rows(purchasing: Purchasing) -> None:
    shop = purchasing
    for sku in ("B", "C"):
        shop.carry(sku, 2)
    for number, sku in enumerate("ABCABC"):
        shop.sell(f"SO-{number}", sku, 4)
        shop.buy(f"PO-{number}", 1, 5 + number)
    for number in (0, 1, 2):
        shop.delay(f"PO-{number}", 20 + number)
        shop.send("prioritise-order", order=f"SO-{number}", priority=9, reason="regular")
        shop.send("receive-stock", sku="ABC"[number], quantity=3)
    shop.send("ship-order", order="SO-1", shipment="S-1")
    shop.send("cancel-order", order="SO-2")
    shop.models.catch_up()
    live = verify(shop.models)
    assert live.findings == []
    with pytest.MonkeyPatch.context() as patch:
        remember_one(patch)
        shop.models.rebuild()
    assert verify(shop.models) == live
