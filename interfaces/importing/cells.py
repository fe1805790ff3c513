"""Cells: what stands in one field of a row, as text or as what a spreadsheet knows it to be."""

from datetime import date, datetime, time
from decimal import Decimal

Cell = str | Decimal | datetime | date | bool
"""Text as it was written, or a number, a date or a boolean of a spreadsheet; "" is empty."""

_SIGNS_OF_FORMULAS = ("=", "+", "-", "@")


class UnsavedFormula(str):
    """A cell with a formula whose value was not saved. The text is its place, such as C7."""

    __slots__ = ()


def text_of(cell: Cell) -> str:
    """Return what stands in a cell as text, without white space at its ends.

    Shops' exports write ``'-3``, ``'=A`` or ``="007"`` so that a spreadsheet takes it for text:
    what stands around it is theirs.

    >>> text_of(" A-1\u00a0"), text_of("'-3"), text_of('="00123"'), text_of("'s Gravenhage")
    ('A-1', '-3', '00123', "'s Gravenhage")
    >>> text_of(Decimal("12.50")), text_of(True), text_of(datetime(2026, 3, 1))
    ('12.5', 'TRUE', '2026-03-01')
    """
    if isinstance(cell, str):
        text = cell.strip().strip("\ufeff\u200b").strip()
        rest = text[1:]
        if text.startswith("'") and (
            rest.startswith(_SIGNS_OF_FORMULAS) or (rest.isascii() and rest.isdigit())
        ):
            return rest
        if text.startswith('="') and text.endswith('"') and len(text) > 3:
            return text[2:-1].replace('""', '"').strip()
        return text
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, Decimal):
        return plain_number(cell)
    if isinstance(cell, datetime) and cell.time() == time():
        return cell.date().isoformat()
    return cell.isoformat()


def plain_number(number: Decimal) -> str:
    """Return a number without an exponent and without zeros at its end.

    >>> plain_number(Decimal("1E+5")), plain_number(Decimal("0.10")), plain_number(Decimal("-0.0"))
    ('100000', '0.1', '0')
    """
    text = format(number, "f")
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text in ("-0", "") else text
