"""Records: the rows below the header, each read by what its columns are."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from stocktrail.interfaces.importing.cells import Cell, UnsavedFormula, plain_number, text_of
from stocktrail.interfaces.importing.dates import DateOrder, read_day, read_moment
from stocktrail.interfaces.importing.fields import comparable
from stocktrail.interfaces.importing.findings import BadCell, Findings
from stocktrail.interfaces.importing.header import Layout
from stocktrail.interfaces.importing.numbers import (
    BadNumber,
    DecimalMark,
    decimal_mark_of,
    read_number,
)
from stocktrail.interfaces.importing.table import TableRow
from stocktrail.ledger.quantity import LIMIT, SCALE

_YES = frozenset(("1", "yes", "y", "true", "on", "x"))
_NO = frozenset(("0", "no", "n", "false", "off"))


class Record:
    """One row: what it says of each field. Empty cells say nothing.

    ``row`` is its place in a spreadsheet.
    """

    def __init__(self, layout: Layout, row: TableRow, mark: DecimalMark | None) -> None:
        self._layout = layout
        self._cells = row.cells
        self._mark = mark
        self.row: int = row.number
        self._texts: Mapping[str, str] = {}

    def with_texts(self, texts: Mapping[str, str]) -> "Record":
        """Return the row with other texts in some fields, as if they stood in columns."""
        record = Record(self._layout, TableRow(self.row, self._cells), self._mark)
        record._texts = texts
        return record

    def heading(self, field: str) -> str:
        """Return how the file calls a field."""
        return self._layout.heading(field)

    def cell(self, field: str) -> Cell:
        """Return what stands in a field's column, or holds for all rows; "" for nothing.

        Raises :class:`BadCell` where a heading stands twice, with different cells, and for a
        formula whose value was not saved.
        """
        if field in self._texts:
            return self._texts[field]
        constant = self._layout.constants.get(field)
        if constant is not None:
            return constant
        found = [
            self._cells[place] for place in self._layout.places.get(field, ())
            if place < len(self._cells)
        ]
        for each in found:
            if isinstance(each, UnsavedFormula):
                raise BadCell(
                    "unreadable_row",
                    f"Cell {each} holds a formula without a value. Open the workbook in a "
                    "spreadsheet and save it, or paste the value there.",
                )
        if len(found) > 1 and len(set(map(text_of, found))) > 1:
            raise BadCell(
                "ambiguous_column",
                f"{self._layout.heading(field)} is the heading of {len(found)} columns, and they "
                "do not agree here. Delete one.",
            )
        return found[0] if found else ""

    def text(self, field: str) -> str:
        """Return the text of a field, "" if it is empty."""
        return text_of(self.cell(field))

    def decimal(self, field: str) -> Decimal | None:
        """Return the number of a field, ``None`` if it is empty."""
        try:
            return read_number(self.cell(field), self._mark)
        except BadNumber as error:
            raise BadCell("bad_number", f"{self._layout.heading(field)}: {error}.") from None

    def number(self, field: str) -> int | None:
        """Return a quantity in ten-thousandths, ``None`` if it is empty.

        Raises :class:`BadCell` for what is no number, has more than 4 places, or is too large.
        """
        number = self.decimal(field)
        if number is None:
            return None
        if abs(number) >= LIMIT // SCALE:
            raise BadCell(
                "bad_number",
                f"{self._layout.heading(field)}: {self.text(field)[:60]} is too large: at most 11 "
                "digits stand before the point.",
            )
        scaled = number * SCALE
        if scaled != int(scaled):
            raise BadCell(
                "bad_number",
                f"{self._layout.heading(field)}: {self.text(field)[:60]} has more than 4 places.",
            )
        return int(scaled)

    def price(self, field: str) -> str | None:
        """Return an amount of money as a decimal string, ``None`` if it is empty."""
        number = self.decimal(field)
        return None if number is None else plain_number(number)

    def choice(self, field: str, choices: Mapping[str, str]) -> str | None:
        """Return what a word of the file stands for, ``None`` if the field is empty.

        Raises :class:`BadCell` (``unknown_word``) for a word that stands for nothing.
        """
        text = self.text(field)
        if not text:
            return None
        found = choices.get(comparable(text))
        if found is None:
            raise BadCell(
                "unknown_word",
                f"{self._layout.heading(field)}: {text[:60]!r} is none of "
                f"{', '.join(dict.fromkeys(choices.values()))}.",
            )
        return found

    def switch(self, field: str) -> bool | None:
        """Return whether a field says yes (1, yes, true, on) or no, ``None`` if it is empty."""
        word = comparable(self.text(field))
        if not word:
            return None
        if word in _YES or word in _NO:
            return word in _YES
        raise BadCell(
            "unknown_word",
            f"{self._layout.heading(field)}: {word[:60]!r} is neither yes nor no (1 or 0).",
        )

    def day(self, field: str, order: DateOrder | None = None) -> date | None:
        """Return the day of a field, ``None`` if it is empty; see :func:`read_day`."""
        cell = self.cell(field)
        if isinstance(cell, datetime):
            return cell.date()
        if isinstance(cell, date):
            return cell
        text = text_of(cell)
        try:
            return read_day(text, order) if text else None
        except ValueError as error:
            raise BadCell("bad_date", f"{self.heading(field)}: {error}.") from None

    def moment(self, field: str, order: DateOrder | None = None) -> datetime | None:
        """Return the moment of a field, ``None`` if it is empty; see :func:`read_moment`."""
        cell = self.cell(field)
        if isinstance(cell, datetime):
            return cell
        if isinstance(cell, date):
            return datetime.combine(cell, time())
        text = text_of(cell)
        try:
            return read_moment(text, order) if text else None
        except ValueError as error:
            raise BadCell("bad_date", f"{self.heading(field)}: {error}.") from None


def records_of(
    layout: Layout, findings: Findings, decimal: DecimalMark | None = None
) -> Iterator[Record]:
    """Yield the rows below the header.

    ``decimal`` is the decimal mark of the file, by default the one that its numbers show. A header
    that stands there again is left out. A row that cannot be read is found wrong: one that is not
    CSV, that has more cells than the header, or that was cut off.
    """
    mark = decimal or decimal_mark_of(_numbers(layout), layout.table.delimiter)
    header = [comparable(heading) for heading in layout.headings]
    width = len(header)
    cut_off = cut_off_row(layout)
    for row in _rows_below(layout):
        if row.error is not None:
            findings.wrong(row.number, "unreadable_row", row.error)
        elif any(text_of(cell) for cell in row.cells[width:]):
            findings.wrong(
                row.number, "too_many_cells",
                f"has {len(row.cells)} cells, the header names {width} columns. A comma inside a "
                "text needs quotation marks around it.",
            )
        elif row.number == cut_off:
            findings.wrong(
                row.number, "cut_off",
                "is shorter than all others, and the file ends within it. Save it again.",
            )
        elif [comparable(text_of(cell)) for cell in row.cells][:width] == header:
            findings.note(row.number, "repeated_header", "the header stands here again.")
        else:
            yield Record(layout, row, mark)


def cut_off_row(layout: Layout) -> int | None:
    """Return the last row of a file if it ends inside it: only this one is short, with no end."""
    if layout.table.is_whole:
        return None
    width, short, last = len(layout.headings), 0, None
    for last in _rows_below(layout):
        short += len(last.cells) < width
    return last.number if last is not None and short == 1 and len(last.cells) < width else None


def _rows_below(layout: Layout) -> Iterator[TableRow]:
    return (row for row in layout.table.rows() if row.number > layout.header_row)


def _numbers(layout: Layout) -> Iterator[Any]:
    """Return the cells of all columns that hold numbers."""
    places = [
        layout.places[name][0] for name, field in layout.fields.items()
        if field.kind == "number" and name in layout.places
    ]
    for row in _rows_below(layout):
        for place in places:
            if place < len(row.cells):
                yield row.cells[place]
