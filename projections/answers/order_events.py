"""The events of an order: its own, and those of its items that are about its lines.

What happens to an item while a line is open is in the item's stream, with the events of every other
order. The read models know where each line was touched (spans and line states); all else was
recorded by a command that the order's own stream names. So an explanation reads the rows of those
commands, however many events its items have: one of an item with 53,000 of them took 1.7 s of
processor (2026-11-30).
"""

from collections.abc import Collection, Iterable, Iterator

from stocktrail.ledger.base.aggregate import RecordedEvent
from stocktrail.ledger.orders.state import Order
from stocktrail.ledger.stock.state import ProductStock
from stocktrail.ledger.store import Ledger
from stocktrail.ledger.store.command_row import MOST_EVENTS, CommandRow
from stocktrail.ledger.store.errors import translate_errors
from stocktrail.ledger.store.log_reading import LogReading
from stocktrail.ledger.store.recorded_events import recorded_events
from stocktrail.projections.models.changes import changes_of
from stocktrail.projections.models.line_states import LINE_STATE
from stocktrail.projections.models.open_spans import SALE, spans_of
from stocktrail.projections.read_models import Reading

ROWS_AT_ONCE = 400


def events_of_order(
    ledger: Ledger, reading: Reading, order_id: str, skus: Collection[str], until: int
) -> list[RecordedEvent]:
    """Return the events of an order, and of some of its items about it, up to a position."""
    own = Order.stream_of(order_id)
    streams = {own, *(ProductStock.stream_of(sku) for sku in skus)}
    with translate_errors(ledger.where):
        rows = _rows_of_commands(ledger.log_recorder, own, until)
        held = {
            position for row in rows.values()
            for position in range(row.first_position, row.last_position + 1)
        }
        touched = sorted({
            position for position in _touched(reading, order_id)
            if position <= until and position not in held
        })
        sequences = ledger.log_recorder.sequences_at(touched)
        rows |= _rows_at(ledger.log_recorder, set(sequences.values()) - rows.keys())
    return [
        recorded for _, row in sorted(rows.items())
        for recorded in recorded_events(row, streams=streams)
        if recorded.position <= until and is_about(recorded, order_id)
    ]


def is_about(recorded: RecordedEvent, order_id: str) -> bool:
    """Return whether an event is one of an order, or of an item and about a line of the order."""
    event = recorded.payload
    if getattr(event, "order", None) == order_id:
        return True
    return any(line[0] == order_id for line in changes_of(event).lines)


def _touched(reading: Reading, order_id: str) -> Iterator[int]:
    """Yield the positions at which a line of an order changed or ended."""
    tables, cursor, _ = reading
    for row in tables.table(LINE_STATE).rows_of(cursor, "order_id", [order_id]):
        yield row["position"]
    for span in spans_of(tables, cursor, SALE, [order_id]):
        if span["until"] is not None:
            yield span["until"]


def _rows_of_commands(log: LogReading, stream: str, until: int) -> dict[int, CommandRow]:
    """Return the rows of the commands that recorded the events of a stream, in all their parts.

    Those of a command that goes on beyond a position are among them, those of most later ones not.
    """
    rows: dict[int, CommandRow] = {}
    version = 0
    while found := log.sequences_of_stream(stream, version, ROWS_AT_ONCE):
        rows |= _rows_at(log, {sequence for _, sequence in found} - rows.keys())
        version, last = found[-1]
        if len(found) < ROWS_AT_ONCE or rows[last].first_position > until:
            break
    while before := {each.sequence - 1 for each in rows.values() if each.status == "part"} - (
        rows.keys()
    ):
        rows |= _rows_at(log, before)
    following = {
        each.sequence + part for each in rows.values()
        for part in range(1, (each.last_position - each.first_position) // MOST_EVENTS + 1)
    }
    return rows | _rows_at(log, following - rows.keys())


def _rows_at(log: LogReading, sequences: Iterable[int]) -> dict[int, CommandRow]:
    return {row.sequence: row for row in log.rows_at(list(sequences))}
