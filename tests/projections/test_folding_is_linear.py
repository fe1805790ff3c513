"""Folding takes work in proportion to the lines of a command: no long order holds read models up.

What is counted is how many lines of Python run, so that the machine does not matter: four times as
many lines of an order must not take sixteen times the work.
"""

from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest

from stocktrail.ledger.store import open_ledger
from stocktrail.projections import ReadModels
from tests.commands.scenes import Command, backorders, given, order, pool, product, receive, source
from tests.counted import counted

FEW, MANY = 150, 600
MOST = 1.5 * MANY / FEW
"""How many times the work is still taken for proportional."""


def purchase(name: str, **fields: Any) -> Command:
    """Write a command about the one purchase order."""
    return {"command": f"{name}-purchase-order", "purchase_order": "PO", **fields}


def steps(lines: int) -> Iterator[tuple[str, Command]]:
    """Take a purchase order and an order of so many lines through all that can become of them."""
    numbers = range(1, lines + 1)
    ones = [{"line": number, "quantity": 1} for number in numbers]
    days = [f"2031-{1 + number % 12:02d}-{1 + number % 28:02d}" for number in numbers]
    yield "ordered", order("SO", *[2] * lines)
    yield "ordered elsewhere", order("EU", *[2] * lines, pool="EU")
    yield "bought", purchase("place", vendor="Acme", lines=[
        {"sku": "A", "quantity": 4, "expected_date": day} for day in days
    ])
    yield "confirmed", purchase("confirm", lines=[
        {"line": number, "expected_date": day} for number, day in zip(numbers, days[::-1],
                                                                      strict=True)
    ])
    yield "delayed", purchase("delay", expected_date="2032-01-01", reason="storm")
    yield "rescheduled", {"command": "reschedule-order", "order": "SO", "reason": "asked",
                          "lines": [{"line": number, "requested_date": days[number - 1]}
                                    for number in numbers]}
    yield "prioritised", {"command": "prioritise-order", "order": "SO", "priority": 2,
                          "reason": "asked"}
    yield "received", {"command": "receive-goods", "purchase_order": "PO", "receipt": "R-1",
                       "lines": [{"line": number, "quantity": 2} for number in numbers]}
    yield "shipped", {"command": "ship-order", "order": "SO", "shipment": "S-1"}
    yield "cancelled with the vendor", purchase("cancel", lines=ones)
    yield "returned", {"command": "refund-order", "order": "SO", "refund": "RF-1", "lines": [
        {"line": number, "quantity": 1, "outcome": "return"} for number in numbers
    ]}
    yield "cancelled", {"command": "cancel-order", "order": "EU"}


def work_of(folder: str, lines: int) -> dict[str, tuple[int, int]]:
    """Count the work of deciding and of folding each step."""
    found = {}
    with open_ledger(f"sqlite:///{folder}/{lines}.db") as ledger:
        models = ReadModels(ledger)
        given(ledger, source("b"), pool("EU", "default", "b"), product(), backorders(), receive(1),
              {"command": "set-quantity-rules", "max_sale": "off"})
        models.catch_up()
        for name, command in steps(lines):
            decided = counted(partial(given, ledger, command))
            found[name] = (decided, counted(models.catch_up))
    return found


@pytest.fixture(scope="module")
def work(tmp_path_factory: pytest.TempPathFactory) -> dict[int, dict[str, tuple[int, int]]]:
    """Count the work for few lines and for many."""
    folder = str(tmp_path_factory.mktemp("linear"))
    return {lines: work_of(folder, lines) for lines in (FEW, MANY)}


@pytest.mark.parametrize("name", [name for name, _ in steps(1)])
def test_four_times_the_lines_take_four_times_the_work(
    work: dict[int, dict[str, tuple[int, int]]], name: str
) -> None:
    for few, many in zip(work[FEW][name], work[MANY][name], strict=True):
        assert many < MOST * few
