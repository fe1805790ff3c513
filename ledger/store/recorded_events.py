"""Recorded events, read from the rows of their commands."""

from collections.abc import Collection, Container, Iterator

from stocktrail.ledger.base.aggregate import RecordedEvent
from stocktrail.ledger.base.event import SKIPPED
from stocktrail.ledger.catalogue import CATALOGUE
from stocktrail.ledger.store.command_row import CommandRow, read_entries


def recorded_events(
    row: CommandRow, categories: Collection[str] | None = None,
    streams: Container[str] | None = None,
) -> Iterator[RecordedEvent]:
    """Yield the events of a row; with ``streams``, those of these alone.

    Where ``categories`` are given, payloads in streams of other categories are not read:
    :data:`~stocktrail.ledger.base.event.SKIPPED` stands for them.
    """
    read = CATALOGUE.read
    position, recorded_at, occurred_at = row.first_position, row.recorded_at, row.occurred_at
    rest = (
        row.belongs_to, row.correlation_id, row.causation_id, row.actor, row.credential,
        row.group_sequence,
    )
    for place, entry in enumerate(read_entries(row.events)):
        stream = entry.stream
        if streams is not None and stream not in streams:
            continue
        payload = (
            read(entry.type, entry.payload)
            if categories is None or stream.partition("/")[0] in categories else SKIPPED
        )
        yield RecordedEvent(
            stream, entry.version, payload, position + place,
            occurred_at if entry.occurred_at is None else entry.occurred_at,
            recorded_at + place if entry.recorded_at is None else entry.recorded_at, *rest,
        )
