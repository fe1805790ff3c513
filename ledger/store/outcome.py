"""What is kept of every command for ever: its id, its content, and what became of it."""

from collections.abc import Mapping
from typing import Any, Literal, NamedTuple

import orjson

OutcomeRow = tuple[str, bytes, str, int, int, bytes, bytes]
"""An outcome as a row: id, fingerprint, status, first and last position, body, result."""

JUDGED_AT = "judged_at"
"""Stands in the result of a refusal that is kept: when it was judged, in microseconds."""

Status = Literal["accepted", "rejected", "group_failed"]


class Head(NamedTuple):
    """The end of the log: its last position and when that was recorded (0, 0 when empty)."""

    position: int
    recorded_at: int


class Outcome(NamedTuple):
    """What was decided about one command id, once.

    ``fingerprint`` is a digest of the command's content and ``body`` the canonical command itself,
    so that a second use of the id can be told apart and history can be replayed. An accepted
    command's events stand at ``first_position`` to ``last_position``; with no events the first is
    one above the last, and the last is the position that the command was judged at.
    """

    command_id: str
    fingerprint: bytes
    status: Status
    first_position: int
    last_position: int
    body: bytes
    result: Mapping[str, Any]

    def as_row(self) -> OutcomeRow:
        """Write the outcome as a row."""
        result = orjson.dumps(dict(self.result)) if self.result else b"{}"
        return (*self[:6], result)

    @classmethod
    def of_row(cls, row: OutcomeRow) -> "Outcome":
        """Read an outcome from its row.

        >>> row = ("c-1", b"digest", "accepted", 1, 1, b"{}", b"{}")
        >>> Outcome.of_row(row).as_row() == row
        True
        """
        return cls(*row[:6], orjson.loads(row[6]))  # type: ignore[arg-type]

    def is_same_as(self, other: "Outcome | None") -> bool:
        """Return whether another outcome is of the same command, decided at the same place."""
        return other is not None and self[:5] == other[:5]
