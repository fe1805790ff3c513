"""Moments in time: whole microseconds since 1970 in UTC, and the days they fall on.

The ledger keeps moments as integers because recorded times must be strictly increasing and exact;
they are written as ISO 8601 with six digits and a ``Z``.
"""

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Annotated

from msgspec import Meta

from stocktrail.ledger.written import Written

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NAIVE_EPOCH = datetime(1970, 1, 1)
_MICROSECOND = timedelta(microseconds=1)

DAY = 86_400_000_000
"""The microseconds of a day."""


def to_instant(moment: datetime) -> int:
    """Count the microseconds from 1970 to a moment; one without an offset is taken as UTC.

    >>> to_instant(datetime(1970, 1, 1, 0, 0, 1))
    1000000
    """
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return (aware - _EPOCH) // _MICROSECOND


def to_iso(instant: int) -> str:
    """Write an instant as ISO 8601 in UTC.

    >>> to_iso(1_000_000)
    '1970-01-01T00:00:01.000000Z'
    """
    second, rest = divmod(instant, 1_000_000)
    return f"{_second(second)}.{rest:06}Z"


# 0.07 instead of 1.05 us: neighbours in the log fall on the same second
# (`python -m benchmarks.fast_paths "instant"`, 2026-11-29).
@lru_cache(1024)
def _second(number: int) -> str:
    return (_NAIVE_EPOCH + timedelta(seconds=number)).isoformat()


def day_of(instant: int) -> date:
    """Return the UTC day on which an instant falls.

    >>> day_of(86_400_000_000)
    datetime.date(1970, 1, 2)
    """
    return _day(instant // DAY)


# 0.06 instead of 0.46 us (`python -m benchmarks.fast_paths day`, 2026-11-29).
@lru_cache(1024)
def _day(number: int) -> date:
    return (_EPOCH + timedelta(days=number)).date()


def days_after(day: date, days: int) -> date:
    """Return the day so many days later; at the end of the calendar, its last day.

    >>> days_after(date(2026, 2, 28), 1), days_after(date.max, 1)
    (datetime.date(2026, 3, 1), datetime.date(9999, 12, 31))
    """
    return date.fromordinal(min(day.toordinal() + days, date.max.toordinal()))


def parse_moment(written: str) -> datetime:
    """Read a moment in ISO 8601; without an offset it is UTC, a date alone is its midnight.

    Raises ``ValueError`` with a sentence when it is not one.

    >>> parse_moment("2026-03-01T09:00:00Z").isoformat()
    '2026-03-01T09:00:00+00:00'
    """
    try:
        moment = datetime.fromisoformat(written.upper())     # RFC 3339 has t and z too
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise ValueError(
            f"{written[:60]!r} is not a moment in ISO 8601, such as 2026-03-01T09:00:00Z"
        ) from None


def end_of_day(day: date) -> int:
    """Return the last instant of a UTC day.

    >>> to_iso(end_of_day(date(2026, 3, 1)))
    '2026-03-01T23:59:59.999999Z'
    """
    return to_instant(datetime(day.year, day.month, day.day)) + DAY - 1


def from_iso(written: str) -> int:
    """Read an instant as :func:`to_iso` wrote it.

    >>> from_iso("1970-01-01T00:00:01.000000Z")
    1000000
    """
    return to_instant(parse_moment(written))


if TYPE_CHECKING:
    Instant = int
else:
    Instant = Annotated[
        str, Meta(extra_json_schema={"format": "date-time"}), Written(to_iso, from_iso)
    ]
"""An instant in an event: microseconds in Python, ISO 8601 in JSON."""
