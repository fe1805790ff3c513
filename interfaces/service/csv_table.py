"""Tables in CSV, written page by page, so that their length is not limited by memory."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from stocktrail.projections.answers.shapes.shape import Shape

Header = tuple[str, ...]
"""The names of the columns of a table, in order."""

BYTE_ORDER_MARK = b"\xef\xbb\xbf"
"""What spreadsheets know UTF-8 by; programs, which ask by Accept, would take it for a letter."""

_FORMULA = ("=", "+", "-", "@", "|", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""What a formula of a spreadsheet begins with, in full width too."""


def header_of(*rows: type[Shape]) -> Header:
    """Return the names of the fields of rows, those of several kinds of rows each once."""
    return tuple(dict.fromkeys(name for row in rows for name in row.model_fields))


class CsvTable:
    r"""A table under one header: that of its kind, and what the first rows have besides.

    A row leaves empty what it lacks; what is nested is written as words. Text that a spreadsheet
    would take for a formula gets an apostrophe.

    >>> table = CsvTable(["sku", "delta"], [{"sku": "=1+1", "delta": -2, "pegs": []}])
    >>> pegs = [{"order": "SO-1", "line": 2}, {"order": "SO-3", "line": None}]
    >>> table.header, table.lines([{"sku": "=1+1", "delta": -2, "pegs": pegs}, {"sku": "|calc"}])
    (b'sku,delta,pegs\r\n', b'\'=1+1,-2,"order SO-1, line 2; order SO-3"\r\n\'|calc,,\r\n')
    """

    def __init__(self, header: Sequence[str], first: Iterable[Mapping[str, Any]]) -> None:
        self._names = list(dict.fromkeys([*header, *(name for row in first for name in row)]))

    @property
    def header(self) -> bytes:
        """The header line."""
        return _written([self._names])

    def lines(self, rows: Iterable[Mapping[str, Any]]) -> bytes:
        """Return rows as lines."""
        return _written([_cell(row.get(name)) for name in self._names] for row in rows)


def _written(rows: Iterable[Sequence[Any]]) -> bytes:
    out = io.StringIO()
    csv.writer(out).writerows(rows)
    return out.getvalue().encode("utf-8", "backslashreplace")


def _cell(value: Any) -> Any:
    text = _in_words(value) if isinstance(value, (dict, list, tuple)) else value
    return f"'{text}" if isinstance(text, str) and text.startswith(_FORMULA) else text


def _in_words(value: Any) -> str:
    if isinstance(value, Mapping):
        given = ((name.replace("_", " "), each) for name, each in value.items())
        return ", ".join(f"{name} {_in_words(each)}" for name, each in given if each is not None)
    if isinstance(value, (list, tuple)):
        return "; ".join(map(_in_words, value))
    return str(value)
