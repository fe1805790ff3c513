"""Rules 5.6 and 5.8: how much more can be promised from which day on, and what to order."""

from datetime import date, timedelta

import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st

from stocktrail.ledger.promising import (
    Transaction,
    available_to_promise,
    expected_flow,
    suggested_order_quantity,
)
from tests.ledger.purchasing import day

TODAY = day(0)


def issue(number: int, quantity: int, reference: str = "SO-1") -> Transaction:
    return Transaction(day(number), -quantity, "sales", reference, 1)


def receipt(number: int, quantity: int, reference: str = "PO-1") -> Transaction:
    return Transaction(day(number), quantity, "purchase", reference, 1)


EXAMPLE = [
    issue(0, 12), issue(3, 20), issue(6, 35), issue(8, 5), issue(12, 10),
    receipt(4, 30), receipt(9, 25), receipt(14, 40),
]


def test_the_worked_example() -> None:
    steps = available_to_promise(40, EXAMPLE, TODAY)
    assert [(step.day, step.projected, step.signed, step.available) for step in steps] == [
        (day(0), 28, -2, 0), (day(3), 8, -2, 0), (day(4), 38, -2, 0), (day(6), 3, -2, 0),
        (day(8), -2, -2, 0), (day(9), 23, 13, 13), (day(12), 13, 13, 13), (day(14), 53, 53, 53),
    ]


def test_without_transactions_the_supply_can_be_promised_today() -> None:
    (today,) = available_to_promise(7, [], TODAY)
    assert (today.day, today.projected, today.signed, today.available) == (TODAY, 7, 7, 7)


def test_demand_that_is_late_still_goes_today() -> None:
    (today,) = available_to_promise(7, [issue(-5, 3), issue(0, 1)], TODAY)
    assert (today.day, today.signed) == (TODAY, 3)


def test_the_flow_runs_in_date_order_and_receipts_come_first_on_a_day() -> None:
    transactions = [
        issue(3, 4, "SO-2"), receipt(3, 5, "PO-2"), issue(-1, 2, "SO-9"), issue(3, 4, "SO-1"),
        receipt(1, 1, "PO-3"),
    ]
    flow = expected_flow(2, transactions)
    assert [(step.transaction.reference, step.balance) for step in flow] == [
        ("SO-9", 0), ("PO-3", 1), ("PO-2", 6), ("SO-1", 2), ("SO-2", -2),
    ]
    assert expected_flow(2, transactions[::-1]) == flow
    assert expected_flow(2, []) == []


@pytest.mark.parametrize(("notify_below", "demand", "supply", "open_supply", "suggested"), [
    (10, 30, 12, 20, 8), (10, 30, 12, 28, 0), (10, 30, 50, 0, 0), (0, 0, 0, 0, 0), (1, 0, 0, 0, 1),
    (-5, 30, 10, 10, 5),
])
def test_what_to_order_lifts_the_item_to_its_threshold(
    notify_below: int, demand: int, supply: int, open_supply: int, suggested: int
) -> None:
    assert suggested_order_quantity(notify_below, demand, supply, open_supply) == suggested


transactions = st.lists(st.builds(
    Transaction, day=st.integers(-3, 20).map(day), quantity=st.integers(-30, 30),
    kind=st.just("any"), reference=st.sampled_from(["1", "2"]), line=st.integers(1, 2),
    counts=st.booleans(),
), max_size=10)


def projected(supply: int, coming: list[Transaction], until: date) -> int:
    return supply + sum(each.quantity for each in coming if each.counts and each.day <= until)


@for_all(st.integers(-20, 60), transactions)
def test_it_is_the_least_of_the_projected_stock_over_all_days_to_come(
    supply: int, coming: list[Transaction]
) -> None:
    steps = available_to_promise(supply, coming, TODAY)
    assert [step.day for step in steps] == sorted({step.day for step in steps})
    days = [TODAY + timedelta(days=number) for number in range(25)]
    for today in days:
        step = next(step for step in reversed(steps) if step.day <= today)
        assert step.projected == projected(supply, coming, today)
        least = min(projected(supply, coming, later) for later in days if later >= today)
        assert step.signed == least
        assert step.available == max(0, least)


@for_all(st.integers(-20, 60), transactions, st.integers(1, 40))
def test_what_is_promised_on_its_first_day_takes_nothing_from_what_was_promised(
    supply: int, coming: list[Transaction], quantity: int
) -> None:
    steps = available_to_promise(supply, coming, TODAY)
    first = next((step.day for step in steps if step.available >= quantity), None)
    if first is None:
        return
    taken = [*coming, Transaction(first, -quantity, "sales", "new", 1)]
    after = available_to_promise(supply, taken, TODAY)
    assert all(step.signed >= 0 for step in after if step.day >= first)
    days = [TODAY + timedelta(days=number) for number in range((first - TODAY).days)]
    for earlier in days:
        known = available_to_promise(supply, coming, TODAY)
        step = next(step for step in reversed(known) if step.day <= earlier)
        assert step.available < quantity


@for_all(st.integers(-20, 60), transactions)
def test_the_flow_ends_where_the_projection_ends(supply: int, coming: list[Transaction]) -> None:
    flow = expected_flow(supply, coming)
    steps = available_to_promise(supply, coming, TODAY)
    assert (flow[-1].balance if flow else supply) == steps[-1].projected
    assert [step.transaction.day for step in flow] == sorted(each.day for each in coming)
