"""Lines of an exported log: a JSON object for every stored row, exact to the byte.

The first line says what follows and what the roots of the seal are; then come the events by their
positions, what became of the commands in the order in which they were decided, and the customers'
keys if they were asked for. A payload stands as the JSON that it is; one whose bytes are not those
that its JSON is written with again stands in base 64.
"""

import struct
from base64 import b64decode, b64encode
from collections.abc import Mapping
from typing import Any, NamedTuple

import orjson

from stocktrail.ledger.instant import parse_moment, to_instant, to_iso
from stocktrail.ledger.store.mapper import EventRow
from stocktrail.ledger.store.merkle.leaves import event_leaves, outcome_leaves
from stocktrail.ledger.store.outcome import OutcomeRow

FORMAT, VERSION = "stocktrail-log", 1
"""What the first line says that the file is."""

KeyRow = tuple[str, str, str]
"""A customer's key as a row: customer, id of the key, secret."""

_TEXT, _TEXT_OR_NOT, _WHOLE = (str,), (str, type(None)), (int,)
_PAYLOAD = (dict, list, str, int, float, bool, type(None))
_HEADER = {
    "format": _TEXT, "version": _WHOLE, "events": _WHOLE, "commands": _WHOLE,
    "event_root": _TEXT, "command_root": _TEXT, "customer_keys": _WHOLE,
}
_EVENT = {
    "event": _WHOLE, "stream": _TEXT, "stream_version": _WHOLE, "type": _TEXT,
    "occurred_at": _TEXT, "recorded_at": _TEXT, "command_id": _TEXT_OR_NOT,
    "correlation_id": _TEXT_OR_NOT, "causation_id": _TEXT_OR_NOT, "actor": _TEXT_OR_NOT,
    "data": _PAYLOAD, "leaf": _TEXT,
}
_OUTCOME = {
    "outcome": _WHOLE, "command_id": _TEXT, "fingerprint": _TEXT, "status": _TEXT,
    "first_position": _WHOLE, "last_position": _WHOLE, "command": _PAYLOAD, "result": _PAYLOAD,
    "leaf": _TEXT,
}
_KEY = {"customer_key": _TEXT, "key_id": _TEXT, "secret": _TEXT}
_BASE_64 = "_base64"


class Header(NamedTuple):
    """What an exported log says of itself: how much there is of everything, and both roots."""

    events: int
    commands: int
    event_root: bytes
    command_root: bytes
    customer_keys: int

    def as_line(self) -> bytes:
        """Write the first line.

        >>> read_header(Header(2, 1, b"root", b"other", 0).as_line())
        Header(events=2, commands=1, event_root=b'root', command_root=b'other', customer_keys=0)
        """
        return _line({
            "format": FORMAT, "version": VERSION, "events": self.events, "commands": self.commands,
            "event_root": self.event_root.hex(), "command_root": self.command_root.hex(),
            "customer_keys": self.customer_keys,
        })


def event_line(row: EventRow, leaf: bytes) -> bytes:
    r"""Write an event as a line.

    >>> row = (1, "stock/A", 1, "StockReceived.v1", b'{"a":1}', 5, 6, "c-1", None, None, "ann")
    >>> read_event(event_line(row, event_leaves([row])[0])) == row
    True
    """
    (
        position, stream, version, topic, state, occurred_at, recorded_at, command_id,
        correlation_id, causation_id, actor,
    ) = row
    return _line({
        "event": position, "stream": stream, "stream_version": version, "type": topic,
        "occurred_at": to_iso(occurred_at), "recorded_at": to_iso(recorded_at),
        "command_id": command_id, "correlation_id": correlation_id, "causation_id": causation_id,
        "actor": actor, **_payload("data", state), "leaf": leaf.hex(),
    })


def outcome_line(row: OutcomeRow, leaf: bytes, sequence: int) -> bytes:
    """Write what became of a command as a line."""
    command_id, fingerprint, status, first, last, body, result = row
    return _line({
        "outcome": sequence, "command_id": command_id, "fingerprint": fingerprint.hex(),
        "status": status, "first_position": first, "last_position": last,
        **_payload("command", body), **_payload("result", result), "leaf": leaf.hex(),
    })


def key_line(row: KeyRow) -> bytes:
    """Write a customer's key as a line."""
    return _line(dict(zip(_KEY, row, strict=True)))


