"""Recorded events, read from the rows of their commands."""

from collections.abc import Container, Iterator

from stocktrail.ledger.base.aggregate import RecordedEvent
from stocktrail.ledger.catalogue import CATALOGUE
from stocktrail.ledger.store.command_row import CommandRow, read_entries


def recorded_events(
    row: CommandRow, streams: Container[str] | None = None
) -> Iterator[RecordedEvent]:
    """Yield the events of a row; with ``streams``, those of these alone.

    Payloads are read where they stand, without a copy.
    """
    read = CATALOGUE.read
    position, recorded_at, occurred_at = row.first_position, row.recorded_at, row.occurred_at
    rest = (
        row.belongs_to, row.correlation_id, row.causation_id, row.actor, row.credential,
        row.group_sequence, row.sequence,
    )
    for place, entry in enumerate(read_entries(row.events)):
        stream = entry.stream
        if streams is not None and stream not in streams:
            continue
        payload = entry.data if entry.base64 is None else entry.payload
        yield RecordedEvent(
            stream, entry.version, read(entry.type, payload), position + place,
            occurred_at if entry.occurred_at is None else entry.occurred_at,
            recorded_at + place if entry.recorded_at is None else entry.recorded_at, *rest,
        )
