"""Events at many positions, and versions of many streams, in as few statements as they take."""

from collections.abc import Sequence

from stocktrail.ledger.base.aggregate import RecordedEvent
from stocktrail.ledger.store.application import Ledger
from stocktrail.ledger.store.errors import translate_errors
from stocktrail.ledger.store.recorded_events import recorded_events


def events_at(ledger: Ledger, positions: Sequence[int]) -> list[RecordedEvent]:
    """Return the events at some positions, in the order of the log."""
    log, asked = ledger.log_recorder, set(positions)
    found: list[RecordedEvent] = []
    with translate_errors(ledger.where):
        sequences = set(log.sequences_at(sorted(asked)).values())
        for row in log.rows_at(list(sequences)):
            found += (each for each in recorded_events(row) if each.position in asked)
    return found


def versions_at(ledger: Ledger, streams: Sequence[str], position: int) -> dict[str, int]:
    """Return the last versions of some streams at or before a position, 0 where there is none."""
    with translate_errors(ledger.where):
        return ledger.log_recorder.versions_at(streams, position)
