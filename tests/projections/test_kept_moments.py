"""What was open at a moment is read once for all of its pages, within a bound of memory."""

from datetime import timedelta
from typing import NamedTuple

from stocktrail.projections.as_of.open_then import BYTES_OF_LINE
from stocktrail.projections.as_of.opening import open_as_of
from stocktrail.projections.kept_moments import KeptMoments
from stocktrail.projections.questions.orders import OrderList
from stocktrail.projections.questions.overview import Overview
from stocktrail.projections.read_models import ReadModels
from tests.projections.purchasing import DAY_0, Purchasing


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
    for day in days:
        asked = OrderList(today=day, as_of=str(position))
        fresh = ReadModels(purchasing.ledger)
        assert asked.answer(purchasing.models) == asked.answer(fresh)
    with open_as_of(purchasing.models, position) as (_, past):
        assert past is not None
        assert list(past.open_then.promised) == days[2:]             # type: ignore[attr-defined]
