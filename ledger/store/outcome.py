"""What is kept of every command for ever: its id, its content, and what became of it."""

from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

Status = Literal["accepted", "rejected", "group_failed"]


class Head(NamedTuple):
    """The end of the log: its last position and when that was recorded (0, 0 when empty)."""

    position: int
    recorded_at: int


@dataclass(frozen=True, slots=True)
class Outcome:
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
    result: dict[str, Any] = field(default_factory=dict)

    def is_same_as(self, other: "Outcome | None") -> bool:
        """Tell whether another outcome is of the same command, decided at the same place."""
        return other is not None and self._place() == other._place()

    def _place(self) -> tuple[object, ...]:
        return (
            self.command_id, self.fingerprint, self.status, self.first_position, self.last_position
        )
