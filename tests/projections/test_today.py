"""Rule 5.4: the latest occurred date so far, and never one that was not reached yet."""

from collections.abc import Iterator
from typing import Any

import pytest

from stocktrail.ledger.instant import parse_moment, to_instant
from stocktrail.ledger.store import open_ledger
from stocktrail.projections import ReadModels
from stocktrail.projections.models.recorded_days import RECORDED_DAY
from stocktrail.projections.verify import verify
from tests.earlier_versions import send_as_earlier
from tests.projections.purchasing import Purchasing, day


class DayByDay(Purchasing):
    """A shop whose ledger is told of everything on the day on which it occurs."""

    def recorded_at(self) -> int:
        """Tell the time: nine in the morning of the day."""
        return to_instant(parse_moment(f"{day(self.today)}T09:00:00Z"))

    def send_as_earlier(self, command: str, **fields: Any) -> None:
        """Send a command as it was taken by an earlier version."""
        send_as_earlier(self.ledger, command, **fields)
        self.models.catch_up()


@pytest.fixture
def shop(database_url: str) -> Iterator[DayByDay]:
    """Open a shop on day 0 in which one order waits for one purchase order, due on day 5."""
    clock: list[DayByDay] = []
    with open_ledger(database_url, clock=lambda: clock[0].recorded_at()) as ledger:
        clock.append(opened := DayByDay(ledger))
        opened.allow_backorders()
        opened.carry_none("A")
        opened.order_of("SO-1", 5, 1)
        opened.buy("PO-1", 5, 5)
        yield opened


def recorded_today(shop: DayByDay) -> str:
    """Say on which day the promises that are recorded were last judged."""
    with shop.models.reading() as reading:
        reading.cursor.execute(f"SELECT value FROM {RECORDED_DAY.name} WHERE name = 'today'")
        [row] = reading.cursor.fetchall()
    return str(row["value"])


def test_a_date_in_the_future_that_was_recorded_before_silences_no_slip(shop: DayByDay) -> None:
    shop.send_as_earlier("register-product", sku="B", occurred_at="2062-03-02T00:00:00Z")
    assert recorded_today(shop) == day(0)
    shop.on_day(2)
    shop.delay("PO-1", 12)
    assert recorded_today(shop) == day(2)
    assert shop.slips() == [("SO-1", 5, 12, 7)]
    shop.models.rebuild()
    assert shop.slips() == [("SO-1", 5, 12, 7)]
    assert verify(shop.models).findings == []


def test_what_comes_late_leaves_today_where_it_was(shop: DayByDay) -> None:
    shop.on_day(3)
    shop.carry_none("B")
    shop.send("receive-stock", sku="B", quantity=1, occurred_at=f"{day(1)}T09:00:00Z")
    assert recorded_today(shop) == day(3)


def test_a_day_that_was_told_ahead_comes_when_it_comes(shop: DayByDay) -> None:
    shop.send("receive-stock", sku="A", quantity=1, occurred_at=f"{day(1)}T08:00:00Z")
    assert recorded_today(shop) == day(0)
    shop.on_day(1)
    shop.send("receive-stock", sku="A", quantity=1, occurred_at=f"{day(0)}T08:00:00Z")
    assert recorded_today(shop) == day(1)


def test_read_models_that_go_on_know_both_days(shop: DayByDay) -> None:
    shop.send_as_earlier("register-product", sku="B", occurred_at="2062-03-02T00:00:00Z")
    shop.models = ReadModels(shop.ledger)
    shop.on_day(2)
    shop.delay("PO-1", 12)
    assert recorded_today(shop) == day(2)
    shop.models = ReadModels(shop.ledger)
    shop.on_day(4)
    shop.send("receive-stock", sku="A", quantity=1, occurred_at=f"{day(1)}T08:00:00Z")
    assert recorded_today(shop) == day(4)
    assert verify(shop.models).findings == []
