"""Files of orders are refused as lists of stock: what was sold is not what is there."""

from collections.abc import Iterable, Sequence

from stocktrail.interfaces.importing.bad_file import BadFile
from stocktrail.interfaces.importing.cells import text_of
from stocktrail.interfaces.importing.fields import Field, joined
from stocktrail.interfaces.importing.header import first_rows
from stocktrail.interfaces.importing.orders import plain, purchases
from stocktrail.interfaces.importing.orders.layouts import FORMATS, order_format_of
from stocktrail.interfaces.importing.remedies import CHOOSE_THAT_COLUMN, TAKE_IT_THERE
from stocktrail.interfaces.importing.table import ImportedTable

_OTHER_MEANINGS = frozenset(map(joined, (
    "order", "reference", "account", "date", "placed", "created at", "expected", "due",
)))
"""Headings that lists of stock have too."""


def _headings(fields: Iterable[Field], *names: str) -> frozenset[str]:
    found = (each for field in fields if field.name in names for each in field.columns)
    return frozenset(map(joined, found)) - _OTHER_MEANINGS


_LISTS = (
    ("orders", "import-orders", _headings(plain.FIELDS, "order"), _headings(
        plain.FIELDS, "customer", "name", "email", "placed", "requested_date",
    )),
    ("purchase orders", "import-purchase-orders", _headings(purchases.FIELDS, "purchase_order"),
     _headings(purchases.FIELDS, "placed", "expected_date")),
)


def refuse_orders(table: ImportedTable, maps: Sequence[str]) -> None:
    """Raise :class:`BadFile` ``wrong_format`` where a table holds orders, and which they seem.

    They are those of a system whose headings stand there, or a list that names both orders and who
    ordered or when. Whoever says which column is what is on hand has looked.
    """
    if any(each.rpartition("=")[2] == "quantity" for each in maps):
        return
    system = order_format_of(table)
    if system != "csv":
        raise _refusal(table, FORMATS[system].called, "import-orders")
    for row in first_rows(table):
        headings = {joined(text_of(cell)) for cell in row.cells}
        for called, subcommand, orders, others in _LISTS:
            if headings & orders and headings & others:
                raise _refusal(table, f"a list of {called}", subcommand)


def _refusal(table: ImportedTable, called: str, subcommand: str) -> BadFile:
    return BadFile(
        "wrong_format",
        f"{table.name} looks like {called}, whose quantities are not what is on hand. "
        f"{TAKE_IT_THERE.said(subcommand=subcommand)} If one of its columns does count what is "
        f"there, {CHOOSE_THAT_COLUMN.said(field='quantity')}.",
    )
