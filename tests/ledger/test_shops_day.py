"""Rule 1.5: a day is one of its time zone, whatever its length; it holds from when it was set."""

from collections.abc import Sequence
from datetime import UTC, date, datetime

import pytest

from stocktrail.ledger.base.event import Event
from stocktrail.ledger.instant import to_instant
from stocktrail.ledger.settings import Settings, TimeZoneChanged
from stocktrail.ledger.time_zone import day_in, end_of_day_in, start_of_day, zones
from tests.scenes import Decision, Scene, given

LOS_ANGELES = "America/Los_Angeles"


def set_time_zone(zone: str) -> Decision:
    def decide(scene: Scene) -> Sequence[Event]:
        return scene.settings.set_time_zone(zone)

    return decide


def at(*moment: int) -> int:
    return to_instant(datetime(*moment, tzinfo=UTC))     # type: ignore[misc,arg-type]


def test_it_is_utc_until_somebody_says_otherwise() -> None:
    assert given().settings.time_zone == "UTC"
    given().when(set_time_zone("UTC")).then_nothing()


def test_the_zone_is_changed_once() -> None:
    scene = given().when(set_time_zone(LOS_ANGELES)).then(TimeZoneChanged(zone=LOS_ANGELES))
    assert scene.settings.time_zone == LOS_ANGELES
    scene.when(set_time_zone(LOS_ANGELES)).then_nothing()


def test_settings_from_before_there_were_zones_have_utc() -> None:
    state = given(TimeZoneChanged(zone=LOS_ANGELES)).settings.to_state()
    settings = Settings()
    settings.restore(state)
    assert settings.time_zone == settings.clone().time_zone == LOS_ANGELES
    del state["time_zone"]
    settings.restore(state)
    assert settings.time_zone == "UTC"


def test_at_20_00_on_march_1_in_los_angeles_it_is_march_1() -> None:
    assert day_in(at(2026, 3, 2, 4), LOS_ANGELES) == date(2026, 3, 1)
    assert day_in(at(2026, 3, 2, 4), "UTC") == date(2026, 3, 2)
    assert day_in(at(2026, 3, 1, 15), "Asia/Tokyo") == date(2026, 3, 2)


@pytest.mark.parametrize(("zone", "day", "hours"), [
    ("UTC", date(2026, 3, 8), 24), (LOS_ANGELES, date(2026, 3, 7), 24),
    (LOS_ANGELES, date(2026, 3, 8), 23), (LOS_ANGELES, date(2026, 11, 1), 25),
    ("Australia/Lord_Howe", date(2026, 4, 5), 24.5),
    ("America/Sao_Paulo", date(2018, 11, 4), 23),        # midnight is skipped
    ("America/Havana", date(2024, 11, 3), 25),           # midnight comes twice
])
def test_a_day_is_as_long_as_the_clocks_say(zone: str, day: date, hours: float) -> None:
    first, last = start_of_day(day, zone), end_of_day_in(day, zone)
    assert last + 1 - first == hours * 3_600_000_000
    assert [day_in(each, zone) for each in (first, last)] == [day, day]
    assert day_in(first - 1, zone) < day < day_in(last + 1, zone)


def test_at_the_ends_of_the_calendar_days_are_those_of_utc() -> None:
    last = at(9999, 12, 31, 23)
    assert day_in(last, "Asia/Tokyo") == date(9999, 12, 31)
    assert end_of_day_in(date.max, LOS_ANGELES) == end_of_day_in(date.max, "UTC")
    assert day_in(at(1, 1, 1), LOS_ANGELES) == date(1, 1, 1)


def test_zones_are_those_of_the_iana() -> None:
    assert {"UTC", LOS_ANGELES, "Europe/Berlin", "Asia/Kolkata"} <= zones()
    assert "Mars/Olympus_Mons" not in zones()
