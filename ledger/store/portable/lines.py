"""Lines of an exported log: a JSON object for every stored row, exact to the byte.

The first line is a header with the counts and the root of the hash tree; then follow the rows of
the log in their order, and the customers' keys if they were asked for. JSON is included as it is
stored; bytes that are no JSON, or would not fit in a line, are included in base 64.
"""

import struct
from base64 import b64decode, b64encode
from collections.abc import Callable
from typing import Any, Final, Literal, TypeVar

import msgspec
from msgspec import UNSET, Raw, UnsetType

from stocktrail.ledger.catalogue import CATALOGUE
from stocktrail.ledger.instant import parse_moment, to_instant, to_iso
from stocktrail.ledger.store.command_row import CommandRow, RowStatus, is_json
from stocktrail.ledger.store.merkle.leaves import command_leaves

FORMAT: Final = "stocktrail-log"
VERSION: Final = 2
"""The format and version in the header. In version 1 every event and every outcome was a line."""

KeyRow = tuple[str, str, str]
"""A customer's key as a row: customer, id of the key, secret."""


class Line(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A line of an exported log."""


class Header(Line, frozen=True, kw_only=True):
    """The header of an exported log: the counts of everything, and the root in hexadecimal."""

    format: Literal["stocktrail-log"] = FORMAT
    version: Literal[2] = VERSION
    rows: int
    events: int
    commands: int
    root: str
    customer_keys: int

    def as_line(self) -> bytes:
        """Return the first line.

        >>> header = Header(rows=3, events=2, commands=1, root="00ff", customer_keys=0)
        >>> read_line(header.as_line(), Header, "a header") == header
        True
        """
        return _written(self)


class _RowLine(Line, frozen=True):
    row: int
    status: RowStatus
    first_position: int
    last_position: int
    occurred_at: str
    recorded_at: str
    command_id: str | None
    correlation_id: str | None
    causation_id: str | None
    actor: str | None
    credential: str | None
    group: int | None
    fingerprint: str
    leaf: str
    command: Raw | UnsetType = UNSET
    command_base64: str | UnsetType = UNSET
    result: Raw | UnsetType = UNSET
    result_base64: str | UnsetType = UNSET
    events: Raw | UnsetType = UNSET
    events_base64: str | UnsetType = UNSET


class _KeyLine(Line, frozen=True):
    customer_key: str
    key_id: str
    secret: str


def row_line(row: CommandRow, leaf: bytes) -> bytes:
    r"""Return a row of the log as a line.

    >>> row = CommandRow(1, 1, 0, 5, 6, "c-1", b"f", "rejected", b"{}", b'{"code":"no"}', b"[]")
    >>> read_row(row_line(row, command_leaves([row])[0])) == row
    True
    """
    payloads: dict[str, Any] = {}
    for name, stored in (("command", row.body), ("result", row.result), ("events", row.events)):
        if is_json(stored) and b"\n" not in stored:
            payloads[name] = Raw(stored)
        else:
            payloads[f"{name}_base64"] = b64encode(stored).decode()
    return _written(_RowLine(
        row.sequence, row.status, row.first_position, row.last_position, to_iso(row.occurred_at),
        to_iso(row.recorded_at), row.command_id, row.correlation_id, row.causation_id, row.actor,
        row.credential, row.group_sequence, row.fingerprint.hex(), leaf.hex(), **payloads,
    ))


def read_row(line: bytes) -> CommandRow:
    """Return the row in a line. Raises ``ValueError`` with a reason when it was changed."""
    found = read_line(line, _RowLine, "a row of the log")
    row = CommandRow(
        found.row, found.first_position, found.last_position, moment(found.occurred_at),
        moment(found.recorded_at), found.command_id, bytes.fromhex(found.fingerprint),
        found.status, payload(found.command, found.command_base64),
        payload(found.result, found.result_base64), payload(found.events, found.events_base64),
        found.correlation_id, found.causation_id, found.actor, found.credential, found.group,
    )
    require_leaf(lambda: command_leaves([row])[0], found.leaf)
    return row


def key_line(row: KeyRow) -> bytes:
    """Return a customer's key as a line."""
    return _written(_KeyLine(*row))


def read_key(line: bytes) -> KeyRow:
    """Return the customer's key in a line. Raises ``ValueError`` with a reason."""
    found = read_line(line, _KeyLine, "a customer's key")
    bytes.fromhex(found.secret)
    return found.customer_key, found.key_id, found.secret


_Line = TypeVar("_Line", bound=Line)


def read_line(line: bytes, kind: type[_Line], called: str) -> _Line:
    """Return what is in a line. Raises ``ValueError`` with a reason."""
    try:
        return msgspec.json.decode(line, type=kind)
    except msgspec.ValidationError as error:
        raise ValueError(f"it has not the fields of {called}: {error}") from None
    except msgspec.DecodeError:
        raise ValueError("it is not JSON, or it is cut off") from None


def payload(plain: Raw | UnsetType, encoded: str | UnsetType) -> bytes:
    """Return the bytes of a payload, which is there in one of two ways."""
    if isinstance(plain, Raw) and isinstance(encoded, UnsetType):
        return bytes(plain)
    if isinstance(encoded, str) and isinstance(plain, UnsetType):
        return b64decode(encoded, validate=True)
    raise ValueError("one of its payloads is missing, or there twice")


def moment(written: str) -> int:
    """Return a time in a line as an instant."""
    return to_instant(parse_moment(written))


def require_leaf(hashed: Callable[[], bytes], written: str) -> None:
    """Raise ``ValueError`` if a row, when it is hashed, has another hash than its line says."""
    try:
        leaf = hashed()
    except struct.error:
        raise ValueError("one of its numbers is too large") from None
    if leaf.hex() != written:
        raise ValueError("it was changed: its hash is another one")


def require_known(topic: str) -> None:
    """Raise ``ValueError`` for an event that this version of stocktrail cannot read."""
    if CATALOGUE.current(topic) not in CATALOGUE.classes():
        raise ValueError(f"this version of stocktrail knows no event {topic[:60]!r}")


def _written(line: Line) -> bytes:
    return msgspec.json.encode(line) + b"\n"
