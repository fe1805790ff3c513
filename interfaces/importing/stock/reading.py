"""What every format reads alike: the fields that --map and --set name, and what is said of rows."""

import re
from typing import Any, Literal, cast

from stocktrail.interfaces.importing.cells import Cell
from stocktrail.interfaces.importing.findings import BadCell, Findings
from stocktrail.interfaces.importing.header import Layout
from stocktrail.interfaces.importing.records import Record
from stocktrail.interfaces.importing.remedies import PUT_UNITS_BACK
from stocktrail.interfaces.importing.stock.stock_line import Setting, StockLine
from stocktrail.ledger.quantity import to_text

Status = Literal["in_stock", "out_of_stock"]

STATUSES = {
    "in stock": "in_stock", "instock": "in_stock", "1": "in_stock", "yes": "in_stock",
    "y": "in_stock", "true": "in_stock", "enabled": "in_stock", "out of stock": "out_of_stock",
    "outofstock": "out_of_stock", "0": "out_of_stock", "no": "out_of_stock", "n": "out_of_stock",
    "false": "out_of_stock", "disabled": "out_of_stock", "backorder": "in_stock",
    "onbackorder": "in_stock", "on backorder": "in_stock",
}
BACKORDERS = {
    "no": "no", "n": "no", "0": "no", "false": "no", "deny": "no", "allow": "allow", "1": "allow",
    "yes": "allow", "y": "allow", "true": "allow", "continue": "allow",
    "allow and notify": "allow_and_notify", "notify": "allow_and_notify",
    "2": "allow_and_notify", "inherit": "inherit",
}
_MANAGED = {
    "on": "on", "1": "on", "yes": "on", "y": "on", "true": "on", "off": "off", "0": "off",
    "no": "off", "n": "off", "false": "off", "inherit": "inherit",
}
_EATEN = re.compile(r"\d(?:[.,]\d+)?[eE]\+\d\d")
_LONGEST_EXACT = 15
_NO_SKU = frozenset(("n/a", "nan", "none", "null"))
_ERRORS = frozenset((
    "#n/a", "#ref!", "#value!", "#name?", "#div/0!", "#null!", "#num!", "#spill!", "#calc!",
))


def sku_of(record: Record, field: str = "sku") -> str:
    """Return the SKU of a row, "" if it has none, or only a dash, ``n/a`` or the like.

    Raises :class:`BadCell` (``bad_sku``) for what a spreadsheet made of one: a date, an error such
    as ``#REF!``, or a long number of which it kept only the first digits.
    """
    cell: Cell = record.cell(field)
    text = record.text(field)
    if not isinstance(cell, str):
        digits = len(text.strip("-").replace(".", "").rstrip("0"))
        if hasattr(cell, "year") or isinstance(cell, bool):
            raise BadCell(
                "bad_sku",
                f"{record.heading(field)}: the spreadsheet holds {text} here, not a SKU. Format "
                "the column as text, and type the SKU again.",
            )
        if digits >= _LONGEST_EXACT:
            raise BadCell(
                "bad_sku",
                f"{record.heading(field)}: {text} is a number of which a spreadsheet keeps only "
                "the first 15 digits. Format the column as text, and type the SKU again.",
            )
    elif _EATEN.fullmatch(text):
        raise BadCell(
            "bad_sku",
            f"{record.heading(field)}: {text} is a number that a spreadsheet has shortened. Format "
            "the column as text, and type the SKU again.",
        )
    elif text.lower() in _ERRORS:
        raise BadCell(
            "bad_sku",
            f"{record.heading(field)}: {text} is an error of the spreadsheet, not a SKU. Mend the "
            "formula, or type the SKU.",
        )
    return text if any(map(str.isalnum, text)) and text.lower() not in _NO_SKU else ""


def quantity_of(record: Record, field: str, findings: Findings) -> int | None:
    """Return what is on hand, ``None`` if the row does not say; less than nothing is nothing.

    Systems that let items be oversold count down below 0; what is owed is the open orders' business
    here.
    """
    quantity = record.number(field)
    if quantity is not None and quantity < 0:
        findings.note(
            record.row, "negative_quantity",
            "less than 0 on hand is counted as 0; what was sold beyond it is owed to open orders.",
        )
        return 0
    return quantity


def setting_of(record: Record, field: str) -> Setting:
    """Return a threshold in ten-thousandths, or ``inherit``; ``None`` if the row does not say."""
    return "inherit" if record.text(field).lower() == "inherit" else record.number(field)


def mapped_of(record: Record, layout: Layout, findings: Findings) -> dict[str, Any]:
    """Return what a row says of the fields that are called by their names; empty cells are left."""
    found: dict[str, Any] = {}
    for name in ("name", "source", "unit"):
        found[name] = record.text(name) if layout.has(name) else ""
    if layout.has("quantity"):
        found["quantity"] = quantity_of(record, "quantity", findings)
    found["status"] = cast(Status | None, record.choice("status", STATUSES))
    found["notify_below"] = setting_of(record, "notify_below")
    found["out_of_stock_threshold"] = setting_of(record, "out_of_stock_threshold")
    found["backorders"] = record.choice("backorders", BACKORDERS)
    found["manage_stock"] = record.choice("manage_stock", _MANAGED)
    found["decimal"] = record.switch("decimal")
    return {name: value for name, value in found.items() if value not in (None, "")}


def with_mapped(line: StockLine, mapped: dict[str, Any]) -> StockLine:
    """Return a line in which what was mapped by name holds before what the format says.

    A line that is about no source stays so, unless a quantity was mapped.
    """
    if line.source is None and "quantity" not in mapped:
        mapped = {name: value for name, value in mapped.items() if name != "source"}
    return line._replace(**mapped) if mapped else line


def without_sku(findings: Findings, row: int) -> None:
    """Note that a row has no SKU, so that nobody knows which item it is about."""
    findings.note(row, "no_sku", "no SKU; left out.")


def note_no_quantity(findings: Findings, row: int) -> None:
    """Note that a row does not say how many there are of an item that is counted."""
    findings.note(row, "no_quantity", "no quantity; not counted.")


def note_left_after_orders(findings: Findings, heading: str) -> None:
    """Note that a column says what is left after open orders, which is less than what is there."""
    findings.note(
        None, "left_after_orders",
        f"{heading} is what is left after open orders, and is counted as what is on hand. If you "
        f"import those orders too, {PUT_UNITS_BACK.said()}.",
    )


def in_words(setting: Setting) -> str:
    """Return a value of a setting as a preview shows it.

    >>> in_words(25000), in_words("allow"), in_words(None)
    ('2.5', 'allow', '')
    """
    return to_text(setting) if isinstance(setting, int) else setting or ""
