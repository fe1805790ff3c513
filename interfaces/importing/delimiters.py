"""Delimiters: what separates the cells of a text, found out from its first rows."""

import csv
from collections.abc import Sequence
from contextlib import suppress
from io import StringIO
from itertools import islice

DELIMITERS = {"\t": "tabs", ";": "semicolons", "|": "bars", ",": "commas"}
"""What may separate cells, with its name in sentences; commas last, which numbers hold too."""

_ROWS_LOOKED_AT = 100
_STATED = "sep="


def stated_delimiter(text: str) -> str | None:
    r"""Return the delimiter that a first line ``sep=;`` names, as spreadsheets write it.

    >>> stated_delimiter("sep=;\r\nsku;quantity"), stated_delimiter("sku;quantity")
    (';', None)
    """
    line = text[:20].partition("\n")[0].strip("\r\"")
    stated = line[len(_STATED):]
    return stated if line.lower().startswith(_STATED) and stated in DELIMITERS else None


def found_delimiter(text: str) -> str:
    r"""Return the delimiter that splits the first row, and most others into as many cells.

    Where none does, because titles stand above the header, the one that most rows agree on.

    >>> found_delimiter("Name;Size, in cm\nLamp, red;3,5\nShade, red;4,5")
    ';'
    >>> found_delimiter("Stock, all of it\nsku;quantity\nA;1\nB;2\nC;3"), found_delimiter("sku\nA")
    (';', ',')
    """
    widths = {
        delimiter: [len(cells) for cells in _first_rows(text, delimiter) if any(cells)] or [1]
        for delimiter in DELIMITERS
    }
    by_header = {
        delimiter: _agreement(found, found[0], least=0.8) for delimiter, found in widths.items()
    }
    by_rows = {
        delimiter: max(_agreement(found, width, least=0.5) for width in set(found))
        for delimiter, found in widths.items()
    }
    for scores in (by_header, by_rows):
        best = max(scores, key=scores.__getitem__)
        if scores[best]:
            return best
    return ","


def _agreement(widths: Sequence[int], width: int, *, least: float) -> float:
    """Return how many delimiters a row of a width has, times the share of rows that have it.

    Nothing if the share is less than the ``least``.
    """
    share = widths.count(width) / len(widths)
    return (width - 1) * share if share >= least else 0


def _first_rows(text: str, delimiter: str) -> list[Sequence[str]]:
    reader = csv.reader(StringIO(text, newline=""), delimiter=delimiter)
    rows: list[Sequence[str]] = []
    with suppress(csv.Error):            # with this delimiter it cannot be read any further
        rows.extend(islice(reader, _ROWS_LOOKED_AT))
    return rows
