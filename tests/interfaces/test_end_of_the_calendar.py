"""A date at the end of the calendar is a date like any other: nothing stops at it.

Nothing may occur then any more, but ledgers of earlier versions may say that something did.
"""

import pytest

from stocktrail.ledger.store import open_ledger
from tests.earlier_versions import send_as_earlier
from tests.interfaces.terminal import Terminal


@pytest.mark.parametrize("question", [
    ("stock", "A"), ("backorders", "--by", "vendor"), ("backorders", "--by", "item"),
    ("order", "SO-1"), ("flow", "A"), ("history", "A"), ("explain", "stock", "A"),
    ("explain", "promise", "SO-1", "1"), ("verify",), ("replay", "A"), ("purchase-order", "PO-1"),
    ("promise", "A", "--quantity", "3"),
], ids=" ".join)
def test_goods_that_came_on_the_last_day_of_all(
    terminal: Terminal, question: tuple[str, ...]
) -> None:
    last = "9999-12-31T23:59:59Z"
    answer = terminal.submit(
        {"command": "register-product", "sku": "A"},
        {"command": "receive-stock", "sku": "A", "quantity": 1, "id": "first"},
        {"command": "set-backorder-policy", "sku": "A", "backorders": "allow"},
        {"command": "place-purchase-order", "purchase_order": "PO-1", "vendor": "V",
         "lines": [{"sku": "A", "quantity": 5, "expected_date": "2026-12-01"}]},
        {"command": "place-order", "order": "SO-1", "customer": "C",
         "lines": [{"sku": "A", "quantity": 3}]},
    )
    assert (answer.status, answer.err) == (0, ""), answer.out
    refused = terminal.submit(
        {"command": "receive-stock", "sku": "A", "quantity": 1, "occurred_at": last}
    )
    assert (refused.status, refused.rows[0]["code"]) == (3, "occurred_in_future")
    with open_ledger(terminal.url) as ledger:
        send_as_earlier(ledger, "receive-stock", sku="A", quantity=1, occurred_at=last)
    assert terminal.type(*question).status == 0
    assert terminal.type("rebuild").status == 0
