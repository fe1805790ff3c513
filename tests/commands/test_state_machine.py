"""Random commands on a real ledger and on the plain shop: both must say the same at every step."""

from datetime import date
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import orjson
import pytest
from hypothesis import settings
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from stocktrail.commands import COMMANDS
from stocktrail.commands.scripts.results import Result
from stocktrail.commands.scripts.submission import submit_one
from stocktrail.ledger.store import Ledger, open_ledger
from stocktrail.ledger.store.engine import commit_group
from stocktrail.projections import ReadModels
from stocktrail.projections.questions.history import history
from stocktrail.projections.questions.order import order as order_report
from stocktrail.projections.questions.stock import stock
from stocktrail.projections.verify import verify
from tests.commands import random_commands
from tests.commands.random_commands import OPENING
from tests.commands.scenes import MEMORY, item, levels, still, waiting
from tests.reference.counter import Counter
from tests.reference.desk import Row
from tests.reference.settings import DEFAULTS
from tests.reference.shop import Known, PlainShop, Refused

FIGURES = (
    "supply", "demand", "allocated", "backordered", "salable_quantity", "unlimited", "is_salable",
    "message",
)
LINE_FIGURES = (
    "ordered", "shipped", "cancelled", "released", "remaining", "allocated", "backordered",
)
TODAY = date(2026, 3, 1)


Report = dict[str, Any]


def command_of(row: Row) -> Any:
    """Make the command that a row stands for."""
    fields = {name: value for name, value in row.items() if name != "command"}
    return COMMANDS[row["command"]].model_validate(fields)


