"""A file that is imported: what was read of it, and what the ledger shows afterwards."""

from collections.abc import Iterable, Sequence
from io import BytesIO
from typing import Any

from openpyxl import Workbook

from stocktrail.commands.scripts.reading import Row
from stocktrail.commands.scripts.results import Result
from stocktrail.commands.scripts.submission import submit
from stocktrail.interfaces.importing.run import PlanOutcome, run_import
from stocktrail.interfaces.importing.stock.import_stock import (
    StockFile,
    StockImport,
    plan_stock_import,
    read_stock_file,
)
from stocktrail.ledger.store import Ledger
from stocktrail.projections import ReadModels
from stocktrail.projections.questions.stock import Stock, StockReport


def imported(ledger: Ledger, file: StockFile | str | bytes) -> tuple[StockImport, PlanOutcome]:
    """Import a file, or the text of one, and return what was planned and what became of it."""
    found = planned(ledger, file)

    def sent(rows: Iterable[Sequence[Row]], tries: bool) -> Iterable[Result]:
        return submit(ledger, rows, dry_run=tries)

    return found, run_import(found.plan, sent)


def planned(ledger: Ledger, file: StockFile | str | bytes) -> StockImport:
    """Return what a file would change."""
    return plan_stock_import(read_stock_file(file_of(file)), ledger)


def file_of(file: StockFile | str | bytes) -> StockFile:
    """Return a file of a text or of bytes, about which nothing else was said."""
    if isinstance(file, StockFile):
        return file
    data = file.encode() if isinstance(file, str) else file
    return StockFile(data, "shop.csv")


def stock_of(ledger: Ledger, sku: str) -> StockReport:
    """Return what the ledger shows of an item now."""
    models = ReadModels(ledger)
    models.catch_up()
    return Stock(sku=sku).ask(models)


def changes(found: StockImport) -> list[tuple[str, str, str, str, str]]:
    """Return what an import changes: what, of which item, where, before and after."""
    return [
        (each.what, each.subject, each.at, each.before, each.after) for each in found.plan.planned
    ]


def notes(found: StockImport) -> dict[str, list[int]]:
    """Return the rows of each kind of note."""
    return {each.code: each.rows for each in found.findings.notes}


def workbook(rows: Iterable[Sequence[Any]], title: str = "Stock") -> bytes:
    """Return a workbook that holds these rows."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = title
    for row in rows:
        sheet.append(list(row))
    stream = BytesIO()
    book.save(stream)
    return stream.getvalue()
