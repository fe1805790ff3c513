"""The events of one command, from one of them: they stand next to each other in the log."""

from stocktrail.ledger.base.aggregate import RecordedEvent
from stocktrail.ledger.store import Ledger
from stocktrail.ledger.store.errors import translate_errors


def events_of_same_command(ledger: Ledger, first: RecordedEvent) -> list[RecordedEvent]:
    """Return the events of a command whose first one is given, in the order of the log."""
    with translate_errors(ledger.where):
        [row] = ledger.log_recorder.rows_at([first.sequence])
    begin = row.first_position - 1
    return ledger.read(begin, row.last_position - begin)
