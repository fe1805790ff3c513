"""Tables in CSV, written page by page, so that their length is not limited by memory."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import orjson

from stocktrail.projections.answers.shapes.shape import Shape

Header = tuple[str, ...]
"""The names of the columns of a table, in order."""

_FORMULA = ("=", "+", "-", "@", "|", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""What a formula of a spreadsheet begins with, in full width too."""


def header_of(*rows: type[Shape]) -> Header:
    """Return the names of the fields of rows, those of several kinds of rows each once."""
    return tuple(dict.fromkeys(name for row in rows for name in row.model_fields))


class CsvTable:
    r"""A table under one header: that of its kind, and what the first rows have besides.

    A row leaves empty what it lacks; what is nested is written as JSON. Text that a spreadsheet
    would take for a formula gets an apostrophe.

    >>> table = CsvTable(["sku", "delta"], [{"sku": "=1+1", "delta": -2, "parts": [1]}])
    >>> table.header, table.lines([{"sku": "=1+1", "delta": -2, "parts": [1]}, {"sku": "|calc"}])
    (b'sku,delta,parts\r\n', b"'=1+1,-2,[1]\r\n'|calc,,\r\n")
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
    if isinstance(value, str):
        return f"'{value}" if value.startswith(_FORMULA) else value
    if isinstance(value, (dict, list, tuple)):
        return orjson.dumps(value, default=str).decode()
    return value
