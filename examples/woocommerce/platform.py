"""WooCommerce as a platform: its headers, its ping, and what its topics become."""

import re
from functools import partial

from examples.storefront.translation import (
    KnownOrders,
    Payload,
    Platform,
    Translation,
    required,
    sku_of,
)
from examples.woocommerce.orders import WooCommerceOrder
from examples.woocommerce.refunds import RefundsOf

ORDER_TOPICS = frozenset(("order.created", "order.updated", "order.restored"))
PRODUCT_TOPICS = frozenset(("product.created", "product.updated", "product.restored"))
SOLD_AS_IT_IS = frozenset(("simple", "variation"))
"""A variable product is sold by its variations, of which WooCommerce tells one by one."""


def woocommerce(
    pool: str = "default", new_items_at: str | None = None, refunds_of: RefundsOf | None = None
) -> Platform:
    """Return WooCommerce as a platform.

    Orders are sold from ``pool``; ``new_items_at`` is the source that is to carry items that
    WooCommerce tells of. When a webhook is saved, WooCommerce sends its number, unsigned, to see
    whether anybody answers.
    """
    return Platform(
        "woocommerce", "x-wc-webhook-signature", "x-wc-webhook-topic", "x-wc-webhook-delivery-id",
        partial(translate, pool=pool, new_items_at=new_items_at, refunds_of=refunds_of),
        is_ping=lambda body: re.fullmatch(rb"webhook_id=\d{1,20}", body) is not None,
    )


def translate(
    topic: str, payload: Payload, orders: KnownOrders, *, pool: str, new_items_at: str | None,
    refunds_of: RefundsOf | None,
) -> Translation:
    """Return what a webhook becomes; nothing for topics that move no stock."""
    if topic in ORDER_TOPICS:
        return WooCommerceOrder(payload, orders, pool, refunds_of).translate()
    if topic == "order.deleted":
        return WooCommerceOrder(payload, orders, pool, refunds_of).deleted()
    if topic in PRODUCT_TOPICS:
        return _product(payload, orders, new_items_at)
    return Translation(topic)


def _product(payload: Payload, orders: KnownOrders, new_items_at: str | None) -> Translation:
    """Register a product that has a SKU, unless something newer was told of it."""
    product = str(required(payload, "id"))
    found = Translation(f"product {product}")
    changed = str(required(payload, "date_modified_gmt"))
    kind, name, sku = required(payload, "type"), str(payload.get("name") or ""), sku_of(payload)
    if kind not in SOLD_AS_IT_IS or not orders.is_newer(f"woocommerce {found.about}", changed):
        return found
    if not sku:
        found.remarks.append(f"{name or product} has no SKU: it is not in the ledger.")
        return found
    found.add(
        "register-product", f"woocommerce:product:{product}:{changed}", None,
        {"sku": sku, "name": name or None, "source": new_items_at or None},
    )
    return found
