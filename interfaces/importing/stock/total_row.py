"""The total below a list: a last row whose SKU says so is no item."""

from collections.abc import Iterable, Iterator

from stocktrail.interfaces.importing.fields import comparable
from stocktrail.interfaces.importing.findings import Findings
from stocktrail.interfaces.importing.stock.stock_line import StockLine
from stocktrail.ledger.quantity import to_text

_TOTALS = frozenset((
    "total", "totals", "grand total", "sum", "summe", "gesamt", "gesamtsumme", "total général",
    "total general", "totale", "totaal", "suma", "somme", "итого",
))


def without_total(lines: Iterable[StockLine], findings: Findings) -> Iterator[StockLine]:
    """Yield lines without the last one if it is the total of those before it, which is noted.

    One that reads like a total but is not what they add up to is found wrong (``total_row``). Where
    rows were less than 0, and were taken for 0, the file's own total is less than theirs.
    """
    before: StockLine | None = None
    total = 0
    for line in lines:
        if before is not None:
            total += before.quantity or 0
            yield before
        before = line
    if before is None:
        return
    if comparable(before.sku) not in _TOTALS:
        yield before
    elif before.quantity in (None, total) or (
        before.quantity < total and any(note.code == "negative_quantity" for note in findings.notes)
    ):
        findings.note(before.row, "total_row", "the total of the rows above; left out.")
    else:
        findings.wrong(
            before.row, "total_row",
            f"{before.sku} reads like a total, but the rows above add up to {to_text(total)}. "
            "Delete the row, or look for what is missing.",
        )
