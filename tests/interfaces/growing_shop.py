"""A shop of which everything that a question lists has as many rows as one likes."""

from collections.abc import Iterator
from typing import Any

from tests.store.shop import Command

DAY = "2026-03-{:02}"
RECORDED_LATE = "2026-01-02T00:00:00Z"


def growing_shop(size: int) -> Iterator[Command]:
    """Yield the commands: items, orders, receipts, customers' lines, settings and webhooks.

    One item has lines of most orders and of every purchase order, one order and one purchase order
    have a line of every item, and one line waits for most receipts. Half of them are late, and a
    third of the orders is shipped. What was recorded late is of the one item: by the trade's clock
    each such item is folded by itself.
    """
    items = [f"I-{number}" for number in range(size)]

    def line(sku: str, quantity: float, **more: Any) -> dict[str, Any]:
        return {"sku": sku, "quantity": quantity, **more}

    yield {"command": "register-source", "source": "north"}
    yield {"command": "register-customer", "customer": "ANNA", "name": "Anna"}
    yield {"command": "define-pool", "pool": "web", "sources": ["north", "default"]}
    yield {"command": "set-backorder-policy", "backorders": "allow_and_notify"}
    yield {"command": "change-threshold", "threshold": "notify_below", "value": 5}
    for number, sku in enumerate(["HOT", *items]):
        yield {"command": "register-product", "sku": sku, "attributes": {"colour": f"c{number}"}}
        yield {"command": "receive-stock", "sku": sku, "quantity": 3}
        late = {} if number else {"occurred_at": RECORDED_LATE}
        yield {"command": "receive-stock", "sku": sku, "quantity": 1, "source": "north", **late}
        yield {"command": "change-threshold", "sku": sku, "threshold": "only_x_left", "value": 2}
    requested = {"requested_date": DAY.format(20)}
    for number, sku in enumerate(items):
        expected = {"expected_date": DAY.format(10 + number % 9)}
        yield {
            "command": "place-purchase-order", "purchase_order": f"PO-{number}",
            "vendor": f"V-{number % 3}", "lines": [
                line("HOT", 6, **expected), line(sku, 2, **expected),
            ],
        }
    yield {
        "command": "place-purchase-order", "purchase_order": "PO-ALL", "vendor": "V-1",
        "lines": [line(sku, 2, expected_date=DAY.format(25)) for sku in items],
    }
    yield {
        "command": "receive-goods", "purchase_order": "PO-ALL", "receipt": "GR-ALL",
        "lines": [{"line": number, "quantity": 1} for number in range(1, size + 1)],
    }
    for number, sku in enumerate(items):
        yield {
            "command": "place-order", "order": f"SO-{number}",
            "customer": "ANNA" if number % 2 else f"C-{number}",
            "lines": [line(sku, 2, **requested)] if number % 3 == 0 else [
                line("HOT", 3, **requested), line(sku, 2, **requested),
            ],
        }
        if number % 3 == 0:
            yield {"command": "ship-order", "order": f"SO-{number}", "shipment": f"SH-{number}"}
    yield {
        "command": "place-order", "order": "SO-ALL", "customer": "ANNA",
        "lines": [
            line("HOT", 4 * size, **requested), *(line(sku, 5, **requested) for sku in items),
        ],
    }
    for number in range(0, size, 2):
        yield {
            "command": "delay-purchase-order", "purchase_order": f"PO-{number}",
            "expected_date": DAY.format(28),
        }
        yield {
            "command": "receive-goods", "purchase_order": f"PO-{number + 1}",
            "receipt": f"GR-{number}", "lines": [{"line": 1, "quantity": 1}],
        }
        yield {"command": "create-webhook", "webhook": f"hook-{number}",
               "url": "https://shop.example/hook"}
        yield {"command": "disable-webhook", "webhook": f"hook-{number}", "reason": "nobody there"}
