"""Payloads as Shopify documents them for its webhooks, with the fields that its samples have.

The shapes are those of https://shopify.dev/docs/api/webhooks (2026-10); the shop is our own.
"""

from typing import Any

ORDER = 820982911946154508
MUG, LAMP, GIFT = 487817672276298554, 976318377106520349, 789012345678901234
AT = "2026-03-01T09:00:00-05:00"
LATER = "2026-03-02T11:30:00-05:00"


def money(amount: str) -> dict[str, Any]:
    """Return an amount in both currencies of an order."""
    either = {"amount": amount, "currency_code": "EUR"}
    return {"shop_money": either, "presentment_money": either}


def item(
    line: int, sku: str | None, quantity: int, title: str, shipped: str | None = None
) -> dict[str, Any]:
    """Return a line of an order, a fulfilment or a refund."""
    return {
        "id": line, "admin_graphql_api_id": f"gid://shopify/LineItem/{line}",
        "current_quantity": quantity, "fulfillable_quantity": 0 if shipped else quantity,
        "fulfillment_service": "manual", "fulfillment_status": shipped, "gift_card": False,
        "grams": 100, "name": title, "price": "19.90", "price_set": money("19.90"),
        "product_exists": True, "product_id": 788032119674292922, "properties": [],
        "quantity": quantity, "requires_shipping": True, "sku": sku, "taxable": True,
        "title": title, "total_discount": "0.00", "total_discount_set": money("0.00"),
        "variant_id": None, "variant_inventory_management": None, "variant_title": None,
        "vendor": None, "tax_lines": [], "duties": [], "discount_allocations": [],
    }


def order(**changes: Any) -> dict[str, Any]:
    """Return an order of 2 mugs, 5 lamps and a gift wrap without a SKU."""
    return {
        "id": ORDER, "admin_graphql_api_id": f"gid://shopify/Order/{ORDER}", "app_id": None,
        "cancel_reason": None, "cancelled_at": None, "cart_token": None, "confirmed": True,
        "contact_email": "jon@example.com", "created_at": AT, "currency": "EUR",
        "current_subtotal_price": "139.30", "email": "jon@example.com",
        "financial_status": "paid", "fulfillment_status": None, "location_id": None,
        "name": "#9999", "note": None, "number": 234, "order_number": 1234, "processed_at": AT,
        "source_name": "web", "tags": "tag1, tag2", "test": True, "token": "123456abcd",
        "total_price": "149.30", "total_price_set": money("149.30"), "updated_at": AT,
        "customer": {"id": 115310627314723954, "email": "john@example.com", "first_name": "John",
                     "last_name": "Smith", "state": "disabled"},
        "fulfillments": [], "refunds": [], "returns": [], "shipping_lines": [],
        "line_items": [
            item(MUG, "MUG", 2, "Mug"), item(LAMP, "LAMP", 5, "Mid-century lamp"),
            item(GIFT, None, 1, "Gift wrap"),
        ],
        **changes,
    }


def fulfillment(number: int = 123456, *items: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """Return a fulfilment; of both mugs, if nothing is said."""
    return {
        "id": number, "order_id": ORDER, "status": "success", "created_at": LATER,
        "service": None, "updated_at": LATER, "tracking_company": "UPS",
        "shipment_status": None, "location_id": None, "origin_address": None,
        "email": "jon@example.com", "destination": {"first_name": "Steve", "city": "Shippington"},
        "line_items": list(items) or [item(MUG, "MUG", 2, "Mug")],
        "tracking_number": "1z827wk74630", "tracking_numbers": ["1z827wk74630"], "receipt": {},
        "name": "#9999.1", "admin_graphql_api_id": f"gid://shopify/Fulfillment/{number}",
        **changes,
    }


def refunded(
    line: int, quantity: int, restock: str, shipped: str | None = None,
    location: int | None = None,
) -> dict[str, Any]:
    """Return a line of a refund."""
    return {
        "id": line + 73, "quantity": quantity, "line_item_id": line, "location_id": location,
        "restock_type": restock, "subtotal": 19.9 * quantity, "total_tax": 0.0,
        "subtotal_set": money("19.90"), "total_tax_set": money("0.00"),
        "line_item": item(line, "MUG" if line == MUG else "LAMP", 5, "Mid-century lamp", shipped),
    }


def refund(*lines: dict[str, Any], number: int = 890088186047892319, **more: Any) -> dict[str, Any]:
    """Return a refund."""
    return {
        "id": number, "order_id": ORDER, "created_at": "2026-03-03T10:00:00-05:00",
        "note": "Things were damaged", "user_id": 548380009, "processed_at": LATER, "duties": [],
        "total_duties_set": money("0.00"), "return": None, "refund_shipping_lines": [],
        "restock": False, "admin_graphql_api_id": f"gid://shopify/Refund/{number}",
        "order_adjustments": [], "transactions": [], "refund_line_items": list(lines), **more,
    }


def product(*skus: str | None, at: str = AT, title: str = "Example T-Shirt") -> dict[str, Any]:
    """Return a product with a variant for each SKU."""
    return {
        "admin_graphql_api_id": "gid://shopify/Product/788032119674292922",
        "body_html": "An example T-Shirt", "created_at": None, "handle": "example-t-shirt",
        "id": 788032119674292922, "product_type": "Shirts", "published_at": AT, "title": title,
        "updated_at": at, "vendor": "Acme", "status": "active", "published_scope": "web",
        "tags": "example, mens, t-shirt", "options": [], "images": [], "image": None,
        "variants": [
            {"id": 642667041472713922 + place, "product_id": 788032119674292922, "sku": sku,
             "title": "Small" if place == 0 else "Medium", "price": "19.99", "position": place + 1,
             "inventory_policy": "deny", "inventory_item_id": None, "inventory_quantity": 75,
             "old_inventory_quantity": 75, "updated_at": at}
            for place, sku in enumerate(skus)
        ],
    }
