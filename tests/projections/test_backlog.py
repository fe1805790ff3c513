"""The backlog by day: exact whatever happens, as of any position, and read from a row a day."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stocktrail.ledger.time_zone import DEFAULT_ZONE, day_in
from stocktrail.projections.models import backlog_days
from stocktrail.projections.models.stock_history import STOCK_HISTORY
from stocktrail.projections.questions.backlog import backlog
from stocktrail.projections.read_models import Reading, ReadModels
from stocktrail.projections.verify import verify
from tests.projections.purchasing import DAY_0, Purchasing
from tests.projections.test_promises_whatever_happens import shop_of_its_own, steps
from tests.projections.test_read_models_agree import POOLS, SKUS

histories = st.lists(steps, min_size=8, max_size=24)


def summed_up(
    shop: Purchasing, zones: list[tuple[int, str]], until: int, sku: str | None, pool: str | None
) -> list[tuple[str, float, float]]:
    """Add up the whole stock history: what the backlog must be."""
    by_day: dict[str, int] = {}
    with shop.models.reading() as (place, cursor, _):
        for row in place.table(STOCK_HISTORY).all_rows(cursor):
            of_others = sku not in (None, row["sku"]) or pool not in (None, row["pool"])
            if row["pool"] is None or row["position"] > until or of_others:
                continue
            zone = [zone for since, zone in zones if since <= row["position"]][-1]
            day = day_in(row["occurred_at"], zone).isoformat()
            before = row["quantity_after"] - row["delta"]
            change = max(-row["quantity_after"], 0) - max(-before, 0)
            by_day[day] = by_day.get(day, 0) + change
    found, total = [], 0
    for day, change in sorted(by_day.items()):
        total += change
        found.append((day, change / 10_000, total / 10_000))
    return found


def answered(shop: Purchasing, **asked: Any) -> list[tuple[str, float, float]]:
    """Ask for the backlog."""
    rows = backlog(shop.models, **asked)["rows"]
    return [(row["date"], row["change"], row["backordered"]) for row in rows]


def play(shop: Purchasing, drawn: list[tuple[int, dict[str, Any]]]) -> None:
    """Play a history, and compare the backlog as of all of its positions with the slow way."""
    zones = [(0, DEFAULT_ZONE)]
    positions = [shop.models.position() or 0]
    for passed, wished in drawn:
        shop.on_day(shop.today + passed)
        late_evening = f"{(DAY_0 + timedelta(days=shop.today)).isoformat()}T22:30:00Z"
        statuses, position = shop.try_together([{**wished, "occurred_at": late_evening}])
        positions.append(position)
        if statuses == {"accepted"} and wished["command"] == "set-time-zone":
            zones.append((position, wished["zone"]))
    for position in dict.fromkeys(positions):
        for sku in (None, *SKUS):
            for pool in (None, *POOLS[:2]):
                assert answered(shop, as_of=position, sku=sku, pool=pool) == summed_up(
                    shop, zones, position, sku, pool
                )
    assert answered(shop) == summed_up(shop, zones, positions[-1], None, None)


@pytest.fixture
def _short_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backlog_days, "POSITIONS_PER_CHUNK", 8)


@pytest.mark.usefixtures("_short_chunks")
@settings(max_examples=6, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(histories)
def test_the_backlog_is_what_the_whole_history_adds_up_to(
    drawn: list[tuple[int, dict[str, Any]]],
) -> None:
    with shop_of_its_own() as shop:
        play(shop, drawn)
        live = verify(shop.models)
        assert live.findings == []
        shop.models.rebuild()
        assert verify(shop.models).digests == live.digests


@pytest.mark.usefixtures("_short_chunks")
def test_a_shop_counts_its_own_days(purchasing: Purchasing) -> None:
    zone = purchasing.send("set-time-zone", zone="Asia/Tokyo")
    purchasing.send(
        "place-order", order="SO-1", customer="Ann", occurred_at="2026-03-10T16:00:00Z",
        lines=[{"sku": "A", "quantity": 4}],
    )
    for number in range(9):
        purchasing.order_of(f"SO-{number + 2}", 1, 0)
    purchasing.send("set-time-zone", zone="UTC")
    last = purchasing.order_of("SO-X", 1, 0)
    zones = [(0, DEFAULT_ZONE), (zone, "Asia/Tokyo"), (last - 1, "UTC")]
    for position in range(zone, last + 1):
        expected = summed_up(purchasing, zones, position, None, None)
        assert answered(purchasing, as_of=position) == expected
    assert expected == [("2026-03-10", 10, 10), ("2026-03-11", 4, 14)]


class CountedRows:
    """A cursor that counts the rows it hands out."""

    def __init__(self, cursor: Any) -> None:
        self._cursor, self.rows = cursor, 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._cursor, name)

    def fetchall(self) -> list[Any]:
        """Return the rows, and count them."""
        found = list(self._cursor.fetchall())
        self.rows += len(found)
        return found


def rows_read(models: ReadModels, monkeypatch: pytest.MonkeyPatch, **asked: Any) -> int:
    """Count the rows that are read for the backlog of all items."""
    read = 0

    @contextmanager
    def counting() -> Iterator[Reading]:
        nonlocal read
        with reading() as (place, cursor, position):
            counted = CountedRows(cursor)
            yield Reading(place, counted, position)
            read = counted.rows

    reading = models.reading
    with monkeypatch.context() as patched:
        patched.setattr(models, "reading", counting)
        backlog(models, **asked)
    return read


@pytest.mark.usefixtures("_short_chunks")
def test_a_longer_history_of_as_many_days_reads_no_more_rows(
    purchasing: Purchasing, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[tuple[int, int]] = []
    for _ in range(3):
        for number in range(20):
            purchasing.order_of(f"SO-{len(read)}-{number}", 1, 0)
        begin = (purchasing.models.position() or 0) // 8 * 8
        read.append((
            rows_read(purchasing.models, monkeypatch),
            rows_read(purchasing.models, monkeypatch, as_of=begin + 1),
        ))
    assert read[0] == read[1] == read[2]
