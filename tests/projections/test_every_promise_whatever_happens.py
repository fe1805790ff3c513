"""Whatever happens: what is found of all lines at once is what their queues say, one by one."""

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stocktrail.projections.answers.promised import is_late
from stocktrail.projections.answers.shipping.ready_orders import ready_orders
from stocktrail.projections.as_of import LedgerAsRecorded, open_near
from stocktrail.projections.as_of.every_line import LineThen, place_of
from stocktrail.projections.as_of.every_promise import EveryPromise
from stocktrail.projections.as_of.queues import queues_of
from stocktrail.projections.kept_moments import KeptMoments
from stocktrail.projections.models import promises_today
from stocktrail.projections.models.promised_lines import PromisedLine
from stocktrail.projections.questions.orders import OrderList
from stocktrail.projections.questions.overview import Overview
from stocktrail.projections.questions.purchase_orders import PurchaseOrderList
from stocktrail.projections.questions.replenishment import Replenishment
from stocktrail.projections.questions.to_tell import ToTell
from tests.projections.purchasing import DAY_0, Purchasing, day
from tests.projections.test_all_items_whatever_happens import more_wishes
from tests.projections.test_promises_whatever_happens import shop_of_its_own

histories = st.lists(st.tuples(st.integers(0, 2), more_wishes), min_size=8, max_size=20)


def one_by_one(moment: LedgerAsRecorded, today: date) -> dict[str, Any]:
    """Peg whole queues, and say of each line and each receipt what came of it."""
    lines: dict[Any, Any] = {}
    receipts: dict[Any, int] = {}
    for queue in queues_of(moment, moment.open_skus(), today).values():
        receipts |= {(*key, each.quantity): 0 for key, each in queue.receipts.items()}
        for key, line in queue.lines.items():
            lines[key] = said(line, today)
            for peg in line.pegs:
                receipt = queue.receipts[peg.purchase_order, peg.purchase_line]
                receipts[receipt.purchase_order, receipt.line, receipt.quantity] += peg.quantity
    return {"lines": lines, "receipts": receipts}


def said(line: PromisedLine, today: date) -> list[Any]:
    """Say of a line what is asked of it."""
    open_line = line.open_line
    return [
        line.sku, line.pool, line.customer, line.since, line.ships_complete,
        open_line.queue_key, line.remaining, line.allocated, line.managed, line.promise_date,
        line.rests_on, line.uncovered, line.slips, line.days_slipped, line.told.lost,
        is_late(line, today),
    ]


def said_then(line: LineThen, promises: EveryPromise) -> list[Any]:
    """Say the same of a line that was read with all others."""
    priority, requested, *place = place_of(line)
    return [
        line.sku, line.pool, line.customer, line.since, bool(line.ships_complete),
        (priority, date.fromordinal(requested), *place), line.remaining, line.allocated,
        line.managed, None if line.promised is None else date.fromordinal(line.promised),
        line.rests_on, line.uncovered, line.slips, 0 if line.news is None else line.news.days,
        line.is_lost, promises.is_late(line),
    ]


def all_at_once(moment: LedgerAsRecorded, today: date) -> dict[str, Any]:
    """Promise all lines at once, and say the same."""
    promises = EveryPromise(moment, today)
    return {
        "lines": {line.key: said_then(line, promises) for line in promises.lines},
        "receipts": {
            (*each.key, each.receipt.quantity): promises.pegged.get(each.key, 0)
            for each in promises.receipts
        },
    }


def play(shop: Purchasing, drawn: list[tuple[int, dict[str, Any]]]) -> None:
    """Play a history, and compare both ways at some of its positions, on some days.

    What is read of a moment is kept for the next one, of which but what moved is read.
    """
    positions, kept = [], KeptMoments()
    for passed, wished in drawn:
        shop.on_day(shop.today + passed)
        positions.append(shop.try_together([wished])[1])
    shop.models.catch_up()
    for position in {*positions[2::3], positions[-1], positions[-1] - 1}:
        for passed in (0, 2, 9):
            today = DAY_0 + timedelta(days=shop.today + passed)
            with shop.models.reading() as reading, pytest.MonkeyPatch.context() as monkeypatch:
                monkeypatch.setattr(open_near, "MOST_MOVED", 1_000)
                expected = one_by_one(LedgerAsRecorded(shop.ledger, reading, position), today)
                for moments in (None, kept, kept):
                    moment = LedgerAsRecorded(shop.ledger, reading, position, moments)
                    assert all_at_once(moment, today) == expected
                    plain = LedgerAsRecorded(shop.ledger, reading, position)
                    assert ready_orders(reading, moment) == ready_orders(reading, plain)


