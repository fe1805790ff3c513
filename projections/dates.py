"""How days stand in rows and answers: as ISO 8601, and as nothing where there is none."""

from datetime import date


def iso(day: date | None) -> str | None:
    """Write a day as ISO 8601, if there is one.

    >>> iso(date(2026, 3, 1)), iso(None)
    ('2026-03-01', None)
    """
    return None if day is None else day.isoformat()


def read_day(written: str | None) -> date | None:
    """Read a day that :func:`iso` wrote.

    >>> read_day("2026-03-01"), read_day(None)
    (datetime.date(2026, 3, 1), None)
    """
    return None if written is None else date.fromisoformat(written)
