"""Readers of scripts: JSON Lines, and CSV for one type of command.

They stream: lists of rows come out as the input becomes available, so a script of any length runs
in bounded memory and a pipe is answered at once. A row that can never be right still comes out, as
a row with errors.
"""

import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, BinaryIO

from pydantic import ValidationError

from commands.model import COMMANDS, Command, command_from_text, errors_of
from commands.strict_json import BadJson, parse_json
from ledger.quantity import shortened

CHUNK_BYTES = 1 << 18
MAX_LINE_BYTES = 1 << 24
"""The longest line that is read: 16 MiB."""

ROWS_AT_ONCE = 1000
"""The most rows that come out in one list."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a script: the command that it holds, or why it holds none.

    ``id`` is the row's own, or the one derived from all that was read up to it.
    """

    line: int
    id: str
    command: Command | None = None
    name: str | None = None
    group: str | None = None
    errors: tuple[dict[str, str], ...] = ()


def read_json_lines(stream: BinaryIO, *, run: str | None = None) -> Iterator[list[Row]]:
    """Read one command a line. ``run`` makes the derived ids of the same bytes new ones."""
    digest = sha256((run or "").encode())
    number = 0
    for lines in _lines(stream):
        rows = []
        for line in lines:
            number += 1
            digest.update(line)
            rows.append(_json_row(number, line, digest))
        yield rows


def _json_row(number: int, line: bytes, digest: Any) -> Row:
    derived = _Derived(digest)
    if len(line) > MAX_LINE_BYTES:
        return _bad(number, derived, "too_long", "The line is longer than 16 MiB.")
    try:
        text = line.decode("utf-8-sig" if number == 1 else "utf-8").strip("\r\n")
    except UnicodeDecodeError as error:
        where = f"The line is not UTF-8 at byte {error.start + 1}."
        return _bad(number, derived, "not_utf8", where)
    if not text.strip():
        return _bad(number, derived, "empty", "The line is empty; a row holds one JSON object.")
    try:
        data = parse_json(text)
    except BadJson as error:
        return _bad(number, derived, "not_json", f"The line is {error}." if "not JSON" in str(error)
                    else f"{str(error)[:1].upper()}{str(error)[1:]}.")
    if not isinstance(data, dict):
        return _bad(number, derived, "not_an_object", "The line does not hold a JSON object.")
    return _row_of(number, derived, data)


def _row_of(number: int, derived: "_Derived", data: dict[str, Any]) -> Row:
    name = data.pop("command", None)
    given_id, group = data.get("id"), data.get("group")
    row_id = given_id if isinstance(given_id, str) and 0 < len(given_id) <= 128 else derived()
    group = group if isinstance(group, str) else None
    model = COMMANDS.get(name) if isinstance(name, str) else None
    if model is None:
        what = "command is missing" if name is None else f"{shortened(name)!r} is not a command"
        error = {
            "pointer": "/command", "code": "unknown_command",
            "message": f"{what[:1].upper()}{what[1:]}; the commands are {', '.join(COMMANDS)}.",
        }
        return Row(number, row_id, None, shortened(name) if name is not None else None, group,
                   (error,))
    try:
        command = model.model_validate(data)
    except ValidationError as error:
        return Row(number, row_id, None, name, group, tuple(errors_of(error)))
    return Row(number, row_id, command, name, group)


def read_csv(stream: BinaryIO, command: str, *, run: str | None = None) -> Iterator[list[Row]]:
    """Read commands of one type from CSV: the first row names the fields, empty cells are absent.

    A field that is a list or an object holds JSON.
    """
    digest = sha256((run or "").encode())
    reader = csv.reader(_text_lines(stream, digest), strict=True)
    model = COMMANDS[command]
    header: list[str] | None = None
    rows: list[Row] = []
    while True:
        try:
            cells = next(reader, None)
        except (csv.Error, UnicodeDecodeError) as error:
            yield [*rows, _bad(reader.line_num, _Derived(digest), "not_csv",
                               f"The row is not CSV in UTF-8: {error}.", command)]
            return
        if cells is None:
            break
        if header is None:
            header = [cell.strip() for cell in cells]
            continue
        rows.append(_csv_row(reader.line_num, model, header, cells, _Derived(digest)))
        if len(rows) >= ROWS_AT_ONCE:
            yield rows
            rows = []
    yield rows


def _csv_row(
    number: int, model: type[Command], header: list[str], cells: list[str], derived: "_Derived"
) -> Row:
    if len(cells) != len(header):
        return _bad(number, derived, "not_csv", f"The row has {len(cells)} cells, the first row "
                    f"names {len(header)} fields.", model.command)
    values = {name: cell for name, cell in zip(header, cells, strict=True) if cell}
    if values.pop("command", model.command) != model.command:
        return _bad(number, derived, "unknown_command", f"The rows of this file are "
                    f"{model.command} commands.", model.command)
    given_id, group = values.get("id"), values.get("group")
    row_id = given_id if given_id and len(given_id) <= 128 else derived()
    try:
        command = command_from_text(model, values)
    except ValidationError as error:
        return Row(number, row_id, None, model.command, group, tuple(errors_of(error)))
    except BadJson as error:
        return _bad(number, derived, "not_json", f"A cell is {error}.", model.command)
    return Row(number, row_id, command, model.command, group)


class _Derived:
    """The id that a row without one gets: a digest of everything up to and including its line."""

    def __init__(self, digest: Any) -> None:
        self._digest = digest

    def __call__(self) -> str:
        return str(self._digest.hexdigest())


def _bad(
    number: int, derived: _Derived, code: str, message: str, name: str | None = None
) -> Row:
    return Row(number, derived(), None, name, None,
               ({"pointer": "", "code": code, "message": message},))


def _text_lines(stream: BinaryIO, digest: Any) -> Iterator[str]:
    encoding = "utf-8-sig"
    for lines in _lines(stream):
        for line in lines:
            digest.update(line)
            yield line.decode(encoding)
            encoding = "utf-8"


def _lines(stream: BinaryIO) -> Iterator[list[bytes]]:
    """Split a stream into lines, in lists as they become available; each keeps its line end."""
    for lines in _split(_chunks(stream)):
        for start in range(0, len(lines), ROWS_AT_ONCE):
            yield lines[start : start + ROWS_AT_ONCE]


def _chunks(stream: BinaryIO) -> Iterator[bytes]:
    read = getattr(stream, "read1", stream.read)
    while chunk := read(CHUNK_BYTES):
        yield chunk


def _split(chunks: Iterable[bytes]) -> Iterator[list[bytes]]:
    rest: list[bytes] = []
    size = 0
    for chunk in chunks:
        *whole, last = chunk.split(b"\n")
        if not whole:
            rest.append(last)
            size += len(last)
            if size > 2 * MAX_LINE_BYTES:
                rest, size = [b"".join(rest)[: MAX_LINE_BYTES + 1]], MAX_LINE_BYTES + 1
            continue
        whole[0] = b"".join([*rest, whole[0]])
        yield [line + b"\n" for line in whole]
        rest, size = [last], len(last)
    if final := b"".join(rest):
        yield [final]
