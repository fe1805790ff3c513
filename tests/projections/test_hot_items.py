"""What is folded of an item for which many lines wait costs no more than where few do, or asked.

What is counted is how many lines of Python run, when the same commands are folded behind a queue
ten times as long, with purchase orders that cover but the first of its lines, and when the same
questions are asked of it.
"""

from collections.abc import Iterator
from functools import partial

import pytest

from stocktrail.interfaces.every_question import question_named
from stocktrail.ledger.store import open_ledger
from stocktrail.projections import ReadModels
from tests.commands.scenes import Command, backorders, given, pool, product, receive, source
from tests.counted import counted

FEW, MANY = 60, 600
MOST = 1.3
"""How many times the work is still taken for equal: a list of blocks is a little longer."""


def order(number: int, *, name: str = "SO", **fields: object) -> Command:
    """Write an order of the item that is asked for late; some ship complete."""
    return {
        "command": "place-order", "order": f"{name}-{number}", "customer": "C",
        "pool": "web" if number % 2 else "store",
        "ship_policy": "complete" if number % 10 == 0 else "partial",
        "lines": [{"sku": "A", "quantity": 2, "requested_date": "2031-06-01"}], **fields,
    }


def purchase(name: str, number: int, **fields: object) -> Command:
    """Write a command about a purchase order."""
    return {"command": f"{name}-purchase-order", "purchase_order": f"PO-{number}", **fields}


def steps() -> Iterator[tuple[str, Command]]:
    """Do to the item what a day does."""
    yield "an order behind all others", order(1, name="NEW")
    yield "an order that goes first", order(3, name="FIRST", priority=1)
    yield "an order gets another place", {
        "command": "prioritise-order", "order": "SO-41", "priority": 2, "reason": "asked"}
    yield "an order asks for another day", {
        "command": "reschedule-order", "order": "SO-43", "reason": "asked",
        "lines": [{"line": 1, "requested_date": "2031-05-01"}]}
    yield "an order that waits is cancelled", {"command": "cancel-order", "order": "SO-45"}
    yield "a delay that moves nobody", purchase("delay", 2, expected_date="2031-03-01")
    yield "a delay that moves", purchase("delay", 2, expected_date="2031-07-01")
    yield "little is received", {
        "command": "receive-goods", "purchase_order": "PO-3", "receipt": "R-1",
        "lines": [{"line": 1, "quantity": 2}]}
    yield "units move at a source", receive(2, source="attic")


QUESTIONS: list[tuple[str, dict[str, object]]] = [
    ("order", {"order": "SO-47"}),
    ("order", {"order": "SO-10"}),
    ("promise", {"sku": "A", "quantity": "4", "pool": "web"}),
    ("explain-promise", {"order": "SO-47", "line": 1}),
    ("purchase-order", {"purchase_order": "PO-1"}),
    ("backorders", {"by": "item"}),
    ("backorders", {"by": "vendor"}),
    ("backorders", {"by": "customer", "limit": 20}),
]


def asked(name: str, fields: dict[str, object]) -> str:
    """Say what is asked."""
    return " ".join([name, *map(str, fields.values())])


def work_of(folder: str, lines: int, *, sharing: bool) -> dict[str, int]:
    """Count the work of folding each step behind a queue."""
    found = {}
    with open_ledger(f"sqlite:///{folder}/{lines}-{sharing}.db") as ledger:
        models = ReadModels(ledger)
        given(
            ledger, product(), backorders(), source("east"), source("west"), source("attic"),
            pool("web", "default", "east"),
            pool("store", *(["east", "west"] if sharing else ["west"])),
            receive(1), receive(1, source="west"),
            *(purchase("place", n, vendor="V", source=("default", "east", "west")[n % 3], lines=[
                {"sku": "A", "quantity": 8, "expected_date": f"2031-01-{10 + n}"}
            ]) for n in range(5)),
            *(order(n) for n in range(lines)),
        )
        models.catch_up()
        for name, command in steps():
            given(ledger, command)
            found[name] = counted(models.catch_up)
        for name, fields in QUESTIONS:
            question = question_named(name).model_validate(fields)
            question.answer(models)
            found[asked(name, fields)] = counted(partial(question.answer, models))
    return found


@pytest.fixture(scope="module", params=[False, True], ids=["alone", "sharing"])
def work(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> dict[int, dict[str, int]]:
    """Count the work behind few lines and behind many."""
    folder = str(tmp_path_factory.mktemp("hot"))
    return {lines: work_of(folder, lines, sharing=request.param) for lines in (FEW, MANY)}


@pytest.mark.parametrize(
    "name", [*(name for name, _ in steps()), *(asked(*each) for each in QUESTIONS)]
)
def test_ten_times_the_lines_that_wait_take_the_same_work(
    work: dict[int, dict[str, int]], name: str
) -> None:
    assert work[MANY][name] < MOST * work[FEW][name]
