"""A shop in the middle of its work: two months of sales, receipts that come late, orders that wait.

What happens is drawn with a fixed seed, and dated so that it ends today.
"""

import random
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

from stocktrail.commands import COMMANDS
from stocktrail.commands.scripts.results import DONE
from stocktrail.commands.scripts.submission import submit_one
from stocktrail.ledger.store import Ledger
from stocktrail.projections import ReadModels

ITEMS = {
    "CHAI-250": ("Chai, 250 g", 120), "OOLONG-100": ("Oolong, 100 g", 90),
    "MATCHA-50": ("Matcha, 50 g", 40), "TEAPOT-IRON": ("Iron teapot, 0.9 l", 16),
    "TEAPOT-GLASS": ("Glass teapot, 1.2 l", 22), "CUP-WHITE": ("Cup, white", 240),
    "CUP-BLUE": ("Cup, blue glaze", 180), "FILTER-100": ("Paper filters, 100", 300),
    "TIN-SMALL": ("Tin, small", 150), "HONEY-500": ("Heather honey, 500 g", 60),
    "WHISK-BAMBOO": ("Bamboo whisk", 35), "KETTLE-15": ("Kettle, 1.5 l", 14),
}
CUSTOMERS = ("Alfreds Futterkiste", "Berglunds snabbköp", "Bólido Comidas", "Frankenversand",
             "Island Trading", "La maison d'Asie", "Ottilies Käseladen", "Vins et alcools")
VENDORS = ("Formosa Tea Co.", "Kyoto Kogei", "Nordic Ceramics")


def commands(today: date) -> Iterator[tuple[str, dict[str, Any]]]:
    """Return what happened in the shop until today, in order."""
    chance = random.Random(7)
    start = datetime.combine(today - timedelta(days=60), datetime.min.time(), UTC)

    def at(day: int, hour: int = 9, minute: int = 0) -> str:
        moment = start + timedelta(days=day, hours=hour, minutes=minute)
        return moment.isoformat().replace("+00:00", "Z")

    def expected(day: int) -> str:
        return (start.date() + timedelta(days=day)).isoformat()

    yield "register-source", {"source": "north", "name": "Northern depot", "occurred_at": at(0, 6)}
    yield "define-pool", {"pool": "wholesale", "sources": ["north"], "occurred_at": at(0, 6)}
    yield "set-backorder-policy", {"backorders": "allow_and_notify", "occurred_at": at(0, 6)}
    yield "change-threshold", {
        "threshold": "out_of_stock", "value": -60, "occurred_at": at(0, 6)}
    yield "change-threshold", {"threshold": "notify_below", "value": 10, "occurred_at": at(0, 6)}
    for sku, (name, quantity) in ITEMS.items():
        yield "register-product", {"sku": sku, "name": name, "occurred_at": at(0, 7)}
        yield "receive-stock", {
            "sku": sku, "quantity": quantity, "reason": "opening stock", "occurred_at": at(0, 8)}
    yield "change-threshold", {
        "threshold": "only_x_left", "value": 8, "sku": "KETTLE-15", "occurred_at": at(0, 8)}
    yield "set-backorder-policy", {
        "backorders": "no", "sku": "FILTER-100", "occurred_at": at(0, 8)}
    number, purchases = 1000, 0
    for day in range(1, 60):
        for hour in range(chance.randint(1, 4)):
            number += 1
            skus = chance.sample(sorted(ITEMS), chance.randint(1, 3))
            yield "place-order", {
                "order": f"SO-{number}", "customer": chance.choice(CUSTOMERS),
                "lines": [
                    {"sku": sku, "quantity": chance.randint(1, max(ITEMS[sku][1] // 9, 2)),
                     "requested_date": expected(day + chance.randint(1, 9))} for sku in skus
                ],
                "occurred_at": at(day, 9 + hour),
            }
            if chance.random() < .75 or day < 30:
                yield "ship-order", {"order": f"SO-{number}", "shipment": f"SH-{number}",
                                     "occurred_at": at(day, 16, hour)}
        if day % 6 == 0:
            purchases += 1
            skus = chance.sample(sorted(ITEMS), 3)
            yield "place-purchase-order", {
                "purchase_order": f"PO-{purchases:03}", "vendor": chance.choice(VENDORS),
                "lines": [
                    {"sku": sku, "quantity": max(ITEMS[sku][1] // 2, 5),
                     "expected_date": expected(day + 12)} for sku in skus
                ],
                "occurred_at": at(day, 17),
            }
        if day % 6 == 3 and day > 20 and purchases > 3:
            yield "receive-goods", {
                "purchase_order": f"PO-{purchases - 3:03}", "receipt": f"R-{purchases - 3:03}",
                "occurred_at": at(day, 11)}
    yield "delay-purchase-order", {
        "purchase_order": f"PO-{purchases - 1:03}", "expected_date": expected(72),
        "reason": "the ship waits at Suez", "occurred_at": at(59, 18)}
    yield "count-stock", {"sku": "CUP-BLUE", "counted": 2, "reason": "yearly count",
                          "occurred_at": at(59, 19)}


def fill(ledger: Ledger, today: date | None = None) -> None:
    """Let everything happen in a ledger; what the state refuses did not happen."""
    for name, fields in commands(today or datetime.now(UTC).date()):
        result = submit_one(ledger, COMMANDS[name].model_validate(fields))
        assert result.status in DONE or name in ("place-order", "ship-order"), result
    ReadModels(ledger).catch_up()
