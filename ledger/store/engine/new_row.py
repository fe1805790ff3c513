"""What is to be recorded of commands: their rows, and where their events are."""

from collections.abc import Sequence
from typing import NamedTuple

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
    """What is to be recorded of one command: what was asked, what became of it, and its events."""

    outcome: Outcome
    header: Header
    occurred_at: int
    events: Sequence[RecordedEvent] = ()

    @property
    def parts(self) -> int:
        """How many rows it takes."""
        return 1 if len(self.events) <= MOST_EVENTS else -(-len(self.events) // MOST_EVENTS)

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
        (
            command_id, fingerprint, status, first, last, body, result, sequence, recorded_at,
        ) = self.outcome
        return CommandRow(
            sequence, first, last, self.occurred_at, recorded_at, command_id, fingerprint, status,
            body, orjson.dumps(dict(result)) if result else b"{}", events, *self.header,
        )


def rows_and_index(new_rows: Sequence[NewRow]) -> tuple[list[CommandRow], list[IndexRow]]:
    """Return the rows of commands as they are stored, and where their events are."""
    rows: list[CommandRow] = []
    index: list[IndexRow] = []
    for new in new_rows:
        entries, sequence = new.entries(), new.outcome.sequence
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
