"""Values of cells beyond text and number: moments of the shop, whole numbers, prices."""

from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal

from stocktrail.interfaces.importing.cells import plain_number
from stocktrail.interfaces.importing.dates import DateOrder
from stocktrail.interfaces.importing.findings import BadCell
from stocktrail.interfaces.importing.records import Record
from stocktrail.ledger.time_zone import zone_named

_PRICE_PLACES = Decimal("0.0001")
_MOST_WHOLE = 10**9


def moment_in_zone(
    record: Record, field: str, order: DateOrder | None, zone: str
) -> datetime | None:
    """Return the moment in a cell, ``None`` for an empty one; without an offset it is the shop's.

    Raises :class:`~stocktrail.interfaces.importing.findings.BadCell` (``bad_date``).
    """
    moment = record.moment(field, order)
    if moment is None or moment.tzinfo:
        return moment
    return moment.replace(tzinfo=zone_named(zone))


def whole_number(record: Record, field: str) -> int | None:
    """Return the whole number in a cell, ``None`` for an empty one.

    Raises :class:`~stocktrail.interfaces.importing.findings.BadCell` (``bad_number``).
    """
    number = record.decimal(field)
    if number is None:
        return None
    if number != number.to_integral_value() or abs(number) > _MOST_WHOLE:
        raise BadCell(
            "bad_number",
            f"{record.heading(field)}: {plain_number(number)[:60]} is not a whole number.",
        )
    return int(number)


def price_of(record: Record, field: str) -> tuple[str | None, bool]:
    """Return the price in a cell with at most 4 places, and whether it was rounded to them."""
    number = record.decimal(field)
    if number is None:
        return None, False
    try:
        rounded = number.quantize(_PRICE_PLACES, ROUND_HALF_UP)
    except ArithmeticError:                       # of a number with 28 digits or more
        raise BadCell("bad_number", f"{record.heading(field)}: the price is too large.") from None
    return plain_number(rounded), rounded != number
