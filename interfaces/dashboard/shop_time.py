"""Times for people: in the shop's time zone, each with the name of its zone, in one form.

The zone is that of the page that is being rendered, so that every template writes times alike.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime

from stocktrail.ledger.time_zone import DEFAULT_ZONE, zone_named

_ZONE = ContextVar("zone", default=DEFAULT_ZONE)

_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


@contextmanager
def shown_in(zone: str) -> Iterator[None]:
    """Write times in a zone meanwhile."""
    before = _ZONE.set(zone)
    try:
        yield
    finally:
        _ZONE.reset(before)


def moment(value: str | None) -> str:
    """Return a time to the second, with the name of its zone.

    >>> moment("2026-03-01T09:00:00.123456Z"), moment(None)
    ('2026-03-01 09:00:00 UTC', '')
    >>> with shown_in("Europe/Berlin"):
    ...     moment("2026-03-01T09:00:00Z"), moment("2026-07-01T09:00:00Z")
    ('2026-03-01 10:00:00 CET', '2026-07-01 11:00:00 CEST')
    >>> with shown_in("America/Sao_Paulo"):
    ...     moment("2026-03-01T09:00:00Z")
    '2026-03-01 06:00:00 UTC-03'
    """
    if value is None:
        return ""
    found = _in_zone(value)
    name = found.tzname() or DEFAULT_ZONE
    return f"{found:%Y-%m-%d %H:%M:%S} {name if name.isalpha() else f'UTC{name}'}"


def day_of(value: str | None) -> str:
    """Return the shop's day on which a time falls.

    >>> with shown_in("Asia/Tokyo"):
    ...     day_of("2026-03-01T22:00:00Z")
    '2026-03-02'
    """
    return "" if value is None else _in_zone(value).date().isoformat()


def weekday(value: str) -> str:
    """Return the name of the day of a date, or of the shop's day of a time; else nothing.

    >>> weekday("2026-03-01"), weekday("2026-03-01T09:00:00Z"), weekday("41")
    ('Sunday', 'Sunday', '')
    """
    try:
        day = date.fromisoformat(value if len(value) == 10 else day_of(value))
    except ValueError:
        return ""
    return _DAYS[day.weekday()]


def _in_zone(value: str) -> datetime:
    at = datetime.fromisoformat(value)
    try:
        return at.astimezone(zone_named(_ZONE.get()))
    except OverflowError:                         # at either end of the calendar
        return at
