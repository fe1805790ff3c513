"""The outcome of a command: its id, its content and the decision, stored once and for all."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal, NamedTuple

import orjson

OUTCOME_COLUMNS = (
    "command_id, fingerprint, status, first_position, last_position, body, result, sequence, "
    "recorded_at"
)
"""The columns of a command's row that say what became of it."""

JUDGED_AT = "judged_at"
"""Key in the result of a stored refusal: when it was judged, in microseconds."""

REISSUED = "\x1eagain"
"""Suffix of an id whose outcome is stored beside a refusal of an earlier version; ids that clients
send contain no control characters."""

Status = Literal["accepted", "rejected", "group_failed"]


def id_as_sent(command_id: str) -> str:
    """Return the id that a command was sent with.

    >>> id_as_sent("c-1" + REISSUED), id_as_sent("c-1")
    ('c-1', 'c-1')
    """
    return command_id.removesuffix(REISSUED)


class Head(NamedTuple):
    """The end of the log: its last position, when that was recorded, and its last sequence.

    All are 0 while the log is empty. A refusal that is kept moves the time too, to just before it
    was judged, so that times never decrease along the log.
    """

    position: int
    recorded_at: int
    sequence: int = 0


class Outcome(NamedTuple):
    """The one decision about a command id.

    ``fingerprint`` is a digest of the command's content and ``body`` the canonical command itself,
    so that another use of the id can be detected and history can be replayed. The events of an
    accepted command are at ``first_position`` to ``last_position``; without events the first is one
    above the last, and the last is the position that the command was judged at.
    """

    command_id: str
    fingerprint: bytes
    status: Status
    first_position: int
    last_position: int
    body: bytes
    result: Mapping[str, Any]
    sequence: int = 0
    recorded_at: int = 0

    @classmethod
    def of_row(cls, row: Sequence[Any]) -> "Outcome":
        """Return the outcome of its columns, of which the result is JSON.

        >>> row = ("c-1", b"digest", "rejected", 2, 1, b"{}", b'{"code":"x"}', 1, 1_700_000_000)
        >>> Outcome.of_row(row).result
        {'code': 'x'}
        """
        return cls._make((*row[:6], orjson.loads(row[6]), *row[7:]))

    def is_same_as(self, other: "Outcome | None") -> bool:
        """Return whether another outcome is of the same command, decided at the same place."""
        return other is not None and self[:6] == other[:6] and self[7:] == other[7:]
