"""Lines of an exported log: a JSON object for every stored row, exact to the byte.

The first line is a header with the counts and the roots of the hash trees; then follow the events
by position, the outcomes in the order of decision, and the customers' keys if they were asked for.
A payload is included as JSON; one whose bytes differ from those that its JSON is serialised to is
included in base 64.
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
"""The format and version in the header."""

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
    """The header of an exported log: the counts of everything, and both roots."""

    events: int
    commands: int
    event_root: bytes
    command_root: bytes
    customer_keys: int

    def as_line(self) -> bytes:
        """Return the first line.

        >>> read_header(Header(2, 1, b"root", b"other", 0).as_line())
        Header(events=2, commands=1, event_root=b'root', command_root=b'other', customer_keys=0)
        """
        return _line({
            "format": FORMAT, "version": VERSION, "events": self.events, "commands": self.commands,
            "event_root": self.event_root.hex(), "command_root": self.command_root.hex(),
            "customer_keys": self.customer_keys,
        })


def event_line(row: EventRow, leaf: bytes) -> bytes:
    r"""Return an event as a line.

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
    """Return an outcome as a line."""
    command_id, fingerprint, status, first, last, body, result = row
    return _line({
        "outcome": sequence, "command_id": command_id, "fingerprint": fingerprint.hex(),
        "status": status, "first_position": first, "last_position": last,
        **_payload("command", body), **_payload("result", result), "leaf": leaf.hex(),
    })


def key_line(row: KeyRow) -> bytes:
    """Return a customer's key as a line."""
    return _line(dict(zip(_KEY, row, strict=True)))


def read_header(line: bytes) -> Header:
    """Return the header in the first line. Raises ``ValueError`` with a reason for another line."""
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
    """Return the event in a line. Raises ``ValueError`` with a reason when it was changed."""
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
    """Return the outcome in a line, and its number. Raises ``ValueError`` with a reason."""
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
    """Return the customer's key in a line. Raises ``ValueError`` with a reason."""
    found = _fields(line, _KEY, "customer's key")
    bytes.fromhex(found["secret"])
    return (found["customer_key"], found["key_id"], found["secret"])


def _line(fields: Mapping[str, Any]) -> bytes:
    return orjson.dumps(fields) + b"\n"


def _payload(name: str, stored: bytes) -> dict[str, Any]:
    """Return a payload as a JSON field where its bytes can be reproduced from it.

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
    """The bytes of a payload that was in base 64."""


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
