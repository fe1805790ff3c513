"""Results: what became of each command, in the order of the input."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal, NamedTuple, Self

import orjson

from stocktrail.commands.scripts.named_errors import named
from stocktrail.ledger.base.aggregate import RecordedEvent
from stocktrail.ledger.instant import to_iso
from stocktrail.ledger.refusal import Refusal
from stocktrail.ledger.store.engine.decided import NOTHING

Status = Literal[
    "accepted", "rejected", "invalid", "conflict", "group_failed", "skipped", "duplicate"
]

DONE = frozenset(("accepted", "duplicate"))
"""The statuses of commands that are recorded."""

_CAUSES = ("command_id", "correlation_id", "actor", "credential")

_EXIT = {"rejected": 3, "group_failed": 3, "skipped": 3, "invalid": 4, "conflict": 4}


def exit_status(statuses: Iterable[str]) -> int:
    """Return the exit status for a run: 0 all recorded, 3 some rejected, 4 invalid or conflicting.

    Of several the highest.

    >>> exit_status(["accepted", "rejected", "duplicate"])
    3
    """
    return max((_EXIT.get(status, 0) for status in statuses), default=0)


class Result(NamedTuple):
    """What became of one command.

    ``position`` is where the ledger stood afterwards: the command's last event, or what a refusal
    was judged against. ``dry_run`` means that nothing was recorded. ``first_judged_at``, a position
    and a time, tells a refusal that is kept, and told again, from a new one; earlier versions kept
    no time.
    """

    status: Status
    line: int | None = None
    id: str | None = None
    command: str | None = None
    position: int | None = None
    recorded: Sequence[RecordedEvent] = ()
    messages: Sequence[str] = ()
    code: str | None = None
    message: str | None = None
    details: Mapping[str, Any] = NOTHING
    errors: Sequence[dict[str, str]] = ()
    judged_at: int | None = None
    first_judged_at: Mapping[str, Any] | None = None

    @property
    def is_recorded(self) -> bool:
        """Whether the command is recorded: now, or when it was sent before."""
        return self.status in DONE

    def raise_for_status(self) -> Self:
        """Return the result when the command is recorded, and raise a refusal when it is not."""
        if self.is_recorded:
            return self
        if self.code is not None:
            raise Refusal(self.code, self.message or "", **self.details)
        for error in self.errors:
            raise Refusal(error["code"], error["message"], pointer=error["pointer"])
        raise Refusal("skipped", "This was not tried, because one before it was not recorded.")

    def loaded(self) -> Self:
        """Return the result with what a duplicate recorded, read now: it outlives its ledger."""
        return self._replace(recorded=list(self.recorded))

    @property
    def events(self) -> list[dict[str, Any]]:
        """The events of the command as JSON objects."""
        return [event_as_json(event) for event in self.recorded]

    def to_json(self) -> bytes:
        """Write the result as the JSON object of the contract.

        The data of events stand in it as they are stored, not read and written again.
        """
        return orjson.dumps(self._as_json([
            _event_as_json(event, orjson.Fragment(event.payload.to_json()))
            for event in self.recorded
        ]))

    def as_json(self) -> dict[str, Any]:
        """Return the result as the JSON object of the contract."""
        return self._as_json(self.events)

    def _as_json(self, events: Sequence[dict[str, Any]]) -> dict[str, Any]:
        found: dict[str, Any] = {
            "line": self.line, "id": self.id, "command": self.command, "status": self.status,
            "position": self.position,
        }
        if self.judged_at is not None:
            found |= {"dry_run": True, "judged_at": self.judged_at}
        if self.is_recorded:
            found |= {"events": events, "messages": list(self.messages)}
        if self.code is not None:
            found |= {"code": self.code, "message": self.message, "details": dict(self.details)}
        if self.first_judged_at is not None:
            found["first_judged_at"] = dict(self.first_judged_at)
        if self.errors:
            every = named(self.errors)
            found["errors"] = list(every)
            if every.total > len(every):
                found["error_count"] = every.total
        return found


def event_as_json(event: RecordedEvent) -> dict[str, Any]:
    """Return a recorded event as JSON: its place, its type, its times, who caused it, its data."""
    return _event_as_json(event, orjson.loads(event.payload.to_json()))


def _event_as_json(event: RecordedEvent, data: Any) -> dict[str, Any]:
    found = {
        "position": event.position,
        "type": type(event.payload).__name__,
        "stream": event.originator_id,
        "version": event.originator_version,
        "occurred_at": to_iso(event.occurred_at),
        "recorded_at": to_iso(event.recorded_at),
    }
    for name in _CAUSES:
        cause = getattr(event, name)
        if cause is not None:
            found[name] = cause
    found["data"] = data
    return found
