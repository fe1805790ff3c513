"""Leaves: the hash of a command's row, and the bytes that it covers.

A leaf begins with the zero byte of RFC 6962 and a tag of two bytes. Fixed-length fields come first,
numbers big-endian: ``sequence``, ``first_position``, ``last_position``, ``occurred_at``,
``recorded_at`` and ``group_sequence`` (0 where there is none) in 8 bytes each, then ``body``,
``result`` and ``events`` as their SHA-256 in 32 each. ``fingerprint``, ``command_id``, ``status``,
``correlation_id``, ``causation_id``, ``actor`` and ``credential`` follow, each after its length in
4 bytes; a NULL has the length FFFFFFFF and nothing after it.
"""

from collections.abc import Iterable
from hashlib import sha256
from struct import Struct

from stocktrail.ledger.store.command_row import CommandRow

NULL = b"\xff\xff\xff\xff"

_LENGTH = Struct(">I").pack
_FIXED = Struct(">3sqqqqqq32s32s32s").pack
_EMPTY_RESULT = sha256(b"{}").digest()


def length_prefixed(value: str | None) -> bytes:
    r"""Return a text, or a NULL, in the bytes that a leaf covers.

    >>> length_prefixed("ab"), length_prefixed(""), length_prefixed(None)
    (b'\x00\x00\x00\x02ab', b'\x00\x00\x00\x00', b'\xff\xff\xff\xff')
    """
    if value is None:
        return NULL
    written = value.encode()
    return _LENGTH(len(written)) + written


def command_leaf(row: CommandRow) -> bytes:
    """Return the leaf of a row."""
    result = row.result
    return leaf_of_digests(
        row, sha256(row.body).digest(),
        _EMPTY_RESULT if result == b"{}" else sha256(result).digest(), sha256(row.events).digest(),
    )


def leaf_of_digests(row: CommandRow, body: bytes, result: bytes, events: bytes) -> bytes:
    """Return the leaf of a row of whose body, result and events only the digests are known."""
    (
        sequence, first, last, occurred_at, recorded_at, command_id, fingerprint, status, _, _, _,
        correlation_id, causation_id, actor, credential, group_sequence,
    ) = row
    return sha256(
        _FIXED(
            b"\0C2", sequence, first, last, occurred_at, recorded_at, group_sequence or 0, body,
            result, events,
        ) + b"".join((
            _LENGTH(len(fingerprint)), fingerprint, length_prefixed(command_id),
            length_prefixed(status),
            b"".join(map(length_prefixed, (correlation_id, causation_id, actor, credential))),
        ))
    ).digest()


def command_leaves(rows: Iterable[CommandRow]) -> list[bytes]:
    """Return the leaves of rows."""
    return list(map(command_leaf, rows))
