"""Leaves of the former format: an event was a row with a leaf of its own, and so was an outcome.

A leaf begins with the zero byte of RFC 6962 and a tag of two bytes. Fixed-length fields come first:
integers in 8 bytes, and payloads as their SHA-256 in 32, so that a proof can omit them. Texts
follow in UTF-8, each after its length in 4 bytes; a NULL has the length FFFFFFFF and nothing after
it. Numbers are big-endian. The columns are covered in this order:

- an event: ``position``, ``originator_version``, ``occurred_at``, ``recorded_at``, ``state``,
  ``originator_id``, ``topic``, ``command_id``, ``correlation_id``, ``causation_id``, ``actor``;
- an outcome: ``sequence``, ``first_position``, ``last_position``, ``body``, ``result``,
  ``fingerprint``, ``command_id``, ``status``.
"""

from collections.abc import Iterator
from hashlib import sha256
from struct import Struct

from stocktrail.ledger.store.command_row import CommandRow, stored_rows
from stocktrail.ledger.store.merkle.leaves import length_prefixed

FormerEvent = tuple[
    int, str, int, str, int, int, str | None, str | None, str | None, str | None
]
"""What the leaf of an event covers beside its payload: position, stream, version, topic, occurred
and recorded time, command id, correlation id, causation id, actor."""

_EVENT = Struct(">3sqqqq32s").pack
_OUTCOME = Struct(">3sqqq32s32sI").pack


def former_event_leaf(event: FormerEvent, digest: bytes) -> bytes:
    """Return the leaf of an event with the digest of its payload."""
    position, stream, version, topic, occurred_at, recorded_at, *rest = event
    return sha256(
        _EVENT(b"\0E1", position, version, occurred_at, recorded_at, digest)
        + b"".join(map(length_prefixed, (stream, topic, *rest)))
    ).digest()


def former_event_leaves(row: CommandRow) -> Iterator[bytes]:
    """Yield the leaves that the events of a row had."""
    for each in stored_rows(row):
        event = (
            each.id, str(each.originator_id), each.originator_version, each.topic, each.occurred_at,
            each.recorded_at, each.command_id, each.correlation_id, each.causation_id, each.actor,
        )
        yield former_event_leaf(event, sha256(each.state).digest())


def former_outcome_leaf(row: CommandRow, number: int) -> bytes:
    """Return the leaf that the outcome in a row had: it was the ``number``-th of its log."""
    assert row.command_id is not None
    digests = sha256(row.body).digest(), sha256(row.result).digest()
    return sha256(
        _OUTCOME(
            b"\0C1", number, row.first_position, row.last_position, *digests, len(row.fingerprint)
        ) + row.fingerprint + length_prefixed(row.command_id) + length_prefixed(row.status)
    ).digest()