class RandomCommands(RuleBasedStateMachine):
    """One database, two processes that write to it in turns, and the plain shop beside."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = TemporaryDirectory(prefix="stocktrail-machine-", dir=MEMORY)
        self.url = f"sqlite:///{Path(self.folder.name) / 'machine.db'}"
        self.ledgers = [open_ledger(self.url, clock=still), open_ledger(self.url, clock=still)]
        self.shop = PlainShop()
        self.counter = Counter(self.shop, TODAY)
        self.seen: dict[int, dict[tuple[str, str], Report]] = {}

    def teardown(self) -> None:
        models = ReadModels(self.ledger)
        for position in list(self.seen)[:: max(1, len(self.seen) // 5)]:
            for (sku, pool), then in self.seen[position].items():
                assert stock(models, sku, pool, as_of=position) == then
        for sku in self.shop.items:
            self.history_adds_up(models, sku)
        verification = verify(models)
        assert verification.ok, verification.findings
        for ledger in self.ledgers:
            ledger.close()
        self.folder.cleanup()

    @property
    def ledger(self) -> Ledger:
        return self.ledgers[0]

    # ------------------------------------------------------------------ what can happen

    @initialize()
    def open_the_shop(self) -> None:
        for row in OPENING:
            self.submit(row)

    @rule(row=random_commands.good_placing)
    def place(self, row: Row) -> None:
        self.submit(row)

    @rule(row=random_commands.shipping)
    def ship(self, row: Row) -> None:
        self.submit(row)

    @rule(row=random_commands.receiving)
    def receive(self, row: Row) -> None:
        self.submit(row)

    @rule(row=random_commands.moving)
    def move(self, row: Row) -> None:
        self.submit(row)

    @rule(row=random_commands.orders)
    def order(self, row: Row) -> None:
        self.submit(row)

    @rule(row=random_commands.stock)
    def move_stock(self, row: Row) -> None:
        self.submit(row)

    @rule(row=random_commands.places)
    def arrange(self, row: Row) -> None:
        self.submit(row)

    @rule(row=random_commands.rules)
    def set_a_rule(self, row: Row) -> None:
        self.submit(row)

    @rule(row=random_commands.purchases)
    def buy(self, row: Row) -> None:
        self.submit(row)

    @rule(row=random_commands.others)
    def do_something_else(self, row: Row) -> None:
        self.submit(row)

    @rule(row=random_commands.orders)
    def try_first(self, row: Row) -> None:
        would = submit_one(self.ledger, command_of(row), dry_run=True)
        result = self.submit(row)
        assert (would.status, would.code) == (result.status, result.code)
        assert would.judged_at is not None

    @rule()
    def another_process_takes_over(self) -> None:
        self.ledgers.reverse()

    @rule()
    def a_process_starts_again(self) -> None:
        self.ledger.close()
        self.ledgers[0] = open_ledger(self.url, clock=still)

    def submit(self, row: Row) -> Result:
        """Submit a command to the ledger and to the shop, which must agree about it."""
        result = submit_one(self.ledger, command_of(row))
        self.compare(row, result)
        return result

    def compare(self, row: Row, result: Result) -> None:
        """Let the shop take the command too, and compare what became of it."""
        status, codes = self.expected(row)
        assert result.status == status, (row, result.as_json(), codes)
        assert result.to_json() == orjson.dumps(result.as_json())
        if status == "rejected":
            assert result.code in codes, row
        if "failures" in result.details:
            assert [each["code"] for each in result.details["failures"]] == list(codes), row

    def expected(self, row: Row) -> tuple[str, tuple[str, ...]]:
        """Let the shop take the command, and say what becomes of it there."""
        try:
            self.counter.take(row)
        except Refused as refused:
            return "rejected", refused.codes
        except Known:
            return "duplicate", ()
        return "accepted", ()

    # ------------------------------------------------------------------ what always holds

    @invariant()
    def both_say_the_same(self) -> None:
        for sku in self.shop.items:
            lines = {
                (line.order, line.number): (line.allocated, line.backordered)
                for line in self.shop.open_lines(sku)
            }
            assert waiting(self.ledger, sku) == lines
            assert exact(item(self.ledger, sku).on_hand) == self.shop.items[sku].on_hand
            for pool in self.shop.pools:
                standing = self.shop.standing(sku, pool)
                assert levels(self.ledger, sku, pool) == (
                    standing.supply, standing.demand, standing.allocated, standing.backordered,
                    self.shop.verdict(sku, pool).salable,
                )

    @invariant()
    def the_stock_report_says_the_same(self) -> None:
        models = ReadModels(self.ledger)
        position = models.catch_up()
        if position in self.seen:
            return
        self.seen[position] = {}
        for sku in self.shop.items:
            for pool in self.shop.pools:
                report = self.seen[position][sku, pool] = stock(models, sku, pool)
                standing, verdict = self.shop.standing(sku, pool), self.shop.verdict(sku, pool)
                assert [report[name] for name in FIGURES] == [
                    standing.supply, standing.demand, standing.allocated, standing.backordered,
                    verdict.salable, verdict.unlimited, verdict.is_salable, verdict.message,
                ], (sku, pool)
                assert report["on_hand"] == self.shop.items[sku].on_hand
                assert {
                    setting: (found["value"], found["level"])
                    for setting, found in report["settings"].items()
                } == {setting: self.shop.levels.find(setting, sku, pool) for setting in DEFAULTS}

    def history_adds_up(self, models: ReadModels, sku: str) -> None:
        sources: dict[str, Decimal] = {}
        for row in history(models, sku)["rows"]:
            delta, after = Decimal(str(row["delta"])), Decimal(str(row["quantity_after"]))
            if row["source"] is not None:
                sources[row["source"]] = sources.get(row["source"], Decimal(0)) + delta
                assert sources[row["source"]] == after
        there = {source: units for source, units in self.shop.items[sku].on_hand.items() if units}
        assert {source: units for source, units in sources.items() if units} == there

    @invariant()
    def no_more_is_allocated_than_there_is_and_nothing_is_left_that_a_line_could_take(self) -> None:
        for sku in self.shop.items:
            assert self.shop.feasible(sku)
            for line in self.shop.open_lines(sku):
                assert line.remaining > 0
                assert 0 <= line.allocated <= line.remaining
                assert not line.backordered or self.shop.free(sku, line.pool) == 0

    @invariant()
    def orders_say_what_remains(self) -> None:
        models = ReadModels(self.ledger)
        models.catch_up()
        for name, card in self.shop.orders.items():
            order: Any = self.ledger.aggregate(f"order/{name}")
            assert exact({number: line.remaining for number, line in order.lines.items()}) == {
                number: line.remaining for number, line in card.lines.items()
            }
            assert order.status_after([]) == card.status
            report = order_report(models, name)
            assert report["status"] == card.status
            for line in report["lines"]:
                expected = card.lines[line["line"]]
                assert [line[name] for name in LINE_FIGURES] == [
                    getattr(expected, name) for name in LINE_FIGURES
                ]


def exact(quantities: dict[Any, int]) -> dict[Any, Decimal]:
    """Turn ten-thousandths into units."""
    return {key: Decimal(quantity) / 10_000 for key, quantity in quantities.items()}


def test_a_ledger_and_a_plain_shop_agree_about_everything(
    monkeypatch: pytest.MonkeyPatch
) -> None:
    """Run it: modestly here, at length with HYPOTHESIS_PROFILE=thorough."""
    monkeypatch.setattr(commit_group, "SNAPSHOT_AFTER", 3)
    runs = max(10, settings().max_examples // 4)
    run_state_machine_as_test(
        RandomCommands, settings=settings(max_examples=runs, stateful_step_count=30)
    )
