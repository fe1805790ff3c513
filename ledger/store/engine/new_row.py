"""What is to be recorded of commands: their rows, and where their events are."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal, NamedTuple

import orjson

from stocktrail.ledger.base.aggregate import RecordedEvent
from stocktrail.ledger.store.command_row import (
    MOST_EVENTS,
    NOTHING,
    CommandRow,
    IndexRow,
    NewEntry,
    parts_of,
    write_entries,
)
from stocktrail.ledger.store.engine.unit_of_work import Header
from stocktrail.ledger.store.outcome import Outcome
from stocktrail.ledger.written import WRITE


class NewRow(NamedTuple):
    """What is to be recorded of one command: its row, before its result and events are written."""

    sequence: int
    first_position: int
    last_position: int
    occurred_at: int
    recorded_at: int
    command_id: str
    fingerprint: bytes
    status: Literal["accepted", "rejected", "group_failed"]
    body: bytes
    result: Mapping[str, Any]
    header: Header
    events: Sequence[RecordedEvent] = ()

    @property
    def outcome(self) -> Outcome:
        """What became of the command."""
        return Outcome(
            self.command_id, self.fingerprint, self.status, self.first_position,
            self.last_position, self.body, self.result, self.sequence, self.recorded_at,
        )

    @property
    def parts(self) -> int:
        """How many rows it takes."""
        return max(1, -(-len(self.events) // MOST_EVENTS))

    def alone(self) -> "NewRow":
        """Return the row of a command of whose atomic group nothing else is new."""
        return self._replace(header=(*self.header[:4], None))

    def entries(self) -> list[NewEntry]:
        """Return its events as they are written, all in one call."""
        occurred_at = self.occurred_at
        return [
            NewEntry(
                event[0], event[1], event[2].topic, event[2].converted(WRITE),
                None if event[4] == occurred_at else event[4],
            )
            for event in self.events
        ]

    def as_row(self, events: bytes) -> CommandRow:
        """Return the row with its events as they are written."""
        result = orjson.dumps(dict(self.result)) if self.result else b"{}"
        return CommandRow(*self[:9], result, events, *self.header)


def rows_and_index(new_rows: Sequence[NewRow]) -> tuple[list[CommandRow], list[IndexRow]]:
    """Return the rows of commands as they are stored, and where their events are."""
    rows: list[CommandRow] = []
    index: list[IndexRow] = []
    for new in new_rows:
        entries, sequence = new.entries(), new.sequence
        if len(entries) > MOST_EVENTS:
            rows += parts_of(new.as_row(NOTHING), entries)
            index += (
                (each.stream, each.version, sequence + place // MOST_EVENTS, place % MOST_EVENTS)
                for place, each in enumerate(entries)
            )
        else:
            rows.append(new.as_row(write_entries(entries) if entries else NOTHING))
            index += (
                (event[0], event[1], sequence, place) for place, event in enumerate(new.events)
            )
    return rows, index
