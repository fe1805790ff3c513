"""Overdue receipts that a promise rests on: it is uncertain, for nobody knows when they come."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any, NamedTuple

import orjson


class OverdueReceipt(NamedTuple):
    """A purchase line that was expected on a day that is past."""

    purchase_order: str
    purchase_line: int
    expected_date: date

    def as_json(self, today: date) -> dict[str, Any]:
        """Write it as reports do, with the days since it was expected."""
        return {
            "purchase_order": self.purchase_order, "purchase_line": self.purchase_line,
            "expected_date": self.expected_date.isoformat(),
            "days_overdue": (today - self.expected_date).days,
        }


RestsOn = tuple[OverdueReceipt, ...]
"""The overdue receipts that a promise rests on, the one overdue longest first."""


def all_of(parts: Iterable[RestsOn]) -> RestsOn:
    """Return what several promises rest on together."""
    found = {receipt for part in parts for receipt in part}
    return tuple(sorted(found, key=lambda each: (each.expected_date, each))) if found else ()


def overdue_text(receipts: RestsOn) -> str:
    """Write overdue receipts as JSON: purchase order, line and expected date."""
    return orjson.dumps([list(each) for each in receipts]).decode() if receipts else "[]"


def read_overdue(written: str) -> RestsOn:
    """Read what :func:`overdue_text` wrote.

    >>> receipt = OverdueReceipt("PO-1", 2, date(2026, 3, 1))
    >>> read_overdue(overdue_text((receipt,))) == (receipt,), read_overdue("[]")
    (True, ())
    """
    if written == "[]":
        return ()
    return tuple(
        OverdueReceipt(order, line, date.fromisoformat(expected))
        for order, line, expected in orjson.loads(written)
    )


def uncertainty(receipts: Sequence[OverdueReceipt], today: date) -> dict[str, Any]:
    """Return whether what rests on some receipts is uncertain, and which are overdue since when."""
    return {
        "uncertain": bool(receipts),
        "overdue_receipts": [each.as_json(today) for each in receipts],
    }
