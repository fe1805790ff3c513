"""What the wholesaler had on order from suppliers when the two years were over."""

import json
from collections import Counter
from typing import cast

from stocktrail.commands.scripts.reading import read_json_lines
from stocktrail.commands.scripts.submission import submit
from stocktrail.ledger.purchase_orders.state import PurchaseOrder
from stocktrail.ledger.quantity import to_number
from stocktrail.ledger.store import Ledger
from tests.scenarios.script import NORTHWIND, NORTHWIND_EXPECTED, NORTHWIND_PURCHASES

EXPECTED = json.loads(NORTHWIND_EXPECTED.read_text(encoding="utf-8"))


def test_open_supply_is_what_the_17_purchase_orders_have_not_brought_yet(ledger: Ledger) -> None:
    for path in (NORTHWIND, NORTHWIND_PURCHASES):
        with path.open("rb") as script:
            results = list(submit(ledger, read_json_lines(script)))
        assert {result.status for result in results} == {"accepted"}
    streams = list(ledger.streams(PurchaseOrder.category))
    assert len(streams) == EXPECTED["purchase_orders"]
    open_supply: Counter[str] = Counter()
    for stream in streams:
        for line in cast(PurchaseOrder, ledger.aggregate(stream)).lines.values():
            open_supply[line.sku] += line.remaining
    for sku, expected in EXPECTED["items"].items():
        assert to_number(open_supply[sku]) == expected["open_supply"], sku
    assert open_supply.keys() <= EXPECTED["items"].keys()
