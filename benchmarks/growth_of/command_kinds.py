"""Every kind of command, one at a time: what deciding and recording it costs, and folding it.

Each is sent a few times to a copy of the ledger that somebody has open. Commands of an item are
about the hottest one, whose stream is the longest.
"""

from collections.abc import Iterator
from itertools import count
from statistics import median
from time import process_time
from typing import Any

from benchmarks.growth_of.costs import Cost
from benchmarks.growth_of.subjects import Subjects
from benchmarks.workload import script
from stocktrail.commands.scripts.reading import read_json_lines
from stocktrail.commands.scripts.submission import submit
from stocktrail.ledger.store import Ledger
from stocktrail.projections import ReadModels

Command = dict[str, Any]

TIMES = 5
_numbers = count(1)


def commands_of_a_day(subjects: Subjects) -> Iterator[tuple[str, Command]]:
    """Yield a name and a command for every kind, so that each is accepted when its turn comes."""
    hot, number = subjects["hot"], next(_numbers)
    order, purchase, source = f"G-SO-{number}", f"G-PO-{number}", f"G-SRC-{number}"
    line = {"sku": hot, "quantity": 2, "unit_price": "9.90"}
    yield "register-source", {"source": source}
    yield "define-pool", {"pool": f"G-POOL-{number}", "sources": [source]}
    yield "disable-source", {"source": source}
    yield "enable-source", {"source": source}
    yield "register-product", {"sku": f"G-{number}"}
    yield "receive-stock", {"sku": hot, "quantity": 500, "source": "main"}
    yield "adjust-stock", {"sku": hot, "delta": 1, "reason": "found"}
    yield "transfer-stock", {"sku": hot, "quantity": 1, "from_source": "main", "to_source": "north"}
    yield "count-stock", {"sku": f"G-{number}", "source": "main", "counted": 7}
    yield "set-stock-status", {"sku": f"G-{number}", "source": "main", "status": "out_of_stock"}
    yield "set-backorder-policy", {"sku": f"G-{number}", "backorders": "no"}
    yield "change-threshold", {"sku": hot, "threshold": "notify_below", "value": number}
    yield "set-manage-stock", {"sku": f"G-{number}", "manage": "off"}
    yield "set-quantity-rules", {"sku": f"G-{number}", "min_sale": 1}
    yield "register-customer", {"customer": f"G-{number}", "name": "Growth"}
    yield "place-order", {"order": order, "customer": f"G-{number}", "lines": [line]}
    yield "prioritise-order", {"order": order, "priority": 2, "reason": "called"}
    yield "reschedule-order", {"order": order, "reason": "called", "lines": [
        {"line": 1, "requested_date": "2027-03-01"}]}
    yield "mark-told", {"order": order, "how": "phone"}
    yield "ship-order", {"order": order, "shipment": f"G-S-{number}"}
    yield "refund-order", {"order": order, "refund": f"G-R-{number}", "lines": [
        {"line": 1, "quantity": 1, "outcome": "return", "source": "main"}]}
    yield "place-order", {"order": f"{order}-b", "customer": f"G-{number}", "lines": [line]}
    yield "cancel-order", {"order": f"{order}-b", "reason": "changed their mind"}
    yield "place-purchase-order", {
        "purchase_order": purchase, "vendor": "Vendor 001",
        "lines": [{"sku": hot, "quantity": 20, "expected_date": "2027-01-15"}]}
    yield "confirm-purchase-order", {"purchase_order": purchase}
    yield "delay-purchase-order", {
        "purchase_order": purchase, "expected_date": "2027-01-20", "reason": "late"}
    yield "receive-goods", {"purchase_order": purchase, "receipt": f"G-GR-{number}", "lines": [
        {"line": 1, "quantity": 5}]}
    yield "cancel-purchase-order", {"purchase_order": purchase, "reason": "cannot deliver"}
    yield "allocate-backorders", {"sku": hot, "strategy": "fill"}
    yield "erase-customer", {"customer": f"G-{number}", "reason": "asked for"}


GENERAL: tuple[tuple[str, Command], ...] = (
    ("change-threshold of all", {"threshold": "notify_below", "value": 4}),
    ("change-threshold of all", {"threshold": "notify_below", "value": 5}),
    ("disable-source north", {"source": "north"}),
    ("enable-source north", {"source": "north"}),
)
"""What is about every item: linear in those that it changes."""


def measured_commands(ledger: Ledger, subjects: Subjects) -> Iterator[tuple[str, Cost]]:
    """Measure every kind of command, each a few times; yields its writing, then its folding."""
    models = ReadModels(ledger)
    models.catch_up()
    writing: dict[str, list[float]] = {}
    folding: dict[str, list[float]] = {}
    for _ in range(TIMES):
        for name, fields in (*commands_of_a_day(subjects), *GENERAL):
            row = {"command": name.split()[0], "id": f"G-{next(_numbers)}", **fields}
            writing.setdefault(name, []).append(_seconds_of(ledger, row))
            began = process_time()
            models.catch_up()
            folding.setdefault(name, []).append(process_time() - began)
    for name, seconds in writing.items():
        yield f"{name}: record", Cost(median(seconds) * 1000)
        yield f"{name}: fold", Cost(median(folding[name]) * 1000)


def _seconds_of(ledger: Ledger, row: Command) -> float:
    began = process_time()
    results = list(submit(ledger, read_json_lines(script([row]))))
    spent = process_time() - began
    for result in results:
        if result.status != "accepted":
            raise SystemExit(f"A measured command was refused: {result.as_json()}")
    return spent
