"""Two years of a wholesaler: every command is accepted, and every item ends where it should."""

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from commands.reading import read_json_lines
from commands.submission import submit
from ledger.instant import end_of_day, parse_moment, to_instant
from ledger.store import Ledger, open_ledger
from projections import ReadModels
from projections.reports.history import history
from projections.reports.order import order
from projections.reports.stock import stock, stock_list
from tests.scenarios.script import NORTHWIND, NORTHWIND_EXPECTED

EXPECTED = json.loads(NORTHWIND_EXPECTED.read_text(encoding="utf-8"))
HALFWAY = to_instant(parse_moment("1997-06-30T23:59:59.999999Z"))


@pytest.fixture(scope="module")
def northwind(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ledger]:
    """A ledger in which both years happened."""
    path = tmp_path_factory.mktemp("northwind") / "whole.db"
    with open_ledger(f"sqlite:///{path}") as ledger:
        with NORTHWIND.open("rb") as script:
            results = list(submit(ledger, read_json_lines(script)))
        assert Counter(result.status for result in results) == {"accepted": EXPECTED["commands"]}
        ReadModels(ledger).catch_up()
        yield ledger


@pytest.fixture(scope="module")
def stopped(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ledger]:
    """A ledger that stopped with the last command that occurred in June 1997."""
    path = tmp_path_factory.mktemp("northwind") / "stopped.db"
    lines = NORTHWIND.read_bytes().splitlines(keepends=True)
    last = max(
        number for number, line in enumerate(lines)
        if to_instant(parse_moment(json.loads(line)["occurred_at"])) <= HALFWAY
    )
    script = path.with_suffix(".jsonl")
    script.write_bytes(b"".join(lines[: last + 1]))
    with open_ledger(f"sqlite:///{path}") as ledger:
        with script.open("rb") as rows:
            for result in submit(ledger, read_json_lines(rows)):
                assert result.status == "accepted"
        ReadModels(ledger).catch_up()
        yield ledger


def test_every_item_ends_exactly_where_it_should(northwind: Ledger) -> None:
    models = ReadModels(northwind)
    for sku, expected in EXPECTED["items"].items():
        found = stock(models, sku)
        assert found["on_hand"] == {"default": expected["on_hand"]}, sku
        assert found["demand"] == expected["demand"], sku
        assert found["salable_quantity"] == expected["salable_quantity"], sku


def test_21_orders_are_open(northwind: Ledger) -> None:
    models = ReadModels(northwind)
    orders = [stream.partition("/")[2] for stream in northwind.streams("order")]
    statuses = Counter(order(models, each)["status"] for each in orders)
    assert statuses["processing"] == EXPECTED["open_orders"]


def test_sent_again_every_command_is_a_duplicate(northwind: Ledger) -> None:
    head = northwind.head()
    with NORTHWIND.open("rb") as script:
        results = list(submit(northwind, read_json_lines(script)))
    assert Counter(result.status for result in results) == {"duplicate": EXPECTED["commands"]}
    assert northwind.head() == head


def test_as_of_a_position_answers_like_a_ledger_that_stopped_there(
    northwind: Ledger, stopped: Ledger
) -> None:
    assert_same_answers(northwind, stopped, stopped.head().position)


def test_as_of_a_recorded_time_answers_like_a_ledger_that_stopped_there(
    northwind: Ledger, stopped: Ledger
) -> None:
    last = northwind.read(stopped.head().position - 1, 1)[0]
    assert northwind.position_at(last.recorded_at) == stopped.head().position
    assert northwind.position_at(end_of_day(parse_moment("1997-06-30").date())) == 0
    assert_same_answers(northwind, stopped, northwind.position_at(last.recorded_at))


def assert_same_answers(whole: Ledger, stopped: Ledger, position: int) -> None:
    """Ask both ledgers about every item and order, one as of a position and one as it stands."""
    then, now = ReadModels(whole), ReadModels(stopped)
    items = EXPECTED["items"]
    listed = stock_list(now)
    assert stock_list(then, as_of=position) == listed
    for sku in items:
        assert stock(then, sku, as_of=position) == stock(now, sku)
    for sku in list(items)[::7]:
        assert untimed(history(then, sku, as_of=position)) == untimed(history(now, sku))
    for stream in list(stopped.streams("order"))[::9]:
        order_id = stream.partition("/")[2]
        assert order(then, order_id, as_of=position) == order(now, order_id)


def untimed(report: dict[str, Any]) -> list[dict[str, Any]]:
    """Leave out when the ledger learnt it: the two ledgers learnt it at different times."""
    rows: list[dict[str, Any]] = report["rows"]
    return [
        {name: value for name, value in row.items() if name != "recorded_at"} for row in rows
    ]


def test_the_copy_has_its_licence_notice() -> None:
    notice = Path(__file__).with_name("README.md").read_text(encoding="utf-8")
    assert "MIT licence, Copyright (c) Microsoft Corporation" in notice