def answers(shop: Purchasing, monkeypatch: pytest.MonkeyPatch, few: int) -> list[Any]:
    """Ask what looks at all lines, on days on which more and more receipts are overdue."""
    monkeypatch.setattr(promises_today, "_FEW", few)
    monkeypatch.setattr(promises_today, "_OF_ALL", 10**9)
    found: list[Any] = []
    for passed in (0, 2, 9):
        today = DAY_0 + timedelta(days=shop.today + passed)
        found += [
            asked.answer(shop.models) for asked in (
                Overview(today=today, rows=3), OrderList(today=today, sort="order"),
                OrderList(today=today, facets=["late"]), PurchaseOrderList(today=today),
                Replenishment(today=today),
            )
        ]
    return found


def compare(
    shop: Purchasing, drawn: list[tuple[int, dict[str, Any]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Play a history, and compare what is answered line by line and all at once."""
    for passed, wished in drawn:
        shop.on_day(shop.today + passed)
        shop.try_together([wished])
    assert answers(shop, monkeypatch, -1) == answers(shop, monkeypatch, 10**9)


@settings(max_examples=6)
@given(histories)
def test_where_most_is_overdue_all_is_looked_at_at_once(
    drawn: list[tuple[int, dict[str, Any]]],
) -> None:
    with shop_of_its_own() as shop, pytest.MonkeyPatch.context() as monkeypatch:
        compare(shop, drawn, monkeypatch)


@settings(max_examples=1, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(histories)
def test_so_it_is_in_one_shop(
    purchasing: Purchasing, drawn: list[tuple[int, dict[str, Any]]],
) -> None:
    purchasing.send("register-product", sku="B")
    with pytest.MonkeyPatch.context() as monkeypatch:
        compare(purchasing, drawn, monkeypatch)


@settings(max_examples=6)
@given(histories)
def test_all_lines_are_promised_what_their_queues_promise(
    drawn: list[tuple[int, dict[str, Any]]],
) -> None:
    with shop_of_its_own() as shop:
        play(shop, drawn)


@settings(max_examples=1, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(histories)
def test_one_shop_goes_on(
    purchasing: Purchasing, drawn: list[tuple[int, dict[str, Any]]],
) -> None:
    purchasing.send("register-product", sku="B")
    play(purchasing, drawn)


def test_statements_do_not_grow_with_what_is_open(purchasing: Purchasing) -> None:
    counts = []
    for number in (1, 20):
        for each in range(number):
            purchasing.order_of(f"SO-{number}-{each}", 3, each)
            purchasing.buy(f"PO-{number}-{each}", 2, each)
        position = purchasing.ledger.head().position
        purchasing.send("receive-stock", sku="A", quantity=1)
        counts.append(statements(purchasing, position))
    assert counts[0] == counts[1]


class _Counting:
    """Counts the statements that go through a cursor."""

    def __init__(self, cursor: Any) -> None:
        self._cursor = cursor
        self.count = 0

    def execute(self, *given: Any) -> Any:
        self.count += 1
        return self._cursor.execute(*given)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._cursor, name)


def statements(shop: Purchasing, position: int) -> int:
    """Count the statements by which all lines are read and promised."""
    shop.models.catch_up()
    with shop.models.reading() as reading:
        counting = _Counting(reading.cursor)
        moment = LedgerAsRecorded(shop.ledger, reading._replace(cursor=counting), position)
        EveryPromise(moment, DAY_0)
        return counting.count


def test_who_was_promised_nothing_as_others_of_the_order_wait_was_told_nothing(
    purchasing: Purchasing,
) -> None:
    purchasing.carry("B", 5)
    position = purchasing.send(
        "place-order", order="SO-1", customer="ANN", ship_policy="complete", lines=[
            {"sku": sku, "quantity": quantity, "requested_date": day(1)}
            for sku, quantity in (("A", 90), ("B", 1))
        ],
    )
    purchasing.send("count-stock", sku="B", counted=7)
    told = ToTell(today=DAY_0, told="either", as_of=str(position)).answer(purchasing.models)
    assert (told["rows"], told["facets"]["to_tell"]) == ([], 0)
    counts = Overview(today=DAY_0, as_of=str(position)).answer(purchasing.models)["counts"]
    assert counts["lines_to_tell"] == 0


def test_what_one_day_was_uncertain_of_is_forgotten_on_another(purchasing: Purchasing) -> None:
    purchasing.carry("B", 5)
    purchasing.send(
        "place-order", order="SO-1", customer="ANN", ship_policy="complete", lines=[
            {"sku": sku, "quantity": quantity, "requested_date": day(1)}
            for sku, quantity in (("A", 90), ("B", 1))
        ],
    )
    position = purchasing.buy("PO-1", 90, 3)
    purchasing.models.catch_up()
    with purchasing.models.reading() as reading:
        moments = [LedgerAsRecorded(purchasing.ledger, reading, position) for _ in range(2)]
        assert all(line.rests_on for line in EveryPromise(moments[0], DAY_0 + timedelta(9)).lines)
        assert all_at_once(moments[0], DAY_0) == one_by_one(moments[1], DAY_0)
