"""Readers of scripts: JSON Lines, and CSV for one type of command.

They stream: lists of rows come out as the input becomes available, so a script of any length runs
in bounded memory and a pipe is answered at once. A row that can never be right still comes out, as
a row with errors.
"""

import csv
import re
from collections.abc import Iterator, Sequence
from hashlib import sha256
from typing import Any, BinaryIO, NamedTuple
from uuid import uuid4

from pydantic import ValidationError

from stocktrail.commands.model import COMMANDS, Command
from stocktrail.commands.scripts.csv_header import BAD_HEADER, fault_of
from stocktrail.commands.scripts.lines import MAX_LINE_BYTES, lines_of
from stocktrail.commands.scripts.plain_lines import read_plain
from stocktrail.commands.scripts.strict_json import BadJson, DuplicateKey, parse_json
from stocktrail.commands.scripts.text_values import command_from_text
from stocktrail.commands.scripts.validation_errors import (
    errors_of,
    errors_of_keys,
    escape_surrogates,
)
from stocktrail.ledger.quantity import shortened
from stocktrail.ledger.spelling import MAX_ID, MAX_WRITTEN, composed

csv.field_size_limit(MAX_LINE_BYTES)

_HALVES = re.compile(r"[\ud800-\udfff]")


class Row(NamedTuple):
    """One row of a script: the command that it holds, or why it holds none.

    ``id`` is the row's own, or the one derived from all that was read up to it. ``torn`` is a row
    that could not be read at all, so that nobody knows which group it belongs to.
    """

    line: int
    id: str
    command: Command | None = None
    name: str | None = None
    group: str | None = None
    errors: tuple[dict[str, str], ...] = ()
    torn: bool = False


def row_of(command: Command, line: int = 1, command_id: str | None = None) -> Row:
    """Return a row that holds a command; where nobody gave it an id it gets a new one."""
    return Row(
        line, command_id or command.id or uuid4().hex, command, command.command, command.group
    )


def read_json_lines(stream: BinaryIO, *, run: str | None = None) -> Iterator[list[Row]]:
    """Read one command a line. ``run`` makes the derived ids of the same bytes new ones."""
    digest = sha256((run or "").encode())
    number = 0
    for lines in lines_of(stream):
        rows = []
        for line in lines:
            number += 1
            digest.update(line)
            rows.append(read_json_row(number, line, digest))
        yield rows


def read_json_row(number: int, line: bytes, digest: Any) -> Row:
    """Return the row of a line; see :func:`read_with_care`."""
    command = read_plain(line)
    if command is None:
        return read_with_care(number, line, digest)
    command_id = command.id or digest.hexdigest()
    return Row(number, command_id, command, command.command, command.group)


def read_with_care(number: int, line: bytes, digest: Any) -> Row:
    """Return the row of any line, with a sentence for each error in it.

    The id of a row without one is ``digest``, of everything up to and including its line.
    """
    derived = _Derived(digest)
    if len(line) > MAX_LINE_BYTES:
        return _torn(number, derived, "too_long", "The line is longer than 16 MiB.")
    try:
        text = line.decode("utf-8-sig" if number == 1 else "utf-8").strip("\r\n")
    except UnicodeDecodeError as error:
        return _torn(number, derived, "not_utf8",
                     f"The line is not UTF-8 at byte {error.start + 1}.")
    if not text.strip():
        return _empty(number, derived, "The line is empty; a row holds one JSON object.")
    try:
        data, duplicate = parse_json(text), None
    except DuplicateKey as error:
        data, duplicate = error.value, error
    except BadJson as error:
        return _torn(number, derived, "not_json", f"The line is {error}.")
    if not isinstance(data, dict):
        return _torn(number, derived, "not_an_object", "The line does not hold a JSON object.")
    if duplicate is not None:
        return _ambiguous(number, derived, data, duplicate)
    return _row_of(number, derived, data)


def _ambiguous(
    number: int, derived: "_Derived", data: dict[str, Any], error: DuplicateKey
) -> Row:
    """Return a row in which keys stand twice what else it says: its id, its name, its group."""
    row_id, group = _header(data, derived)
    name = data.get("command")
    nameless = group is None and ("group" in error.repeated or data.get("group") is not None)
    return Row(number, row_id, None, None if name is None else escape_surrogates(name, 60), group,
               errors_of_keys(error), torn=nameless)


def _row_of(number: int, derived: "_Derived", data: dict[str, Any]) -> Row:
    name = data.pop("command", None)
    row_id, group = _header(data, derived)
    model = COMMANDS.get(name) if isinstance(name, str) else None
    if model is None:
        what = "command is missing" if name is None else f"{shortened(name)!r} is not a command"
        error = {
            "pointer": "/command", "code": "unknown_command",
            "message": f"{what[:1].upper()}{what[1:]}; the commands are {', '.join(COMMANDS)}.",
        }
        shown = None if name is None else escape_surrogates(name, 60)
        return Row(number, row_id, None, shown, group, (error,))
    try:
        command = model.model_validate(data)
    except ValidationError as error:
        nameless = group is None and data.get("group") is not None
        return Row(number, row_id, None, name, group, errors_of(error, model, data), torn=nameless)
    return Row(number, row_id, command, name, group)


