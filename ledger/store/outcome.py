"""The outcome of a command: its id, its content and the decision, stored once and for all."""

from collections.abc import Mapping
from typing import Any, Literal, NamedTuple

import orjson

OutcomeRow = tuple[str, bytes, str, int, int, bytes, bytes]
"""An outcome as a row: id, fingerprint, status, first and last position, body, result."""

JUDGED_AT = "judged_at"
"""Key in the result of a stored refusal: when it was judged, in microseconds."""

Status = Literal["accepted", "rejected", "group_failed"]


class Head(NamedTuple):
    """The end of the log: its last position and when that was recorded (0, 0 when empty)."""

    position: int
    recorded_at: int


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

    def as_row(self) -> OutcomeRow:
        """Return the outcome as a row."""
        result = orjson.dumps(dict(self.result)) if self.result else b"{}"
        return (*self[:6], result)

    @classmethod
    def of_row(cls, row: OutcomeRow) -> "Outcome":
        """Return the outcome of a row.

        >>> row = ("c-1", b"digest", "accepted", 1, 1, b"{}", b"{}")
        >>> Outcome.of_row(row).as_row() == row
        True
        """
        return cls(*row[:6], orjson.loads(row[6]))  # type: ignore[arg-type]

    def is_same_as(self, other: "Outcome | None") -> bool:
        """Return whether another outcome is of the same command, decided at the same position."""
        return other is not None and self[:5] == other[:5]