def read_header(line: bytes) -> Header:
    """Read the first line. Raises ``ValueError`` with a reason when it is not one."""
    try:
        found = _fields(line, _HEADER, "header")
    except ValueError:
        raise ValueError("it is not the first line of a log that was exported") from None
    if found["format"] != FORMAT:
        raise ValueError("it is not the first line of a log that was exported")
    if found["version"] > VERSION:
        raise ValueError("it was written by a later version of stocktrail")
    return Header(
        found["events"], found["commands"], bytes.fromhex(found["event_root"]),
        bytes.fromhex(found["command_root"]), found["customer_keys"],
    )


def read_event(line: bytes) -> EventRow:
    """Read an event. Raises ``ValueError`` with a reason when it is not what was exported."""
    found = _fields(line, _EVENT, "event")
    row = (
        found["event"], found["stream"], found["stream_version"], found["type"],
        _bytes(found["data"]), _instant(found["occurred_at"]), _instant(found["recorded_at"]),
        found["command_id"], found["correlation_id"], found["causation_id"], found["actor"],
    )
    try:
        [leaf] = event_leaves([row])
    except struct.error:
        raise ValueError("one of its numbers is too large") from None
    _require_leaf(leaf, found["leaf"])
    return row


def read_outcome(line: bytes) -> tuple[OutcomeRow, int]:
    """Read what became of a command, and its number. Raises ``ValueError`` with a reason."""
    found = _fields(line, _OUTCOME, "outcome")
    row = (
        found["command_id"], bytes.fromhex(found["fingerprint"]), found["status"],
        found["first_position"], found["last_position"], _bytes(found["command"]),
        _bytes(found["result"]),
    )
    try:
        [leaf] = outcome_leaves([row], found["outcome"] - 1)
    except struct.error:
        raise ValueError("one of its numbers is too large") from None
    _require_leaf(leaf, found["leaf"])
    return row, found["outcome"]


def read_key(line: bytes) -> KeyRow:
    """Read a customer's key. Raises ``ValueError`` with a reason."""
    found = _fields(line, _KEY, "customer's key")
    bytes.fromhex(found["secret"])
    return (found["customer_key"], found["key_id"], found["secret"])


def _line(fields: Mapping[str, Any]) -> bytes:
    return orjson.dumps(fields) + b"\n"


def _payload(name: str, stored: bytes) -> dict[str, Any]:
    """Show a payload as JSON where its bytes can be made again from it.

    >>> _payload("data", b'{"a":1}'), _payload("data", b'{"a": 1}')
    ({'data': {'a': 1}}, {'data_base64': 'eyJhIjogMX0='})
    """
    try:
        value = orjson.loads(stored)
        if orjson.dumps(value) == stored:
            return {name: value}
    except ValueError:
        pass
    return {f"{name}{_BASE_64}": b64encode(stored).decode()}


class _Stored(bytes):
    """The bytes of a payload that stood in base 64."""


def _fields(
    line: bytes, kinds: Mapping[str, tuple[type, ...]], called: str
) -> dict[str, Any]:
    try:
        found = orjson.loads(line)
    except ValueError:
        raise ValueError("it is not JSON, or it is cut off") from None
    if type(found) is not dict:
        raise ValueError("it is not a JSON object")
    for name in [each for each in found if each.endswith(_BASE_64)]:
        found[name.removesuffix(_BASE_64)] = _of_base_64(found.pop(name))
    if found.keys() != kinds.keys():
        raise ValueError(f"it has not the fields of an {called}".replace("an c", "a c"))
    for name, wanted in kinds.items():
        if type(found[name]) not in (*wanted, _Stored):
            raise ValueError(f"its field {name} is of another kind")
    return found


def _of_base_64(written: Any) -> "_Stored":
    if type(written) is not str:
        raise ValueError("its payload is not in base 64")
    return _Stored(b64decode(written, validate=True))


def _bytes(payload: Any) -> bytes:
    return bytes(payload) if type(payload) is _Stored else orjson.dumps(payload)


def _instant(written: str) -> int:
    return to_instant(parse_moment(written))


def _require_leaf(leaf: bytes, written: str) -> None:
    if leaf.hex() != written:
        raise ValueError("it was changed: its hash is another one")
