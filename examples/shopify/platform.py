"""Shopify as a platform: its headers, and what its topics become."""

from collections.abc import Mapping
from functools import partial

from examples.shopify.orders import ShopifyOrder, in_utc
from examples.storefront.translation import (
    KnownOrders,
    Payload,
    Platform,
    Translation,
    listed,
    required,
    sku_of,
)

ORDER_TOPICS = frozenset((
    "orders/create", "orders/updated", "orders/paid", "orders/cancelled", "orders/fulfilled",
    "orders/partially_fulfilled",
))
FULFILLMENT_TOPICS = frozenset(("fulfillments/create", "fulfillments/update"))
PRODUCT_TOPICS = frozenset(("products/create", "products/update"))

def shopify(
    sources: Mapping[str, str] | None = None, pool: str = "default",
    new_items_at: str | None = None,
) -> Platform:
    """Return Shopify as a platform.

    ``sources`` names the source of each location id, ``pool`` what orders are sold from, and
    ``new_items_at`` the source that is to carry items that Shopify tells of.
    """
    return Platform(
        "shopify", "x-shopify-hmac-sha256", "x-shopify-topic", "x-shopify-webhook-id",
        partial(translate, sources=sources or {}, pool=pool, new_items_at=new_items_at),
    )


def translate(
    topic: str, payload: Payload, orders: KnownOrders, *, sources: Mapping[str, str], pool: str,
    new_items_at: str | None = None,
) -> Translation:
    """Return what a webhook becomes; nothing for topics that move no stock."""
    if topic in PRODUCT_TOPICS:
        return _product(payload, orders, new_items_at)
    if topic not in (*ORDER_TOPICS, *FULFILLMENT_TOPICS, "refunds/create"):
        return Translation(topic)
    is_order = topic in ORDER_TOPICS
    order_id = str(required(payload, "id" if is_order else "order_id"))
    translating = ShopifyOrder(order_id, orders, sources)
    if is_order:
        translating.order(payload, pool)
    elif topic == "refunds/create":
        translating.know()
        translating.refund(payload)
    else:
        translating.know()
        translating.fulfillment(payload)
    return translating.found


def _product(payload: Payload, orders: KnownOrders, new_items_at: str | None) -> Translation:
    """Register each variant that has a SKU, unless something newer was told of the product."""
    product = str(required(payload, "id"))
    found = Translation(f"product {product}")
    changed = in_utc(str(required(payload, "updated_at")))
    if not orders.is_newer(f"shopify product {product}", changed):
        return found
    title = str(payload.get("title") or product)
    for variant in listed(payload, "variants"):
        name, sku = str(variant.get("title") or ""), sku_of(variant)
        whole = title if name in ("", "Default Title") else f"{title} - {name}"
        if not sku:
            found.remarks.append(f"{whole} has no SKU: it is not in the ledger.")
            continue
        found.add(
            "register-product", f"shopify:variant:{required(variant, 'id')}:{changed}", None,
            {"sku": sku, "name": whole, "source": new_items_at or None},
        )
    return found
