"""At the bounds of every number both databases decide, keep and answer the same, to the last digit.

Quantities and prices are the least and the greatest that can be written, half of that, and one
ten-thousandth beside it: sums pass the bound by one through every command that adds units.
"""

from collections.abc import Iterator
from typing import Any

import pytest

from stocktrail.interfaces.every_question import AnyQuestion, every_question
from stocktrail.ledger.refusal import Refusal
from stocktrail.ledger.store import open_ledger
from stocktrail.projections import ReadModels
from stocktrail.projections.verify import verify
from tests.commands.scenes import still
from tests.projections.boundary_values import POOLS, QUANTITIES, SKUS, BoundaryShop
from tests.store.shop import Command, send

COMMANDS = 90
SORTS = ("open_demand", "-backordered", "uncovered", "open_supply", "suggested_order_quantity")
QUESTIONS = [each for each in every_question() if each.__module__.startswith("stocktrail.proj")]


def asked(script: list[Command]) -> Iterator[tuple[AnyQuestion, dict[str, Any]]]:
    """Yield every question, about each item and pool, with each quantity, in each order."""
    named: dict[str, Any] = {
        name: next(each[name] for each in script if each["command"] == command)
        for name, command in (
            ("order", "place-order"), ("purchase_order", "place-purchase-order"),
        )
    }
    for question in QUESTIONS:
        fields = {name: value for name, value in question.example.items() if name != "pool"}
        fields |= {name: value for name, value in named.items() if name in fields}
        for sku in SKUS:
            fields |= {name: sku for name in ("sku", "item") if name in fields}
            in_pools = [{"pool": each} for each in POOLS if "pool" in question.model_fields]
            for more in in_pools or [{}]:
                yield question, fields | more
                if "quantity" in fields:
                    yield from ((question, fields | more | {"quantity": q}) for q in QUANTITIES)
        if question.question == "backorders":
            yield from ((question, {"by": "item", "sort": sort}) for sort in SORTS)


def answers(models: ReadModels, script: list[Command]) -> list[Any]:
    """Ask every question, and return what was answered, or why it was refused."""
    found: list[Any] = []
    for question, fields in asked(script):
        try:
            found.append((question, fields, question.model_validate(fields).answer(models)))
        except Refusal as refusal:
            found.append((question, fields, refusal.code))
    return found


@pytest.mark.parametrize("seed", [1, 2])
def test_both_databases_decide_keep_and_answer_the_same(
    sqlite_url: str, postgres_url: str, seed: int
) -> None:
    script = list(BoundaryShop(seed).commands(COMMANDS))
    found: list[Any] = []
    for url in (sqlite_url, postgres_url):
        with open_ledger(url, clock=still) as ledger:
            results = [result.as_json() for result in send(ledger, script)]
            models = ReadModels(ledger)
            models.catch_up()
            verification = verify(models)
            assert verification.ok, verification.findings
            found.append((results, answers(models, script), verification.digests))
            models.rebuild()
            assert verify(models).digests == verification.digests
    assert found[0] == found[1]
    results, told, _ = found[0]
    refused = {result.get("code") for result in results}
    assert "quantity_too_large" in refused
    assert len([each for each in told if isinstance(each[2], dict)]) > 100
