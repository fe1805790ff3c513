"""A stock import as a whole: a file and what was said about it, read, compared and planned."""

from datetime import datetime
from typing import NamedTuple

from stocktrail.interfaces.importing.bad_file import BadFile
from stocktrail.interfaces.importing.findings import Findings
from stocktrail.interfaces.importing.format_name import FormatName
from stocktrail.interfaces.importing.header import Layout
from stocktrail.interfaces.importing.numbers import DecimalMark
from stocktrail.interfaces.importing.plan import ImportPlan, digest_of
from stocktrail.interfaces.importing.remedies import CHOOSE_THAT_COLUMN, TELL_ITEMS_APART
from stocktrail.interfaces.importing.stock.formats import (
    FORMATS,
    format_of,
    stock_layout,
)
from stocktrail.interfaces.importing.stock.item_lines import ItemLines, items_of
from stocktrail.interfaces.importing.stock.shown import shown_stock
from stocktrail.interfaces.importing.stock.stock_plan import CountedWhen, plan_stock
from stocktrail.interfaces.importing.stock.total_row import without_total
from stocktrail.interfaces.importing.table_file import read_table
from stocktrail.ledger.store import Ledger
from stocktrail.projections import ReadModels


class StockFile(NamedTuple):
    """A file, and what was said about it.

    ``format`` ``None`` lets the header say whose file it is. ``occurred_at`` is when it was true.
    ``adds_up``: several rows of an item at one source are parts of what is there.
    """

    data: bytes
    name: str
    format: FormatName | None = None
    maps: tuple[str, ...] = ()
    sets: tuple[str, ...] = ()
    decimal: DecimalMark | None = None
    encoding: str | None = None
    sheet: str | None = None
    occurred_at: datetime | None = None
    adds_up: bool = False

    @property
    def digest(self) -> str:
        """A digest of the file and of all that gives it its meaning."""
        return digest_of(self._replace(data=b"", name=""), self.data)


class StockReading(NamedTuple):
    """What was read of a file."""

    file: StockFile
    layout: Layout
    format: FormatName
    findings: Findings
    items: list[ItemLines]


class StockImport(NamedTuple):
    """What was read of a file, and what it would change in the ledger."""

    layout: Layout
    format: FormatName
    findings: Findings
    items: list[ItemLines]
    plan: ImportPlan


def read_stock_file(file: StockFile) -> StockReading:
    """Read a file: its items, and what was found in its rows.

    Raises :class:`~stocktrail.interfaces.importing.bad_file.BadFile` for a file of which no row can
    be read, or none is an item (``no_items``).
    """
    table = read_table(file.data, file.name, encoding=file.encoding, sheet=file.sheet)
    chosen = file.format or format_of(table)
    layout = stock_layout(table, chosen, file.maps, file.sets)
    findings = Findings()
    lines = without_total(FORMATS[chosen].read(layout, findings, file.decimal), findings)
    items = items_of(lines, findings, adds_up=file.adds_up)
    if not items and not findings.errors:
        raise BadFile("no_items", _why_no_items(layout, findings))
    if items and not any(line.quantity is not None for item in items for line in item.lines):
        findings.note(
            None, "nothing_counted",
            "No row says what is on hand: nothing is counted. If a column does, "
            f"{CHOOSE_THAT_COLUMN.said(field='quantity')}.",
        )
    return StockReading(file, layout, chosen, findings, items)


def plan_stock_import(read: StockReading, ledger: Ledger) -> StockImport:
    """Plan what a file says beyond what the ledger shows now. Nothing is recorded."""
    models = ReadModels(ledger)
    models.catch_up()
    return stock_import_of(read, models)


def stock_import_of(read: StockReading, models: ReadModels) -> StockImport:
    """Plan what a file says beyond what read models that are caught up show."""
    file, layout, chosen, findings, items = read
    plan = ImportPlan(file.digest)
    when = CountedWhen(f"import of {file.name[:200]}", file.occurred_at)
    with shown_stock(models) as shown:
        plan_stock(plan, items, shown, when, findings)
    return StockImport(layout, chosen, findings, items, plan)


def _why_no_items(layout: Layout, findings: Findings) -> str:
    said = " ".join(note.sentence for note in findings.notes)
    hint = (
        f" Its column {layout.heading('sku')} holds no SKU: {TELL_ITEMS_APART.said()}."
        if any(note.code == "no_sku" for note in findings.notes) else ""
    )
    return f"{layout.table.name}: no row below the header is an item. {said}{hint}".rstrip()
