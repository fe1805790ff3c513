"""Times of events by position, without reading their payloads."""

from collections.abc import Iterable
from typing import Literal

from stocktrail.ledger.store.application import Ledger
from stocktrail.ledger.store.errors import translate_errors

_AT_ONCE = 500


def times_at(
    ledger: Ledger, clock: Literal["occurred_at", "recorded_at"], positions: Iterable[int]
) -> dict[int, int]:
    """Return when the events at some positions occurred, or were recorded, by position."""
    wanted, found = sorted(set(positions)), {}
    for start in range(0, len(wanted), _AT_ONCE):
        asked = {f"p{n}": each for n, each in enumerate(wanted[start : start + _AT_ONCE])}
        names = ", ".join(f":{name}" for name in asked)
        with translate_errors(ledger.where), ledger.datastore.reading_models() as cursor:
            cursor.execute(
                f"SELECT position, {clock} FROM stored_events WHERE position IN ({names})", asked
            )
            found.update({row[0]: row[1] for row in cursor.fetchall()})
    return found
