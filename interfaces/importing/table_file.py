"""ImportedTable files: what the bytes of a file are, and the table in it.

CSV with commas, semicolons, tabs or bars, in UTF-8, UTF-16, Windows-1252 or Latin-1, or a sheet of
an XLSX workbook.
"""

import csv
from collections.abc import Iterator
from io import StringIO

from stocktrail.interfaces.importing.bad_file import BadFile
from stocktrail.interfaces.importing.delimiters import (
    DELIMITERS,
    found_delimiter,
    stated_delimiter,
)
from stocktrail.interfaces.importing.table import MOST_BYTES, ImportedTable, TableRow
from stocktrail.interfaces.importing.text_encoding import decoded
from stocktrail.interfaces.importing.workbook import workbook_table

_OTHER_KINDS = (
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook (XLS), or one with a password"),
    (b"%PDF", "a PDF"), (b"\x1f\x8b", "compressed (gzip)"), (b"Rar!", "compressed (RAR)"),
    (b"7z\xbc\xaf", "compressed (7z)"), (b"SQLite format 3", "a database (SQLite)"),
)
_MARKUP = ("<!doctype", "<html", "<table", "<?xml", "{", "[{")


def read_table(
    data: bytes, name: str, *, encoding: str | None = None, sheet: str | None = None
) -> ImportedTable:
    """Return the table of a file, by what its bytes are; its name is only for sentences.

    ``sheet`` is the sheet of a workbook, by default the first that is not empty. Raises
    :class:`BadFile` for what is no table (``not_a_table``), ``empty_file``, ``too_large``,
    ``unknown_sheet``, and for text in no encoding that can be found out (``bad_encoding``).
    """
    if not data.strip():
        raise BadFile("empty_file", f"{name} is empty.")
    if len(data) > MOST_BYTES:
        raise BadFile(
            "too_large",
            f"{name} has {len(data):,} bytes; at most {MOST_BYTES:,} are read. Split it, and "
            "import the parts one after the other.",
        )
    for start, kind in _OTHER_KINDS:
        if data.startswith(start):
            raise BadFile("not_a_table", f"{name} is {kind}. Save it as XLSX or CSV.")
    if data.startswith(b"PK\x03\x04"):
        return workbook_table(data, name, sheet)
    if sheet is not None:
        raise BadFile("unknown_sheet", f"{name} is text: only an XLSX workbook has sheets.")
    return _text_table(data, name, encoding)


def _text_table(data: bytes, name: str, encoding: str | None) -> ImportedTable:
    text, called = decoded(data, encoding)
    if text.lstrip()[:10].lower().startswith(_MARKUP):
        raise BadFile(
            "not_a_table", f"{name} is HTML, XML or JSON, whatever it is called. Save it as CSV "
            "or XLSX.",
        )
    stated = stated_delimiter(text)
    delimiter = stated or found_delimiter(text)

    def rows() -> Iterator[TableRow]:
        found = _text_rows(text, delimiter)
        if stated:
            next(found, None)
        return found

    told = f"CSV in {called}, separated by {DELIMITERS[delimiter]}"
    return ImportedTable(name, told, rows, delimiter, is_whole=text.endswith(("\n", "\r")))


def _text_rows(text: str, delimiter: str) -> Iterator[TableRow]:
    """Yield the rows of a text, blank ones too, each with its place."""
    reader = csv.reader(StringIO(text, newline=""), delimiter=delimiter, strict=True)
    number = 0
    while True:
        number += 1
        try:
            cells = next(reader, None)
        except csv.Error as error:
            yield TableRow(number, error=_sentence_of(error))
            continue
        if cells is None:
            return
        yield TableRow(number, tuple(cells))


def _sentence_of(error: csv.Error) -> str:
    if "unexpected end of data" in str(error):
        return "A quotation mark is opened here and never closed."
    return f"The row is not CSV: {error}."
