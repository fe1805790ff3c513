"""The tables that are exported: events, outcomes, stock history, and the three backorder views.

All are about one position, and are read as they are written, so that only a part of any is held in
memory. What a customer is called stays encrypted, as it is in the log.
"""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any, NamedTuple, get_args

import orjson

from stocktrail.interfaces.parquet.columns import Scalar, TypedColumn, columns_of
from stocktrail.ledger.quantity import SCALE
from stocktrail.ledger.store import Ledger
from stocktrail.ledger.store.command_row import CommandRow
from stocktrail.ledger.store.recorded_events import recorded_events
from stocktrail.projections.models.stock_history import STOCK_HISTORY
from stocktrail.projections.questions.backorders import VIEWS, Backorders, View
from stocktrail.projections.questions.history import HistoryRow
from stocktrail.projections.read_models import ReadModels

Row = Mapping[str, Any]

_ROWS_OF_LOG = 500
_ROWS_OF_HISTORY = 5_000
_ROWS_OF_VIEW = 5_000


class ParquetTable(NamedTuple):
    """A table that becomes a file: its name, its columns, and its rows as they are read."""

    name: str
    columns: tuple[TypedColumn, ...]
    rows: Iterator[Row]


class ExportedMoment(NamedTuple):
    """What is exported: a position with the last row of the log by then, and what was asked."""

    position: int
    sequence: int
    as_of: str | None
    today: str | None


def tables_as_of(models: ReadModels, moment: ExportedMoment) -> Iterator[ParquetTable]:
    """Yield the tables, all as of one moment; each has to be read before the next one is."""
    ledger = models.ledger
    yield ParquetTable("events", EVENTS, _events(ledger, moment))
    yield ParquetTable("outcomes", OUTCOMES, _outcomes(ledger, moment))
    yield ParquetTable("stock_history", STOCK_MOVEMENTS, _movements(models, moment))
    for view in get_args(View):
        yield ParquetTable(
            f"backorders_by_{view}", columns_of(VIEWS[view].row), _backorders(models, view, moment)
        )


def _columns(**kinds: Scalar) -> tuple[TypedColumn, ...]:
    return tuple(TypedColumn(name, kind) for name, kind in kinds.items())


_SENDER = _columns(
    command_id="text", correlation_id="text", causation_id="text", actor="text",
    credential="text", group_sequence="whole",
)
_ABOUT = ("sku", "source", "pool", "order", "purchase_order", "customer")

EVENTS: tuple[TypedColumn, ...] = (
    *_columns(
        position="whole", recorded_at="moment", occurred_at="moment", type="text", stream="text",
        version="whole",
    ),
    *_SENDER, *(TypedColumn(name, "text") for name in _ABOUT),
    *_columns(quantity="quantity", data="text", sentence="text"),
)
"""The columns of events; what most of them are about has columns of its own beside ``data``."""

OUTCOMES: tuple[TypedColumn, ...] = (
    *_columns(
        sequence="whole", status="text", code="text", command="text", first_position="whole",
        last_position="whole", recorded_at="moment", occurred_at="moment",
    ),
    *_SENDER, *_columns(body="text", result="text"),
)
"""The columns of outcomes: what was asked, and what became of it."""

STOCK_MOVEMENTS: tuple[TypedColumn, ...] = (TypedColumn("sku", "text"), *columns_of(HistoryRow))
"""The columns of the stock history: a row for every change at a source, or in a pool."""


def _log(ledger: Ledger, moment: ExportedMoment) -> Iterator[CommandRow]:
    after = 0
    while after < moment.sequence:
        rows = ledger.sealed_log.rows(after, moment.sequence, _ROWS_OF_LOG)
        yield from (row for row, _ in rows)
        after = rows[-1][0].sequence if rows else moment.sequence


def _events(ledger: Ledger, moment: ExportedMoment) -> Iterator[Row]:
    for row in _log(ledger, moment):
        for recorded in recorded_events(row):
            written = recorded.payload.to_json()
            data = orjson.loads(written)
            quantity = data.get("quantity")
            about = {name: data.get(name) for name in _ABOUT}
            yield {
                "position": recorded.position, "recorded_at": recorded.recorded_at,
                "occurred_at": recorded.occurred_at, "type": type(recorded.payload).__name__,
                "stream": recorded.originator_id, "version": recorded.originator_version,
                "command_id": recorded.command_id, "correlation_id": recorded.correlation_id,
                "causation_id": recorded.causation_id, "actor": recorded.actor,
                "credential": recorded.credential, "group_sequence": recorded.group,
                **{name: text for name, text in about.items() if isinstance(text, str)},
                "quantity": quantity if isinstance(quantity, (int, float)) else None,
                "data": written.decode(), "sentence": recorded.payload.sentence,
            }


def _outcomes(ledger: Ledger, moment: ExportedMoment) -> Iterator[Row]:
    for row in _log(ledger, moment):
        if row.command_id is None or row.status == "part":
            continue
        result = orjson.loads(row.result) if row.result else {}
        yield {
            **{name: getattr(row, name) for name in _OF_ROW},
            "command_id": row.belongs_to,
            "code": result.get("code"),
            "command": orjson.loads(row.body).get("command"),
            "body": row.body.decode(), "result": row.result.decode(),
        }


_OF_ROW = (
    "sequence", "status", "first_position", "last_position", "recorded_at", "occurred_at",
    "correlation_id", "causation_id", "actor", "credential", "group_sequence",
)


def _movements(models: ReadModels, moment: ExportedMoment) -> Iterator[Row]:
    """Yield every movement, item by item, in the order in which they were recorded."""
    names = [column.name for column in STOCK_MOVEMENTS]
    last: dict[str, Any] = {"sku": "", "position": 0, "number": -1}
    while True:
        with models.reading() as reading:
            rows = reading.place.table(STOCK_HISTORY).rows(
                reading.cursor,
                "WHERE (sku, position, number) > (:sku, :position, :number) "
                "AND position <= :until ORDER BY sku, position, number LIMIT :most",
                until=moment.position, most=_ROWS_OF_HISTORY, **last,
            )
        for row in rows:
            yield {name: row[name] for name in names} | {
                name: Decimal(row[name]) / SCALE for name in ("delta", "quantity_after")
            }
        if len(rows) < _ROWS_OF_HISTORY:
            return
        last = {name: rows[-1][name] for name in last}


def _backorders(models: ReadModels, view: View, moment: ExportedMoment) -> Iterator[Row]:
    asked = Backorders(
        by=view, as_of=moment.as_of, today=moment.today, limit=_ROWS_OF_VIEW
    )
    while True:
        page = asked.answer(models)
        yield from page["rows"]
        if page["next"] is None:
            return
        asked = asked.model_copy(update={"after": page["next"]})
