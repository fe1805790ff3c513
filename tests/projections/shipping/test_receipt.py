"""Who got what of a receipt: what the log says, and how it stands now."""

from typing import Any

import pytest

from stocktrail.ledger.refusal import Refusal
from stocktrail.projections.questions.receipt import ReceiptDetails
from tests.projections.shop import Shop


def owing(shop: Shop, **fields: Any) -> Shop:
    """Let a shop owe two items to three orders, and have bought some of both."""
    shop.allow_backorders()
    for sku in ("CUP", "TEA"):
        shop.send("register-product", sku=sku, source="default")
    for order, customer, sku, quantity in (
        ("SO-1", "Ann", "CUP", 3), ("SO-2", "Ben", "TEA", 4), ("SO-3", "Cid", "CUP", 5),
    ):
        shop.send("place-order", order=order, customer=customer,
                  lines=[{"sku": sku, "quantity": quantity}], **fields)
    shop.send("place-purchase-order", purchase_order="PO-1", vendor="Kiln", lines=[
        {"sku": "CUP", "quantity": 6}, {"sku": "TEA", "quantity": 9},
    ])
    return shop


def ask(shop: Shop, receipt: str = "R-1", **fields: Any) -> dict[str, Any]:
    """Ask who got what of a receipt of the purchase order."""
    asked = ReceiptDetails(purchase_order="PO-1", receipt=receipt, **fields)
    return asked.answer(shop.models)


def who(report: dict[str, Any]) -> list[tuple[Any, ...]]:
    """Return who got how much, how much is ready, and whether their order ships."""
    return [
        (row["order"], row["sku"], row["quantity"], row["ready"], row["ships"])
        for row in report["rows"]
    ]


def test_who_got_what_and_what_has_become_of_it_since(shop: Shop) -> None:
    received = owing(shop).send("receive-goods", purchase_order="PO-1", receipt="R-1")
    got = [("SO-1", "CUP", 3, 3, True), ("SO-3", "CUP", 3, 3, True), ("SO-2", "TEA", 4, 4, True)]
    report = ask(shop)
    assert who(report) == got
    assert [(line["sku"], line["quantity"], line["served"], line["left"])
            for line in report["lines"]] == [("CUP", 6, 6, 0), ("TEA", 9, 4, 5)]
    assert (report["orders"], report["orders_ready"], report["total"]) == (3, 3, 3)
    first = ask(shop, limit=2)
    second = ask(shop, limit=2, after=first["next"])
    assert [*who(first), *who(second)] == got
    assert (first["total"], second["total"], second["next"]) == (3, 3, None)
    shop.send("ship-order", order="SO-1", shipment="S-1")
    shop.send("count-stock", sku="CUP", counted=1)
    now, then = ask(shop), ask(shop, as_of=received)
    assert who(now) == [
        ("SO-1", "CUP", 3, 0, False), ("SO-3", "CUP", 3, 1, True), ("SO-2", "TEA", 4, 4, True),
    ]
    assert (now["orders"], now["orders_ready"]) == (3, 2)
    assert who(then) == got


def test_of_an_order_that_ships_only_whole_a_part_is_not_ready(shop: Shop) -> None:
    owing(shop, ship_policy="complete")
    shop.send("receive-goods", purchase_order="PO-1", receipt="R-1",
              lines=[{"line": 1, "quantity": 2}])
    shop.send("receive-goods", purchase_order="PO-1", receipt="R-2",
              lines=[{"line": 1, "quantity": 1}, {"line": 2, "quantity": 10}])
    assert who(ask(shop)) == [("SO-1", "CUP", 2, 3, True)]
    assert who(ask(shop, as_of=ask(shop)["position"])) == [("SO-1", "CUP", 2, 2, False)]
    assert who(ask(shop, "R-2")) == [("SO-1", "CUP", 1, 3, True), ("SO-2", "TEA", 4, 4, True)]
    assert [(line["over"], line["left"]) for line in ask(shop, "R-2")["lines"]] == [(0, 0), (1, 6)]


def test_what_nobody_received_is_refused(shop: Shop) -> None:
    before = owing(shop).models.catch_up()
    shop.send("cancel-order", order="SO-2")
    shop.send("receive-goods", purchase_order="PO-1", receipt="R-1", lines=[{"line": 2}])
    nobody = ask(shop)
    assert (nobody["rows"], nobody["orders"], nobody["lines"][0]["left"]) == ([], 0, 9)
    for asked, code in (
        ({"receipt": "R-9"}, "unknown_receipt"), ({"as_of": before}, "unknown_receipt"),
        ({"after": "nonsense"}, "bad_page"),
    ):
        with pytest.raises(Refusal) as refused:
            ask(shop, **asked)
        assert refused.value.code == code
    with pytest.raises(Refusal, match="no purchase order PO-9"):
        ReceiptDetails(purchase_order="PO-9", receipt="R-1").answer(shop.models)
