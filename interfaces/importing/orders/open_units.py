"""Open units: what is still to come of a line of which part was shipped, cancelled or refunded."""

from stocktrail.interfaces.importing.findings import BadCell
from stocktrail.interfaces.importing.records import Record
from stocktrail.ledger.quantity import to_text


def netted_off(record: Record, settled: int) -> int:
    """Return what is still to come of a line, in ten-thousandths, never less than 0.

    A column ``remaining`` says it by itself; else it is ``quantity`` less what is ``settled``.
    Raises :class:`~stocktrail.interfaces.importing.findings.BadCell` for less than 0, and where the
    row says neither.
    """
    remaining = _at_least_0(record, "remaining")
    if remaining is not None:
        return remaining
    ordered = _at_least_0(record, "quantity")
    if ordered is None:
        raise BadCell("no_quantity", "says how many neither as quantity nor as remaining.")
    return max(ordered - settled, 0)


def units(record: Record, field: str) -> int:
    """Return the units in a column that are taken off, however their sign is written; 0 for none.

    WooCommerce writes refunded units as a negative number.
    """
    return abs(record.number(field) or 0)


def _at_least_0(record: Record, field: str) -> int | None:
    number = record.number(field)
    if number is not None and number < 0:
        raise BadCell("negative", f"the {field} is {to_text(number)}, less than 0.")
    return number
