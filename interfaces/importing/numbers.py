"""Numbers as people write them: with a decimal point or comma, and separated thousands.

Which of the two a file uses is decided once for all of it: by ``--decimal``, or by a number that
can be read in one way only, such as ``1.234,5``. ``1,234`` alone is either 1234 or 1.234: between
commas it is the first, else nobody guesses.
"""

import re
from collections.abc import Iterable
from decimal import Decimal
from typing import Literal

from stocktrail.interfaces.importing.bad_file import BadFile
from stocktrail.interfaces.importing.cells import Cell, plain_number, text_of
from stocktrail.interfaces.importing.remedies import (
    CHOOSE_DECIMAL_MARK,
    SETTLE_DECIMAL_MARK,
    WITH_DECIMAL_MARK,
)

DecimalMark = Literal["point", "comma"]

_SPACES = re.compile(r"(?<=\d)[ \u00a0\u2009\u202f'\u2019](?=\d{3}(?!\d))")
_SIGNS = str.maketrans({"\u2212": "-", "\u2013": "-"})
_PLAIN = re.compile(r"[-+]?\d+")
_EXPONENT = re.compile(r"[-+]?\d+(?:[.,]\d+)?[eE][-+]?\d{1,3}")
_WITH_POINT = re.compile(r"[-+]?(?:\d+|\d{1,3}(?:,\d{2,3})*,\d{3})(?:\.\d*)?|[-+]?\.\d+")
_WITH_COMMA = re.compile(r"[-+]?(?:\d+|\d{1,3}(?:\.\d{2,3})*\.\d{3})(?:,\d*)?|[-+]?,\d+")


class BadNumber(ValueError):
    """A text that is no number, or could be two different ones."""


def read_number(cell: Cell, mark: DecimalMark | None) -> Decimal | None:
    """Return the number in a cell, ``None`` for an empty one.

    Raises :class:`BadNumber` for other text, and for what has two readings as long as nobody said
    which ``mark`` the file uses.

    >>> read_number("1.234,5", "comma"), read_number("1,234.50", "point")
    (Decimal('1234.5'), Decimal('1234.50'))
    >>> read_number("-7", None), read_number("", None)
    (Decimal('-7'), None)
    """
    if isinstance(cell, Decimal):
        return cell
    if not isinstance(cell, str):
        raise BadNumber(f"{text_of(cell)} is not a number")
    text = _tidied(cell)
    if not text:
        return None
    if len(text) > 60:
        raise BadNumber(f"{text[:60]}... is not a number")
    if _PLAIN.fullmatch(text):
        return Decimal(text)
    readings = {
        each: number for each in ("point", "comma")
        if (number := _reading(text, each)) is not None and mark in (None, each)
    }
    if not readings:
        other_mark: DecimalMark = "comma" if mark == "point" else "point"
        other = _reading(text, other_mark)
        hint = "" if other is None or mark is None else (
            f"; {WITH_DECIMAL_MARK.said(mark=other_mark)} it would be {plain_number(other)}"
        )
        raise BadNumber(f"{text!r} is not a number{hint}")
    if len(set(readings.values())) > 1:
        first, second = (plain_number(each) for each in readings.values())
        raise BadNumber(
            f"{text} may be {first} or {second}: {CHOOSE_DECIMAL_MARK.said()}"
        )
    return next(iter(readings.values()))


def decimal_mark_of(cells: Iterable[Cell], delimiter: str | None) -> DecimalMark | None:
    """Return which decimal mark the numbers of a file show that it uses, ``None`` if none does.

    Raises :class:`BadFile` (``two_decimal_marks``) when some show one and some the other.

    >>> decimal_mark_of(["1.234", "0,5"], ";"), decimal_mark_of(["1,234"], ",")
    ('comma', 'point')
    """
    shown: dict[DecimalMark, str] = {}
    for cell in cells:
        if not isinstance(cell, str):
            continue
        text = _tidied(cell)
        if _PLAIN.fullmatch(text) or len(text) > 60:
            continue
        point, comma = _reading(text, "point"), _reading(text, "comma")
        if (point is None) == (comma is None):
            continue
        shown.setdefault("point" if comma is None else "comma", text)
    if len(shown) > 1:
        raise BadFile(
            "two_decimal_marks",
            f"Numbers are written in two ways: {shown['point']} has a decimal point, "
            f"{shown['comma']} a decimal comma. Write them alike, or {SETTLE_DECIMAL_MARK.said()}; "
            "the others are then listed.",
        )
    if shown:
        return next(iter(shown))
    return "point" if delimiter == "," else None


def _tidied(cell: str) -> str:
    text = text_of(cell).translate(_SIGNS)
    return _SPACES.sub("", text)


def _reading(text: str, mark: str) -> Decimal | None:
    """Return the number that a text is if this is its decimal mark, else ``None``."""
    separator, point = (",", ".") if mark == "point" else (".", ",")
    if _EXPONENT.fullmatch(text):
        return None if separator in text else Decimal(text.replace(point, "."))
    if not (_WITH_POINT if mark == "point" else _WITH_COMMA).fullmatch(text):
        return None
    return Decimal(text.replace(separator, "").replace(point, ".").rstrip("."))
