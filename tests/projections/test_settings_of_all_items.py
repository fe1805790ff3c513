"""A setting of all items reaches the notices of each at once: low stock says what stock says."""

from typing import Any

import pytest

from stocktrail.ledger.configuration import Policy
from tests.projections.shop import Shop

CHANGES: dict[str, tuple[tuple[str, dict[str, Any]], ...]] = {
    "backorders": (
        ("change-threshold", {"threshold": "out_of_stock", "value": -50}),
        ("set-backorder-policy", {"backorders": "allow"}),
        ("set-backorder-policy", {"backorders": "no"}),
    ),
    "out_of_stock_threshold": (
        ("change-threshold", {"threshold": "out_of_stock", "value": 5}),
        ("change-threshold", {"threshold": "out_of_stock", "value": 1}),
    ),
    "only_x_left_threshold": (
        ("change-threshold", {"threshold": "only_x_left", "value": 9}),
    ),
    "notify_below": (
        ("change-threshold", {"threshold": "notify_below", "value": 9}),
        ("change-threshold", {"threshold": "notify_below", "value": 2}),
    ),
    "manage_stock": (
        ("set-manage-stock", {"manage": "off"}), ("set-manage-stock", {"manage": "on"}),
    ),
    "min_sale_quantity": (("set-quantity-rules", {"min_sale": 3}),),
    "max_sale_quantity": (("set-quantity-rules", {"max_sale": 2}),),
    "quantity_increment": (("set-quantity-rules", {"increment": 4}),),
}
"""For each setting the commands that change it for all items, one after the other."""


def test_every_setting_is_tried() -> None:
    assert CHANGES.keys() == set(Policy._fields)


@pytest.mark.parametrize("setting", CHANGES)
def test_low_stock_says_at_once_what_stock_says(shop: Shop, setting: str) -> None:
    for sku, quantity in (("NONE", 0), ("ONE", 1), ("FEW", 4), ("MANY", 40)):
        shop.carry(sku, quantity or 1)
        if not quantity:
            shop.send("count-stock", sku=sku, counted=0)
    for command, fields in CHANGES[setting]:
        shop.send(command, **fields)
        low = {sku for sku, where, _ in shop.low() if where == "default"}
        assert low == {
            sku for sku in ("NONE", "ONE", "FEW", "MANY") if shop.stock(sku)["low_stock"]
        }
