"""Random shops in which every quantity and price is the least, the greatest, or next to those."""

import random
from collections.abc import Iterator
from typing import Any

Command = dict[str, Any]

MOST = "99999999999.9999"
QUANTITIES = (
    "0.0001", "0.0002", "1", "2", "49999999999.9999", "50000000000", "50000000000.0001",
    "99999999999", "99999999999.9998", MOST,
)
SIGNED = (*QUANTITIES, "0", "-0.0001", "-1", "-99999999999", f"-{MOST}")
PRICES = (None, "0", "0.0001", "1", "9999.9999", "10000", "10000.0001", MOST)
DATES = ("0001-01-01", "2026-03-01", "2026-03-20", "9999-12-31")
SKUS, SOURCES, POOLS = ("A", "B"), ("default", "berlin"), ("default", "EU")


class BoundaryShop:
    """Draws commands; what is ordered and bought is remembered, so that most of them fit."""

    def __init__(self, seed: int) -> None:
        self._chance = random.Random(seed)
        self._orders: list[tuple[str, int]] = []
        self._purchases: list[tuple[str, int]] = []

    def commands(self, count: int) -> Iterator[Command]:
        """Open a shop, and go on with so many commands at random."""
        opening: list[Command] = [
            {"command": "register-source", "source": "berlin"},
            {"command": "define-pool", "pool": "EU", "sources": ["berlin", "default"]},
            *({"command": "register-product", "sku": sku, "decimal": True} for sku in SKUS),
            {"command": "set-backorder-policy", "backorders": "allow"},
            {"command": "set-quantity-rules", "min_sale": "off", "max_sale": "off"},
            *(
                {"command": "receive-stock", "sku": sku, "quantity": "0.0001", "source": source}
                for sku in SKUS for source in SOURCES
            ),
        ]
        for number, each in enumerate([*opening, *(self._any(n) for n in range(count))]):
            yield {"id": f"c-{number}", **each}

    def _any(self, number: int) -> Command:
        draw = self._chance.choice
        on_hand: list[Command] = [
            {"command": "receive-stock", "quantity": draw(QUANTITIES)},
            {"command": "adjust-stock", "delta": draw(SIGNED), "reason": "found"},
            {"command": "count-stock", "counted": draw((*QUANTITIES, "0"))},
        ]
        kind = self._chance.random()
        if kind < 0.3:
            return {**draw(on_hand), "sku": draw(SKUS), "source": draw(SOURCES)}
        if kind < 0.35:
            return {
                "command": "transfer-stock", "sku": draw(SKUS), "quantity": draw(QUANTITIES),
                "from_source": "berlin", "to_source": "default",
            }
        if kind < 0.5:
            return self._sale(number)
        if kind < 0.6:
            return self._purchase(number)
        if kind < 0.75 and self._orders:
            return self._of_order(number)
        if kind < 0.9 and self._purchases:
            return self._of_purchase(number)
        return self._setting()

    def _lines(self, **more: Any) -> list[Command]:
        draw = self._chance.choice
        return [
            {"sku": draw(SKUS), "quantity": draw(QUANTITIES), **{
                name: draw(values) for name, values in more.items()
            }}
            for _ in range(self._chance.choice((1, 1, 2, 3)))
        ]

    def _sale(self, number: int) -> Command:
        lines = self._lines(unit_price=PRICES, requested_date=DATES)
        self._orders.append((f"SO-{number}", len(lines)))
        return {
            "command": "place-order", "order": f"SO-{number}", "customer": "Ada", "lines": lines,
            "pool": self._chance.choice(POOLS), "priority": self._chance.choice((1, 100)),
        }

    def _purchase(self, number: int) -> Command:
        lines = self._lines(expected_date=DATES)
        self._purchases.append((f"PO-{number}", len(lines)))
        return {
            "command": "place-purchase-order", "purchase_order": f"PO-{number}", "vendor": "Acme",
            "lines": lines, "source": self._chance.choice(SOURCES),
        }

    def _of_order(self, number: int) -> Command:
        draw = self._chance.choice
        name, count = draw(self._orders)
        line = {"line": self._chance.randint(1, count), "quantity": draw(QUANTITIES)}
        return draw([
            {"command": "cancel-order", "order": name, "lines": [line]},
            {"command": "cancel-order", "order": name},
            {"command": "ship-order", "order": name, "shipment": f"S-{number}"},
            {"command": "ship-order", "order": name, "shipment": f"S-{number}", "lines": [line]},
            {"command": "refund-order", "order": name, "refund": f"R-{number}", "lines": [
                {**line, "outcome": draw(("release", "return", "write_off"))},
            ]},
            {"command": "prioritise-order", "order": name, "priority": draw((1, 100)),
             "reason": "she asked"},
            {"command": "move-allocation", "sku": draw(SKUS), "from_order": name,
             "to_order": draw(self._orders)[0], "quantity": draw(QUANTITIES), "reason": "urgent",
             "pool": draw(POOLS)},
        ])

    def _of_purchase(self, number: int) -> Command:
        draw = self._chance.choice
        name, count = draw(self._purchases)
        line = {"line": self._chance.randint(1, count), "quantity": draw(QUANTITIES)}
        return draw([
            {"command": "receive-goods", "purchase_order": name, "receipt": f"GR-{number}"},
            {"command": "receive-goods", "purchase_order": name, "receipt": f"GR-{number}",
             "lines": [line]},
            {"command": "confirm-purchase-order", "purchase_order": name, "lines": [
                {**line, "expected_date": draw(DATES)},
            ]},
            {"command": "cancel-purchase-order", "purchase_order": name, "lines": [line]},
        ])

    def _setting(self) -> Command:
        draw = self._chance.choice
        return draw([
            {"command": "change-threshold", "threshold": draw(
                ("out_of_stock", "notify_below", "only_x_left")
            ), "value": draw(SIGNED), "sku": draw(SKUS)},
            {"command": "set-quantity-rules", "sku": draw(SKUS), "increment": draw(
                ("off", *QUANTITIES)
            )},
            {"command": "set-quantity-rules", "sku": draw(SKUS), "min_sale": draw(QUANTITIES)},
            {"command": "set-quantity-rules", "sku": draw(SKUS), "min_sale": "off"},
            {"command": "set-promise-rules", "overdue_offset_days": draw((0, 1, 365))},
            {"command": "allocate-backorders", "sku": draw(SKUS), "strategy": "first_come"},
            {"command": "set-manage-stock", "sku": draw(SKUS), "manage": draw(("on", "off"))},
        ])
