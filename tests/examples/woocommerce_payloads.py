"""Payloads as WooCommerce documents them for its webhooks: those of its REST API, version 3.

See https://developer.woocommerce.com/docs/apis/rest-api/v3/orders/ and .../order-refunds/; the
shop is our own.
"""

from typing import Any

MUG, LAMP, GIFT = 315, 316, 317


def meta(key: str, value: str) -> dict[str, Any]:
    """Return an entry of meta data."""
    return {"id": 2095, "key": key, "value": value, "display_key": key, "display_value": value}


def item(line: int, sku: str, quantity: int, name: str, restocked: int = 0) -> dict[str, Any]:
    """Return a line of an order."""
    kept = [meta("_reduced_stock", str(quantity - restocked))]
    if restocked:
        kept.append(meta("_restock_refunded_items", str(restocked)))
    return {
        "id": line, "name": name, "product_id": 93, "variation_id": 0, "quantity": quantity,
        "tax_class": "", "subtotal": "39.80", "subtotal_tax": "0.00", "total": "39.80",
        "total_tax": "0.00", "taxes": [], "meta_data": kept, "sku": sku, "price": 19.903333,
        "image": {"id": "", "src": ""}, "parent_name": None,
    }


def order(
    status: str, minute: int = 0, *items: dict[str, Any], **changes: Any
) -> dict[str, Any]:
    """Return an order of 2 mugs, 5 lamps and a gift wrap, changed at a minute after noon."""
    return {
        "id": 727, "parent_id": 0, "number": "727", "order_key": "wc_order_58d2d042d1d",
        "created_via": "checkout", "version": "9.4.1", "status": status, "currency": "EUR",
        "date_created": "2026-03-01T13:00:00", "date_created_gmt": "2026-03-01T12:00:00",
        "date_modified": f"2026-03-01T13:{minute:02}:00",
        "date_modified_gmt": f"2026-03-01T12:{minute:02}:00", "discount_total": "0.00",
        "discount_tax": "0.00", "shipping_total": "10.00", "total": "149.30",
        "prices_include_tax": False, "customer_id": 26, "customer_note": "",
        "billing": {"first_name": "John", "last_name": "Doe", "email": "john.doe@example.com"},
        "shipping": {"first_name": "John", "last_name": "Doe"}, "payment_method": "bacs",
        "transaction_id": "", "date_paid_gmt": "2026-03-01T12:00:08",
        "date_completed": None, "date_completed_gmt": None, "cart_hash": "", "meta_data": [],
        "line_items": list(items) or [
            item(MUG, "MUG", 2, "Mug"), item(LAMP, "LAMP", 5, "Lamp"),
            item(GIFT, "", 1, "Gift wrap"),
        ],
        "tax_lines": [], "shipping_lines": [], "fee_lines": [], "coupon_lines": [], "refunds": [],
        **changes,
    }


def completed(minute: int, *items: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """Return such an order, completed at 12:30."""
    return order("completed", minute, *items, date_completed_gmt="2026-03-01T12:30:00", **changes)


def told(*numbers: int) -> list[dict[str, Any]]:
    """Return what an order tells of its refunds: no lines."""
    return [{"id": number, "reason": "", "total": "-19.90"} for number in numbers]


def refund(number: int, minute: int, **units: int) -> dict[str, Any]:
    """Return a refund as the REST API has it: its lines refer to those of the order."""
    lines = {"mug": MUG, "lamp": LAMP}
    return {
        "id": number, "date_created": f"2026-03-01T13:{minute:02}:00",
        "date_created_gmt": f"2026-03-01T12:{minute:02}:00", "amount": "19.90", "reason": "broken",
        "refunded_by": 1, "refunded_payment": False, "meta_data": [],
        "line_items": [
            {"id": 900 + lines[name], "name": name, "product_id": 93, "variation_id": 0,
             "quantity": -quantity, "total": "-19.90", "sku": name.upper(), "price": -19.9,
             "meta_data": [meta("_refunded_item_id", str(lines[name]))]}
            for name, quantity in units.items()
        ],
    }


def product(sku: str, name: str, minute: int = 0, kind: str = "simple") -> dict[str, Any]:
    """Return a product, or a variation of one."""
    return {
        "id": 799, "name": name, "slug": "ship-your-idea-22", "type": kind, "status": "publish",
        "date_modified_gmt": f"2026-03-01T12:{minute:02}:00", "sku": sku, "price": "20",
        "manage_stock": True, "stock_quantity": 7, "stock_status": "instock", "backorders": "no",
        "parent_id": 31 if kind == "variation" else 0, "variations": [],
    }
