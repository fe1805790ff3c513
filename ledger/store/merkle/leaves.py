"""Leaves: what the hash of an event, and of what became of a command, covers, byte for byte.

A leaf begins with a tag of two bytes. What has one length for ever comes first: whole numbers in 8
bytes, and of payloads their SHA-256 in 32, so that what is under the seal can be shown without
them. Then texts follow in UTF-8, each with its length in 4 bytes before it; a NULL has the length
FFFFFFFF and nothing after it. Numbers are big-endian.
"""

from collections.abc import Iterable, Sequence
from hashlib import sha256
from struct import Struct

from stocktrail.ledger.store.mapper import EventRow
from stocktrail.ledger.store.outcome import OutcomeRow

EVENT_LEAF_COLUMNS = (
    "position", "originator_version", "occurred_at", "recorded_at", "state", "originator_id",
    "topic", "command_id", "correlation_id", "causation_id", "actor",
)
"""The columns of an event in the order in which its leaf covers them."""

OUTCOME_LEAF_COLUMNS = (
    "sequence", "first_position", "last_position", "body", "result", "fingerprint", "command_id",
    "status",
)
"""The columns of an outcome in the order in which its leaf covers them."""

NULL = b"\xff\xff\xff\xff"

_LENGTH = Struct(">I").pack
_EVENT = Struct(">3sqqqq32sI").pack
_OUTCOME = Struct(">3sqqq32s32sI").pack

def length_prefixed(value: str | None) -> bytes:
    r"""Write a text, or a NULL, as a leaf covers it.

    >>> length_prefixed("ab"), length_prefixed(""), length_prefixed(None)
    (b'\x00\x00\x00\x02ab', b'\x00\x00\x00\x00', b'\xff\xff\xff\xff')
    """
    if value is None:
        return NULL
    written = value.encode()
    return _LENGTH(len(written)) + written


def event_leaves(rows: Iterable[EventRow]) -> list[bytes]:
    """Hash events, each into its leaf.

    This runs once for every event that is recorded; what neighbours share is written once.
    """
    leaves = []
    topics: dict[str, bytes] = {}
    before: tuple[str | None, ...] | None = None
    header = b""
    for (
        position, stream, version, topic, state, occurred_at, recorded_at, command_id,
        correlation_id, causation_id, actor,
    ) in rows:
        rest = (command_id, correlation_id, causation_id, actor)
        if rest != before:
            before, header = rest, b"".join(map(length_prefixed, rest))
        named = topics.get(topic)
        if named is None:
            named = topics[topic] = length_prefixed(topic)
        written = stream.encode()
        leaves.append(sha256(
            _EVENT(
                b"\0E1", position, version, occurred_at, recorded_at, sha256(state).digest(),
                len(written),
            ) + written + named + header
        ).digest())
    return leaves


def event_leaf_of(row: EventRow, digest: bytes) -> bytes:
    """Hash one event of which only the digest of its payload is known.

    >>> row = (1, "stock/A", 1, "StockReceived.v1", b"{}", 5, 6, "c-1", None, None, "ann")
    >>> event_leaf_of(row, sha256(b"{}").digest()) == event_leaves([row])[0]
    True
    """
    position, stream, version, topic, _, occurred_at, recorded_at, *rest = row
    written = stream.encode()
    return sha256(
        _EVENT(b"\0E1", position, version, occurred_at, recorded_at, digest, len(written))
        + written + b"".join(map(length_prefixed, (topic, *rest)))
    ).digest()


def outcome_leaves(rows: Sequence[OutcomeRow], before: int) -> list[bytes]:
    """Hash what became of commands, of which so many were decided before."""
    leaves = []
    sequence = before
    for command_id, fingerprint, status, first, last, body, result in rows:
        sequence += 1
        leaves.append(sha256(
            _OUTCOME(
                b"\0C1", sequence, first, last, sha256(body).digest(),
                _NOTHING if result == b"{}" else sha256(result).digest(), len(fingerprint),
            ) + fingerprint + length_prefixed(command_id) + length_prefixed(status)
        ).digest())
    return leaves


_NOTHING = sha256(b"{}").digest()
