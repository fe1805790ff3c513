"""CSV commands: every row gets an answer, the same however the stream is cut up."""

import csv
from collections.abc import Iterator
from functools import partial
from io import StringIO
from json import dumps

from fuzzing.choices import Choices
from fuzzing.oracle import require
from fuzzing.rows import all_rows, everything_of, require_sendable
from fuzzing.targets import json_lines
from stocktrail.commands.model import COMMANDS
from stocktrail.commands.scripts.reading import read_csv

NAMES = sorted(COMMANDS)

WORDS = (
    *(field.encode() for field in json_lines.FIELDS), b",", b'"', b'""', b'"\n"', b"\r\n", b"\0",
    b'"[{""sku"":""A"",""quantity"":1}]"', b"2026-03-01", b"true", b"inherit", b"\xef\xbb\xbf",
)


def target(data: bytes) -> None:
    """Read a file of the command, and in pieces of the size, that its first bytes choose."""
    choices = Choices(data)
    read = partial(read_csv, command=choices.one_of(NAMES))
    size, text = choices.number(60) + 1, choices.rest()
    rows = all_rows(read, text, len(text) + 1)
    require(len(rows) <= text.count(b"\n") + 1, "no more rows than lines", len(rows))
    numbers = [row.line for row in rows]
    require(numbers == sorted(numbers), "rows come in the order of their lines", numbers)
    for row in rows:
        require_sendable(row)
    for one, other in zip(rows, all_rows(read, text, size), strict=True):
        require(everything_of(one) == everything_of(other), "read the same in pieces", one, other)


def seeds() -> Iterator[bytes]:
    """Yield the example of every command as a header and a row."""
    for number, name in enumerate(NAMES):
        fields = {
            field: value if isinstance(value, str) else dumps(value)
            for field, value in COMMANDS[name].example.items()
        }
        written = StringIO()
        csv.writer(written).writerows([fields.keys(), fields.values()])
        yield bytes((number, 9)) + written.getvalue().encode()
