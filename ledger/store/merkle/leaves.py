"""Leaves: the hash of a command's row, and the bytes that it covers.

A leaf begins with the zero byte of RFC 6962 and a tag of two bytes. Fixed-length fields come first,
numbers big-endian: ``sequence``, ``first_position``, ``last_position``, ``occurred_at`` and
``recorded_at`` in 8 bytes each, then ``body``, ``result`` and ``events`` as their SHA-256 in 32
each, so that a proof can omit them. ``fingerprint``, ``command_id``, ``status``,
``correlation_id``, ``causation_id``, ``actor``, ``credential`` and ``group_sequence`` (in 8 bytes)
follow, each after its length in 4 bytes; a NULL has the length FFFFFFFF and nothing after it.
"""

from collections.abc import Iterable
from hashlib import sha256
from struct import Struct

from stocktrail.ledger.store.command_row import CommandRow

NULL = b"\xff\xff\xff\xff"

_LENGTH = Struct(">I").pack
_FIXED = Struct(">3sqqqqq32s32s32sI").pack
_GROUP = Struct(">Iq").pack
_DIGESTS = {each: sha256(each).digest() for each in (b"{}", b"[]")}
"""Digests of what many rows hold, because nothing is to be said or no event followed."""


def length_prefixed(value: str | None) -> bytes:
    r"""Return a text, or a NULL, in the bytes that a leaf covers.

    >>> length_prefixed("ab"), length_prefixed(""), length_prefixed(None)
    (b'\x00\x00\x00\x02ab', b'\x00\x00\x00\x00', b'\xff\xff\xff\xff')
    """
    if value is None:
        return NULL
    written = value.encode()
    return _LENGTH(len(written)) + written


def command_leaves(rows: Iterable[CommandRow]) -> list[bytes]:
    """Return the leaves of rows.

    What consecutive rows share is encoded once.
    """
    leaves = []
    before: tuple[str | int | None, ...] | None = None
    shared = b""
    known = _DIGESTS.get
    for (
        sequence, first, last, occurred_at, recorded_at, command_id, fingerprint, status, body,
        result, events, correlation_id, causation_id, actor, credential, group_sequence,
    ) in rows:
        rest = (status, correlation_id, causation_id, actor, credential, group_sequence)
        if rest != before:
            before = rest
            shared = b"".join(map(length_prefixed, rest[:5])) + (
                NULL if group_sequence is None else _GROUP(8, group_sequence)
            )
        leaves.append(sha256(
            _FIXED(
                b"\0C2", sequence, first, last, occurred_at, recorded_at, sha256(body).digest(),
                known(result) or sha256(result).digest(), known(events) or sha256(events).digest(),
                len(fingerprint),
            ) + fingerprint + length_prefixed(command_id) + shared
        ).digest())
    return leaves


def leaf_of_digests(row: CommandRow, body: bytes, result: bytes, events: bytes) -> bytes:
    """Return the leaf of a row of whose body, result and events only the digests are known.

    >>> row = CommandRow(1, 1, 1, 5, 6, "c-1", b"f", "accepted", b"a", b"b", b"c", actor="ann")
    >>> digests = [sha256(each).digest() for each in (b"a", b"b", b"c")]
    >>> leaf_of_digests(row, *digests) == command_leaves([row])[0]
    True
    """
    group = row.group_sequence
    return sha256(
        _FIXED(b"\0C2", *row[:5], body, result, events, len(row.fingerprint)) + row.fingerprint
        + b"".join(map(length_prefixed, (
            row.command_id, row.status, row.correlation_id, row.causation_id, row.actor,
            row.credential,
        ))) + (NULL if group is None else _GROUP(8, group))
    ).digest()
