"""Days and moments as the files of shops write them; one that can be read in two ways is refused.

A day may be written with its year first, with a month in words, or in figures. ``03.04.2026`` is
the third of April or the fourth of March: whoever knows says which comes first, and nobody guesses.
"""

import re
from datetime import UTC, date, datetime, time, timedelta, timezone
from typing import Literal

from stocktrail.interfaces.importing.remedies import CHOOSE_ORDER_OF_DATES
from stocktrail.ledger.quantity import shortened

DateOrder = Literal["day-first", "month-first"]
"""Which comes first where a date is written in figures and its year stands last."""

_MONTHS = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september",
    "october", "november", "december",
)
_WEEKDAY = re.compile(r"(mon|tues?|wed(nes)?|thu(rs)?|fri|sat(ur)?|sun)(day)?,?\s+", re.I)
_YEAR_FIRST = re.compile(r"(\d{4})([-/.])(\d{1,2})\2(\d{1,2})", re.ASCII)
_COMPACT = re.compile(r"((?:19|20)\d\d)(\d\d)(\d\d)", re.ASCII)
_FIGURES = re.compile(r"(\d{1,2})\s?([-/.])\s?(\d{1,2})\s?\2\s?(\d{4}|\d{2})", re.ASCII)
_DAY_MONTH = re.compile(
    r"(\d{1,2})(?:st|nd|rd|th)?[\s./-]+([a-z]{3,9})\.?,?[\s./-]+(\d{4}|\d{2})", re.ASCII | re.I
)
_MONTH_DAY = re.compile(
    r"([a-z]{3,9})\.?\s+(\d{1,2})(?:st|nd|rd|th)?,?\s+(\d{4})", re.ASCII | re.I
)
_CLOCK = re.compile(
    r"(?:,?\s+|T)(?:at\s+)?(\d{1,2}):(\d\d)(?::(\d\d)(?:[.,](\d{1,6})\d*)?)?\s*([ap]\.?m\.?)?"
    r"\s*(Z|UTC|GMT|[+-]\d\d(?::?\d\d)?)?",
    re.ASCII | re.I,
)
_LONGEST = 60


def read_day(written: str, order: DateOrder | None = None) -> date:
    """Return the day that a text names; a time of day after it is left aside.

    Raises ``ValueError`` with a sentence when it names none, or may name two.

    >>> read_day("2026-12-01"), read_day("1 Dec 2026"), read_day("25.12.2026")
    (datetime.date(2026, 12, 1), datetime.date(2026, 12, 1), datetime.date(2026, 12, 25))
    >>> read_day("03/04/2026", "month-first")
    datetime.date(2026, 3, 4)
    >>> read_day("03/04/2026")
    Traceback (most recent call last):
    ValueError: '03/04/2026' is 2026-04-03 where the day comes first and 2026-03-04 where the \
month does: say which with --dates day-first or --dates month-first
    """
    return _day_and_clock(written, order)[0]


def read_moment(written: str, order: DateOrder | None = None) -> datetime:
    """Return the moment that a text names: midnight for a day alone, naive without an offset.

    Raises ``ValueError`` with a sentence when it names none, or may name two.

    >>> read_moment("2026-03-01 10:27:45 -0400").isoformat()
    '2026-03-01T10:27:45-04:00'
    >>> read_moment("Mar 1, 2026, 3:05 PM").isoformat()
    '2026-03-01T15:05:00'
    """
    day, clock = _day_and_clock(written, order)
    return datetime.combine(day, clock)


def _day_and_clock(written: str, order: DateOrder | None) -> tuple[date, time]:
    text = written.strip()
    if len(text) > _LONGEST:
        raise _no_date(written)
    clock = time()
    found = _CLOCK.search(text)
    if found is not None:
        if text[found.end():].strip():
            raise _no_date(written)
        clock = _clock(written, found)
        text = text[:found.start()].rstrip(", ")
    return _day(written, _WEEKDAY.sub("", text, count=1), order), clock


def _day(written: str, text: str, order: DateOrder | None) -> date:
    if found := _YEAR_FIRST.fullmatch(text):
        return _dated(written, int(found[1]), int(found[3]), int(found[4]))
    if found := _COMPACT.fullmatch(text):
        return _dated(written, int(found[1]), int(found[2]), int(found[3]))
    if found := _FIGURES.fullmatch(text):
        return _in_figures(written, int(found[1]), int(found[3]), found[4], order)
    if found := _DAY_MONTH.fullmatch(text):
        return _dated(written, _year(found[3]), _month(written, found[2]), int(found[1]))
    if found := _MONTH_DAY.fullmatch(text):
        return _dated(written, int(found[3]), _month(written, found[1]), int(found[2]))
    raise _no_date(written)


def _in_figures(
    written: str, first: int, second: int, year: str, order: DateOrder | None
) -> date:
    """Read a date whose year stands last, by the order that was said, or by its figures alone."""
    if order == "day-first":
        return _dated(written, _year(year), second, first)
    if order == "month-first":
        return _dated(written, _year(year), first, second)
    if len(year) == 2:
        raise ValueError(
            f"{shortened(written)!r} may begin with its year, its month or its day: "
            f"{CHOOSE_ORDER_OF_DATES.said()}, or write the year with four digits"
        )
    if first > 12 or first == second:
        return _dated(written, int(year), second, first)
    if second > 12:
        return _dated(written, int(year), first, second)
    day_first = _dated(written, int(year), second, first)
    month_first = _dated(written, int(year), first, second)
    raise ValueError(
        f"{shortened(written)!r} is {day_first} where the day comes first and {month_first} where "
        f"the month does: {CHOOSE_ORDER_OF_DATES.said()}"
    )


def _dated(written: str, year: int, month: int, day: int) -> date:
    try:
        return date(year, month, day)
    except ValueError:
        raise ValueError(f"{shortened(written)!r} is no day of the calendar") from None


def _year(written: str) -> int:
    return int(written) if len(written) == 4 else 2000 + int(written)


def _month(written: str, name: str) -> int:
    name = name.lower()
    for number, month in enumerate(_MONTHS, start=1):
        if name in (month, month[:3]) or (name == "sept" and number == 9):
            return number
    raise _no_date(written)


def _clock(written: str, found: re.Match[str]) -> time:
    hour, minute, second, fraction, half, offset = found.groups()
    hours = int(hour)
    if half:
        if not 1 <= hours <= 12:
            raise ValueError(f"{shortened(written)!r} has no time of day")
        hours = hours % 12 + (12 if half[0] in "pP" else 0)
    try:
        return time(
            hours, int(minute), int(second or 0), int((fraction or "0").ljust(6, "0")),
            tzinfo=_zone(offset),
        )
    except ValueError:
        raise ValueError(f"{shortened(written)!r} has no time of day") from None


def _zone(offset: str | None) -> timezone | None:
    if offset is None:
        return None
    if offset[0] not in "+-":
        return UTC
    digits = offset[1:].replace(":", "").ljust(4, "0")
    ahead = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return timezone(ahead if offset[0] == "+" else -ahead)


def _no_date(written: str) -> ValueError:
    return ValueError(
        f"{shortened(written)!r} is no date that can be read: write it as 2026-12-01, or leave it "
        "empty"
    )
