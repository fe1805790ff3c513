"""The shop's day: the day of an instant in the shop's time zone, and where such a day ends.

A zone is one of the IANA's. What is known of them comes from the package ``tzdata`` alone, so that
every machine counts the same days; a zone is read once. UTC needs none of it.

Rule 1.5 is the source.
"""

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from importlib.resources import files
from zoneinfo import ZoneInfo

from stocktrail.ledger.instant import day_of, days_after, end_of_day, to_instant

DEFAULT_ZONE = "UTC"
"""The time zone of a shop that has set none."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@lru_cache(1)
def zones() -> frozenset[str]:
    """Return every time zone.

    >>> "America/Los_Angeles" in zones(), "Mars/Olympus_Mons" in zones()
    (True, False)
    """
    return frozenset(files("tzdata").joinpath("zones").read_text(encoding="utf-8").split())


@lru_cache(64)
def zone_named(name: str) -> ZoneInfo:
    """Return a time zone by its name, as the package ``tzdata`` knows it."""
    place = files("tzdata").joinpath("zoneinfo")
    for part in name.split("/"):
        place = place.joinpath(part)
    with place.open("rb") as data:
        return ZoneInfo.from_file(data, key=name)


def day_in(instant: int, zone: str) -> date:
    """Return the day of a zone on which an instant falls.

    >>> from stocktrail.ledger.instant import end_of_day
    >>> day_in(end_of_day(date(2026, 3, 1)), "America/Los_Angeles")
    datetime.date(2026, 3, 1)
    >>> day_in(end_of_day(date(2026, 3, 1)), "Asia/Tokyo")
    datetime.date(2026, 3, 2)
    """
    if zone == DEFAULT_ZONE:
        return day_of(instant)
    try:
        return (_EPOCH + timedelta(microseconds=instant)).astimezone(zone_named(zone)).date()
    except OverflowError:                         # at either end of the calendar
        return day_of(instant)


def start_of_day(day: date, zone: str) -> int:
    """Return the first instant of a day of a zone; where midnight is skipped, what came instead.

    >>> from stocktrail.ledger.instant import to_iso
    >>> to_iso(start_of_day(date(2026, 3, 8), "America/Los_Angeles"))
    '2026-03-08T08:00:00.000000Z'
    """
    if zone == DEFAULT_ZONE:
        return to_instant(datetime(day.year, day.month, day.day))
    return to_instant(datetime(day.year, day.month, day.day, tzinfo=zone_named(zone)))


def end_of_day_in(day: date, zone: str) -> int:
    """Return the last instant of a day of a zone; it may be the 23rd hour, or the 25th.

    >>> from stocktrail.ledger.instant import to_iso
    >>> to_iso(end_of_day_in(date(2026, 3, 8), "America/Los_Angeles"))
    '2026-03-09T06:59:59.999999Z'
    """
    if zone == DEFAULT_ZONE or day == date.max:
        return end_of_day(day)
    return start_of_day(days_after(day, 1), zone) - 1
