"""Times of events by position, without reading their payloads."""

from collections.abc import Iterable
from typing import Literal

from stocktrail.ledger.store.application import Ledger
from stocktrail.ledger.store.command_row import read_entries
from stocktrail.ledger.store.errors import translate_errors

_AT_ONCE = 500


def times_at(
    ledger: Ledger, clock: Literal["occurred_at", "recorded_at"], positions: Iterable[int]
) -> dict[int, int]:
    """Return when the events at some positions occurred, or were recorded, by position."""
    wanted = sorted(set(positions))
    found: dict[int, int] = {}
    for start in range(0, len(wanted), _AT_ONCE):
        with translate_errors(ledger.where):
            rows = ledger.log_recorder.rows_at(wanted[start : start + _AT_ONCE])
        for position, row in rows.items():
            entry = read_entries(row.events)[position - row.first_position]
            if clock == "occurred_at":
                time = row.occurred_at if entry.occurred_at is None else entry.occurred_at
            else:
                offset = position - row.first_position
                time = row.recorded_at + offset if entry.recorded_at is None else entry.recorded_at
            found[position] = time
    return found