def read_csv(stream: BinaryIO, command: str, *, run: str | None = None) -> Iterator[list[Row]]:
    """Read commands of one type from CSV: the first row names the fields, empty cells are absent.

    A field that is a list or an object holds JSON. A row that is not CSV is a row with errors, and
    reading goes on with the next line. Of a CSV whose first row is wrong one row comes, which says
    so, and nothing else is read.
    """
    digest = sha256((run or "").encode())
    derived = _Derived(digest)
    lines = _TextLines(stream, digest)
    reader = csv.reader(lines, strict=True)
    model = COMMANDS[command]
    header: list[str] | None = None
    rows: list[Row] = []
    while True:
        try:
            cells = next(reader, None)
        except csv.Error as error:
            header = header or []
            message = f"The row is not CSV: {error}."
            rows.append(_torn(reader.line_num, derived, "not_csv", message, command))
            continue
        if cells is None:
            break
        if not cells:
            rows.append(_empty(reader.line_num, derived, "The row is empty.", command))
        elif header is None:
            header = [cell.strip() for cell in cells]
            fault = fault_of(header, model)
            if fault is not None:
                rows.append(_torn(reader.line_num, derived, BAD_HEADER, fault, command))
                break
        else:
            rows.append(_csv_row(reader.line_num, model, header, cells, derived))
        if rows and not lines.waiting:
            yield rows
            rows = []
    yield rows


def _csv_row(
    number: int, model: type[Command], header: Sequence[str], cells: Sequence[str],
    derived: "_Derived",
) -> Row:
    name = model.command
    if len(cells) != len(header):
        return _torn(number, derived, "not_csv", f"The row has {len(cells)} cells, the first row "
                     f"names {len(header)} fields.", name)
    if any(_HALVES.search(cell) for cell in cells):
        return _torn(number, derived, "not_utf8", "The row is not UTF-8.", name)
    values = {field: cell for field, cell in zip(header, cells, strict=True) if cell}
    row_id, group = _header(values, derived)
    if values.pop("command", name) != name:
        return _wrong(number, row_id, name, group, "/command", "unknown_command",
                      f"The rows of this file are {name} commands.")
    try:
        command = command_from_text(model, values)
    except ValidationError as error:
        return Row(number, row_id, None, name, group, errors_of(error))
    except DuplicateKey as error:
        return Row(number, row_id, None, name, group, errors_of_keys(error))
    except BadJson as error:
        return _wrong(number, row_id, name, group, error.pointer, "not_json",
                      f"{error.pointer[1:]} is {error}.")
    return Row(number, row_id, command, name, group)


class _Derived:
    """The id that a row without one gets: a digest of everything up to and including its line."""

    def __init__(self, digest: Any) -> None:
        self._digest = digest

    def __call__(self) -> str:
        return str(self._digest.hexdigest())


def _header(values: dict[str, Any], derived: _Derived) -> tuple[str, str | None]:
    """Return the id of a row, and the name of its group as far as it has one."""
    group = values.get("group")
    named = composed(group) if isinstance(group, str) else None
    return usable_id(values.get("id")) or derived(), named


def usable_id(given: object) -> str | None:
    """Return what was written as an id as far as results can name it, else ``None``.

    >>> usable_id("c-1"), usable_id(""), usable_id(7)
    ('c-1', None, None)
    """
    if not isinstance(given, str) or len(given) > MAX_WRITTEN or _HALVES.search(given):
        return None
    found = composed(given)
    return found if 0 < len(found) <= MAX_ID else None


def _wrong(
    number: int, row_id: str, name: str, group: str | None, pointer: str, code: str, message: str
) -> Row:
    error = {"pointer": pointer, "code": code, "message": message}
    return Row(number, row_id, None, name, group, (error,))


def _torn(
    number: int, derived: _Derived, code: str, message: str, name: str | None = None
) -> Row:
    error = {"pointer": "", "code": code, "message": message}
    return Row(number, derived(), None, name, None, (error,), torn=True)


def _empty(number: int, derived: _Derived, message: str, name: str | None = None) -> Row:
    return Row(number, derived(), None, name, None,
               ({"pointer": "", "code": "empty", "message": message},))


class _TextLines:
    """Decodes line by line; a byte that is not UTF-8 becomes half a surrogate pair, found later.

    ``waiting`` counts the lines that have been read and not handed out yet.
    """

    def __init__(self, stream: BinaryIO, digest: Any) -> None:
        self._stream = stream
        self._digest = digest
        self.waiting = 0

    def __iter__(self) -> Iterator[str]:
        encoding = "utf-8-sig"
        for lines in lines_of(self._stream):
            self.waiting = len(lines)
            for line in lines:
                self.waiting -= 1
                self._digest.update(line)
                yield line.decode(encoding, "surrogateescape")
                encoding = "utf-8"
