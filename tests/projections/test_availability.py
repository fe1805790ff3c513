"""Availability: would it be accepted, what would be backordered, and why not."""

from typing import Any

from stocktrail.ledger.quantity import parse_quantity
from stocktrail.projections.questions.availability import availability
from tests.projections.shop import Shop


def ask(shop: Shop, sku: str, quantity: float, pool: str = "default") -> dict[str, Any]:
    """Ask whether a quantity could be ordered."""
    return availability(shop.models, sku, parse_quantity(quantity), pool)


def codes(answer: dict[str, Any]) -> list[str]:
    """Return the codes of the refusals."""
    return [refusal["code"] for refusal in answer["refusals"]]


def test_what_is_there_can_be_ordered(shop: Shop) -> None:
    shop.carry("A", 10)
    answer = ask(shop, "A", 10)
    assert (answer["satisfiable"], answer["backordered_quantity"], answer["refusals"]) == (
        True, 0, [],
    )
    assert (answer["quantity"], answer["salable_quantity"], answer["message"]) == (
        10, 10, "In Stock",
    )


def test_more_than_is_there_is_refused_with_a_code_and_a_sentence(shop: Shop) -> None:
    shop.carry("A", 10)
    answer = ask(shop, "A", 11)
    assert (answer["satisfiable"], answer["backordered_quantity"]) == (False, 0)
    assert codes(answer) == ["not_enough_salable"]
    assert answer["refusals"][0]["message"].endswith(".")


def test_the_part_that_would_wait_is_told_with_the_customers_message(shop: Shop) -> None:
    shop.send("set-backorder-policy", backorders="allow_and_notify")
    shop.carry("A", 10)
    answer = ask(shop, "A", 12)
    assert (answer["satisfiable"], answer["backordered_quantity"]) == (True, 2)
    assert answer["message"] == "2 of A will be backordered and shipped later."


def test_every_failing_rule_is_told(shop: Shop) -> None:
    shop.carry("A", 10)
    shop.send("set-quantity-rules", min_sale=5, increment=2, sku="A")
    shop.send("disable-source", source="default")
    assert codes(ask(shop, "A", 3)) == [
        "min_sale_quantity", "quantity_increment", "no_source_in_stock",
    ]


def test_the_answer_is_what_an_order_then_gets(shop: Shop) -> None:
    shop.carry("A", 10)
    for quantity in (11, 10):
        satisfiable = ask(shop, "A", quantity)["satisfiable"]
        status, _ = shop.try_to(
            "place-order", order=f"SO-{quantity}", customer="C-1",
            lines=[{"sku": "A", "quantity": quantity}],
        )
        assert satisfiable is (status == "accepted")
