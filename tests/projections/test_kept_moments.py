"""What was open at a moment is read once for all of its pages, within a bound of memory."""

from datetime import timedelta
from typing import NamedTuple

import pytest

from stocktrail.projections.as_of import LedgerAsRecorded, moved_between, open_near
from stocktrail.projections.as_of.every_line import LineThen
from stocktrail.projections.as_of.every_promise import EveryPromise
from stocktrail.projections.as_of.open_then import BYTES_OF_LINE
from stocktrail.projections.as_of.opening import open_as_of
from stocktrail.projections.kept_moments import KeptMoments
from stocktrail.projections.questions.orders import OrderList
from stocktrail.projections.questions.overview import Overview
from stocktrail.projections.read_models import ReadModels
from tests.projections.purchasing import DAY_0, Purchasing, day


@pytest.fixture(autouse=True)
def _few_may_be_most(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(open_near, "MOST_MOVED", 1_000)


class _Weighed(NamedTuple):
    bytes: int


def test_those_asked_for_last_are_kept_up_to_a_bound() -> None:
    kept = KeptMoments(most_bytes=10)
    first, second, third = _Weighed(4), _Weighed(5), _Weighed(3)
    kept.put((1, 0), first)
    kept.put((2, 0), second)
    assert kept.get((1, 0)) is first
    kept.put((3, 0), third)
    assert [kept.get((position, 0)) for position in (1, 2, 3)] == [first, None, third]
    assert kept.size("moments") == ("moments", 7, 10)


def test_what_is_larger_than_the_bound_is_not_kept() -> None:
    kept = KeptMoments(most_bytes=10)
    kept.put((1, 0), _Weighed(11))
    assert (kept.get((1, 0)), kept.size("moments").taken) == (None, 0)


def test_a_position_recorded_at_another_time_is_another_moment() -> None:
    kept = KeptMoments()
    kept.put((1, 1_000), _Weighed(1))
    assert kept.get((1, 2_000)) is None


def test_the_next_page_of_a_moment_reads_no_line_again(purchasing: Purchasing) -> None:
    purchasing.order_of("SO-1", 3, 2)
    purchasing.buy("PO-1", 2, 1)
    position = purchasing.ledger.head().position
    purchasing.send("receive-stock", sku="A", quantity=1)
    models = purchasing.models
    Overview(today=DAY_0, as_of=str(position)).answer(models)
    assert models.moments.size("moments").taken > BYTES_OF_LINE
    with open_as_of(models, position) as (_, past):
        assert past is not None
        found = past.open_then                                       # type: ignore[attr-defined]
    asked = OrderList(today=DAY_0, as_of=str(position))
    assert asked.answer(models) == asked.answer(ReadModels(purchasing.ledger))
    with open_as_of(models, position) as (_, past):
        assert past is not None
        assert past.open_then is found                               # type: ignore[attr-defined]


def test_lines_are_kept_as_they_are_promised_on_two_days(purchasing: Purchasing) -> None:
    purchasing.order_of("SO-1", 3, 2)
    purchasing.buy("PO-1", 2, 1)
    position = purchasing.ledger.head().position
    purchasing.send("receive-stock", sku="A", quantity=1)
    days = [DAY_0 + timedelta(passed) for passed in (0, 5, 9, 0)]
    for today in days:
        asked = OrderList(today=today, as_of=str(position))
        fresh = ReadModels(purchasing.ledger)
        assert asked.answer(purchasing.models) == asked.answer(fresh)
    with open_as_of(purchasing.models, position) as (_, past):
        assert past is not None
        assert list(past.open_then.promised) == days[2:]             # type: ignore[attr-defined]


def lines_at(shop: Purchasing, position: int, passed: int = 0) -> dict[str, LineThen]:
    """Promise what was open at a moment, and return the line of each item."""
    with open_as_of(shop.models, position) as (_, past):
        assert isinstance(past, LedgerAsRecorded)
        return {line.sku: line for line in EveryPromise(past, DAY_0 + timedelta(passed)).lines}


def two_items_wait(shop: Purchasing) -> int:
    """Let lines of two items wait, of which one gets a receipt; return the position before it."""
    shop.carry("B", 5)
    for order, sku in (("SO-1", "A"), ("SO-2", "B")):
        shop.send("place-order", order=order, customer="ANN", lines=[
            {"sku": sku, "quantity": 90, "requested_date": day(1)},
        ])
    before = shop.ledger.head().position
    shop.buy("PO-1", 90, 3)
    return before


def test_of_a_moment_that_is_near_only_items_that_moved_are_read(purchasing: Purchasing) -> None:
    before = two_items_wait(purchasing)
    after = purchasing.ledger.head().position
    purchasing.send("receive-stock", sku="A", quantity=1)
    first, second = lines_at(purchasing, before), lines_at(purchasing, after)
    assert second["B"] is first["B"]
    assert (first["A"].promised, second["A"].promised) == (None, (DAY_0 + timedelta(3)).toordinal())


def test_on_another_day_only_items_with_overdue_receipts_are_promised_again(
    purchasing: Purchasing,
) -> None:
    two_items_wait(purchasing)
    after = purchasing.ledger.head().position
    purchasing.send("receive-stock", sku="A", quantity=1)
    first, later = lines_at(purchasing, after), lines_at(purchasing, after, 9)
    assert later["B"] is first["B"]
    assert (first["A"].rests_on, bool(later["A"].rests_on)) == ((), True)


def test_after_a_setting_changed_all_is_read_again(purchasing: Purchasing) -> None:
    before = two_items_wait(purchasing)
    purchasing.send("set-backorder-policy", backorders="allow_and_notify")
    after = purchasing.ledger.head().position
    purchasing.send("receive-stock", sku="A", quantity=1)
    first, second = lines_at(purchasing, before), lines_at(purchasing, after)
    assert second["B"] is not first["B"]


def test_across_too_many_events_all_is_read_again(
    purchasing: Purchasing, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(moved_between, "MOST_EVENTS", 1)
    before = two_items_wait(purchasing)
    after = purchasing.ledger.head().position
    purchasing.send("receive-stock", sku="A", quantity=1)
    purchasing.send("receive-stock", sku="A", quantity=1)
    first, second = lines_at(purchasing, before), lines_at(purchasing, after + 1)
    assert second["B"] is not first["B"]


def test_a_moment_of_another_log_leads_nowhere(purchasing: Purchasing) -> None:
    before = two_items_wait(purchasing)
    after = purchasing.ledger.head().position
    purchasing.send("receive-stock", sku="A", quantity=1)
    first = lines_at(purchasing, before)
    moments = purchasing.models.moments
    found = moments.nearest(before)
    assert found is not None
    other = ReadModels(purchasing.ledger)
    other.moments.put((before, 1), found[1])
    with open_as_of(other, after) as (_, past):
        assert isinstance(past, LedgerAsRecorded)
        assert past.open_near() is None
        lines = EveryPromise(past, DAY_0).lines
    assert all(line is not first[line.sku] for line in lines)
