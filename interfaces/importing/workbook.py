"""Workbooks: the rows of a sheet of an XLSX file, as the numbers, texts and dates that they are."""

import re
import warnings
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from io import BytesIO
from typing import Any
from zipfile import BadZipFile, ZipFile

from stocktrail.interfaces.importing.bad_file import BadFile
from stocktrail.interfaces.importing.cells import Cell, UnsavedFormula
from stocktrail.interfaces.importing.table import MOST_BYTES, ImportedTable, TableRow

# The library warns of what it does not draw, such as charts: nothing of that is imported.
warnings.filterwarnings("ignore", category=UserWarning, module=r"openpyxl\.")

MOST_UNPACKED = 4 * MOST_BYTES
"""The most that a workbook may hold once it is unpacked."""

_LEADING_ZEROS = re.compile(r"0{2,20}")
_DIGITS_KEPT = 15
_WHAT_IS_BROKEN = (
    BadZipFile, zlib.error, LookupError, ValueError, TypeError, AttributeError, SyntaxError,
    ArithmeticError, AssertionError, EOFError, OSError, RuntimeError,
)


def workbook_table(data: bytes, name: str, sheet: str | None) -> ImportedTable:
    """Return the table of one sheet of a workbook.

    Raises :class:`BadFile` for a ZIP that is no workbook, one that unpacks to too much, and for a
    sheet that is not there. A formula counts with the value that was saved with it.
    """
    with _refusing_what_is_broken(name):
        formulas = _has_formulas(data, name)
        book = _opened(data)
        titles = [each.title for each in book.worksheets]
        filled = [title for title in titles if _is_filled(book[title])]
    if sheet is not None and sheet not in titles:
        raise BadFile(
            "unknown_sheet",
            f"{name} has no sheet {sheet[:60]!r}. Its sheets are {', '.join(titles)}.",
        )
    if not filled:
        raise BadFile("empty_file", f"{name} is empty: none of its sheets holds anything.")
    chosen = sheet or filled[0]
    others = f", one of {len(filled)} with rows" if len(filled) > 1 else ""

    def rows() -> Iterator[TableRow]:
        with _refusing_what_is_broken(name):
            if formulas:
                yield from _rows_with_formulas(data, chosen)
                return
            for number, row in enumerate(_sheet_rows(_opened(data), chosen), start=1):
                yield TableRow(number, tuple(map(_cell, row)))

    return ImportedTable(name, f"XLSX, sheet {chosen}{others}", rows, keeps_rows=True)


@contextmanager
def _refusing_what_is_broken(name: str) -> Iterator[None]:
    """Refuse a workbook in which the library that reads it stumbles over something."""
    try:
        yield
    except _WHAT_IS_BROKEN as error:
        why = " ".join(str(error).split()) or type(error).__name__
        raise BadFile(
            "not_a_table",
            f"{name} begins like an XLSX workbook, but cannot be read: {why[:200].rstrip('.')}.",
        ) from None


def _has_formulas(data: bytes, name: str) -> bool:
    """Return whether any sheet holds a formula; refuses what is no workbook."""
    with ZipFile(BytesIO(data)) as parts:
        names = parts.namelist()
        if "xl/workbook.xml" not in names:
            what = "an OpenDocument file" if "mimetype" in names else "a ZIP archive"
            raise BadFile(
                "not_a_table", f"{name} is {what}, not an XLSX workbook. Save it as XLSX or CSV.",
            )
        if sum(part.file_size for part in parts.infolist()) > MOST_UNPACKED:
            raise BadFile(
                "too_large",
                f"{name} unpacks to more than {MOST_UNPACKED:,} bytes. Split it, and import the "
                "parts one after the other.",
            )
        return any(
            b"<f" in parts.read(part) for part in names
            if part.startswith("xl/worksheets/") and part.endswith(".xml")
        )


def _opened(data: bytes, *, with_formulas: bool = False) -> Any:
    from openpyxl import load_workbook

    return load_workbook(BytesIO(data), read_only=True, data_only=not with_formulas)


def _sheet_rows(book: Any, title: str) -> Iterator[Any]:
    sheet = book[title]
    sheet.reset_dimensions()             # some programs write wrong ones
    yield from sheet.iter_rows()


def _is_filled(sheet: Any) -> bool:
    sheet.reset_dimensions()
    return any(cell.value is not None for row in sheet.iter_rows() for cell in row)


def _rows_with_formulas(data: bytes, title: str) -> Iterator[TableRow]:
    """Yield rows; a formula whose value was not saved is wrong only where somebody reads it."""
    values = _sheet_rows(_opened(data), title)
    written = _sheet_rows(_opened(data, with_formulas=True), title)
    for number, (row, source) in enumerate(zip(values, written, strict=True), start=1):
        yield TableRow(number, tuple(
            UnsavedFormula(formula.coordinate)
            if cell.value is None and formula.value is not None else _cell(cell)
            for cell, formula in zip(row, source, strict=True)
        ))


def _cell(cell: Any) -> Cell:
    """Return what stands in a cell; a number shown with zeros in front is text that has them."""
    value = cell.value
    if value is None:
        return ""
    if isinstance(value, (bool, datetime, date)):
        return value
    if isinstance(value, (int, float)):
        number = Decimal(f"{value:.{_DIGITS_KEPT}g}" if isinstance(value, float) else value)
        shown = str(cell.number_format)
        if _LEADING_ZEROS.fullmatch(shown) and number == int(number):
            return str(int(number)).zfill(len(shown))
        return number
    if isinstance(value, (time, timedelta)):
        return str(value)
    return str(value)
