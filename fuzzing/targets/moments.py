"""Moments: those of commands, and those of questions with the days of every time zone."""

from collections.abc import Iterator
from datetime import UTC, datetime

from fuzzing.choices import Choices
from fuzzing.oracle import outcome_of, require
from stocktrail.ledger.instant import day_of, from_iso, parse_moment, to_instant, to_iso
from stocktrail.ledger.time_zone import DEFAULT_ZONE, day_in, zones
from stocktrail.projections.as_of.moment import resolve_instant

WORDS = (
    b"2026-03-01", b"T09:00:00", b"Z", b"z", b"+14:00", b"-23:59", b"+00:00:00.000001",
    b"0001-01-01", b"9999-12-31", b"W01", b"20260301", b"23:59:59.999999", b",5",
    b"24:00", b"\xc2\xb9",
)
MOST_BYTES = 80

_ZONES = (DEFAULT_ZONE, *sorted(zones()))


def target(data: bytes) -> None:
    """Read a moment, and the same text as a question's, in the zone that its first bytes choose."""
    choices = Choices(data)
    zone = _ZONES[choices.number(len(_ZONES) - 1)]
    text = choices.rest().decode("utf-8", "surrogateescape")
    found, moment = outcome_of(lambda: parse_moment(text), ValueError)
    if found == "result":
        _require_instant(moment)
    found, instant = outcome_of(lambda: resolve_instant(text, zone))
    if found == "result":
        _require_day(instant, zone)


def _require_instant(moment: datetime) -> None:
    instant = to_instant(moment)
    require(moment.tzinfo is UTC, "a moment is one of UTC", moment)
    require(from_iso(to_iso(instant)) == instant, "an instant is read back", instant)
    require(to_iso(instant)[:10] == day_of(instant).isoformat(), "it falls on its day", instant)


def _require_day(instant: int, zone: str) -> None:
    require(from_iso(to_iso(instant)) == instant, "an instant is read back", instant)
    apart = abs((day_in(instant, zone) - day_of(instant)).days)
    require(apart <= 1, "no zone is more than a day from UTC", instant, zone)


def seeds() -> Iterator[bytes]:
    """Yield moments in the ways in which they may be written."""
    for written in (
        b"2026-03-01", b"2026-03-01T09:00:00Z", b"2026-03-01t09:00:00.123456+01:00", b"20260301",
        b"0001-01-01T00:00:00+14:00", b"9999-12-31T23:59:59.999999-14:00", b"9999-12-31",
        b"0001-01-01", b"2026-W10-1",
    ):
        yield b"\0\0" + written
        yield b"\1\7" + written
