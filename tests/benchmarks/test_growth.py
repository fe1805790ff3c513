"""A busy shop is the same for the same size, and everything that there is is measured in it."""

from hashlib import sha256
from itertools import islice
from pathlib import Path

import orjson

from benchmarks.busy_shop import Size, orders_for, trade
from benchmarks.growth import judged
from benchmarks.growth_of.command_kinds import GENERAL, commands_of_a_day, measured_commands
from benchmarks.growth_of.costs import Cost
from benchmarks.growth_of.ledgers import grown_ledger
from benchmarks.growth_of.questions import MEASURED, measured_questions
from benchmarks.growth_of.subjects import subjects_of
from benchmarks.workload import script
from stocktrail.commands import COMMANDS
from stocktrail.commands.scripts.reading import read_json_lines
from stocktrail.commands.scripts.submission import submit
from stocktrail.interfaces.every_question import every_question
from stocktrail.ledger.store import Ledger, open_ledger
from stocktrail.projections import ReadModels

SMALL = Size(orders=120, items=40, customers=20, vendors=5, days=40)

NOT_OF_A_DAY = {
    "set-time-zone", "set-promise-rules", "move-allocation", "create-webhook", "delete-webhook",
    "disable-webhook", "enable-webhook",
}
"""Commands that are not measured: what they cost does not depend on how long the log is."""


def grown(path: Path) -> Ledger:
    """Return a ledger with the small shop; few of its commands are refused, as in life."""
    ledger = open_ledger(f"sqlite:///{path / 'busy.db'}")
    results = list(submit(ledger, read_json_lines(script(trade(SMALL)))))
    refused = [each for each in results if each.status == "rejected"]
    assert not any(each.status == "invalid" for each in results)
    assert len(results) > 400
    assert len(refused) < len(results) / 20
    return ledger


def test_the_same_size_is_the_same_shop() -> None:
    first, again = (
        sha256(b"".join(orjson.dumps(row) for row in trade(SMALL))).hexdigest() for _ in range(2)
    )
    other = Size(orders=120, items=40, customers=20, vendors=5, days=40, seed=8)
    assert first == again
    assert list(islice(trade(SMALL), 600)) != list(islice(trade(other), 600))


def test_a_shop_has_about_as_many_events_as_were_asked_for(tmp_path: Path) -> None:
    size = Size(orders_for(3_000, 100, 50), items=100, customers=50, vendors=5, days=60)
    with open_ledger(f"sqlite:///{tmp_path / 'sized.db'}") as ledger:
        list(submit(ledger, read_json_lines(script(trade(size)))))
        assert 2_400 < ledger.head().position < 3_600


def test_every_command_of_a_shop_is_one() -> None:
    commands = list(trade(Size(orders=2_000, items=40, customers=20, vendors=5, days=300)))
    refunds = [each for each in commands if each["command"] == "refund-order"]
    assert {line["outcome"] for each in refunds for line in each["lines"]} == {
        "return", "write_off",
    }
    rows = [row for part in read_json_lines(script(commands)) for row in part]
    assert [row for row in rows if row.errors] == []


def test_a_ledger_is_made_once_though_some_of_its_commands_are_refused(tmp_path: Path) -> None:
    made = grown_ledger(tmp_path, 10_000)
    with open_ledger(made.url) as ledger:
        assert 8_000 < ledger.head().position < 12_000
    assert made.submitted is not None
    assert grown_ledger(tmp_path, 10_000) == made._replace(submitted=None)


def test_every_question_and_every_kind_of_command_is_measured(tmp_path: Path) -> None:
    assert set(MEASURED) == {question.question for question in every_question()}
    with grown(tmp_path) as ledger:
        models, subjects = ReadModels(ledger), subjects_of(ledger)
        asked = dict(measured_questions(models, subjects))
        kinds = {name for name, _ in commands_of_a_day(subjects)}
        recorded = dict(measured_commands(ledger, subjects))
    assert all(cost.milliseconds > 0 for cost in (asked | recorded).values())
    assert {name.split()[0] for name in asked} == {
        name for name, variants in MEASURED.items() if variants
    }
    assert kinds | NOT_OF_A_DAY == set(COMMANDS)
    assert {name.partition(":")[0] for name in recorded} == kinds | {name for name, _ in GENERAL}


def test_what_should_not_grow_is_told_when_it_does() -> None:
    assert judged("pages", "GET /", [Cost(10), Cost(19)]) == "1.9"
    assert judged("pages", "GET /", [Cost(10), Cost(21)]) == "2.1 GROWS"
    assert judged("pages", "GET /", [Cost(1), Cost(4)]) == "4.0"
    assert judged("pages", "GET /", [Cost(290), Cost(310)]) == "1.1 SLOW"
    assert judged("operations", "verify", [Cost(10), Cost(100)]) == "10.0 linear"
