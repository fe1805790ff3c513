"""Reading the log of a ledger in PostgreSQL: one round trip for a question.

While a group is decided nothing is locked; its reads are limited to the head that it began with, so
that later appends of other writers are never partly visible.
"""

import threading
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from eventsourcing.persistence import StoredEvent
from psycopg.rows import tuple_row

from stocktrail.ledger.store.command_row import COLUMNS, CommandRow, stored_rows
from stocktrail.ledger.store.log_reading import MAX_POSITION, LogReading
from stocktrail.ledger.store.mapper import StoredRow
from stocktrail.ledger.store.outcome import Head, Outcome
from stocktrail.ledger.store.postgres.arrays import texts
from stocktrail.ledger.store.postgres.cursor import to_postgres
from stocktrail.ledger.store.postgres.datastore import ConnectionLost, PostgresLedgerDatastore
from stocktrail.ledger.store.postgres.outcome_queries import outcomes_by_id
from stocktrail.ledger.store.postgres.pipeline import (
    BYTEA,
    INT8,
    TEXT,
    TEXT_ARRAY,
    Statement,
    run_pipeline,
)
from stocktrail.ledger.store.time_limit import seconds_left

_T = TypeVar("_T")

# One statement, so that snapshots and the rows after them are consistent. A snapshot comes as a row
# with the sequence 0: its version as a position, its stream as a command id, its topic as a status.
# OFFSET 0 forces the planner to look up each stream and each row through its index, even in a table
# without statistics.
_HISTORIES = Statement(
    b"histories",
    f"""
    WITH newest AS MATERIALIZED (
        SELECT a.name, s.originator_version AS version, s.topic, s.state
        FROM unnest((SELECT $1)) AS a(name) LEFT JOIN LATERAL (
            SELECT * FROM stored_snapshots WHERE originator_id = a.name
            AND ((SELECT $2) IS NULL OR originator_version <= (
                SELECT version FROM stream_index WHERE stream = a.name AND sequence <= (SELECT $2)
                ORDER BY version DESC LIMIT 1
            ))
            ORDER BY originator_version DESC LIMIT 1
        ) s ON true
    ), following AS (
        SELECT DISTINCT i.sequence FROM newest n CROSS JOIN LATERAL (
            SELECT sequence FROM stream_index
            WHERE stream = n.name AND version > coalesce(n.version, 0) OFFSET 0
        ) i WHERE (SELECT $2) IS NULL OR i.sequence <= (SELECT $2)
    )
    SELECT 0, version, 0, 0, 0, name, ''::bytea, topic, state, ''::bytea, ''::bytea,
        NULL, NULL, NULL, NULL, NULL
    FROM newest WHERE version IS NOT NULL
    UNION ALL
    SELECT {', '.join(f'c.{name}' for name in COLUMNS.split(', '))}
    FROM following f CROSS JOIN LATERAL (
        SELECT * FROM commands WHERE sequence = f.sequence OFFSET 0
    ) c
    ORDER BY 1
    """.encode(),
    (TEXT_ARRAY, INT8),
    (*(INT8,) * 5, TEXT, BYTEA, TEXT, BYTEA, BYTEA, BYTEA, TEXT, TEXT, TEXT, TEXT, INT8),
)


class PostgresReading(LogReading):
    """Reads the log of a ledger in PostgreSQL."""

    datastore: PostgresLedgerDatastore
    _deciding: threading.local

    def histories(
        self, streams: Sequence[str], until: int | None = None
    ) -> tuple[list[StoredEvent], list[StoredRow]]:
        """Load many streams at once, each from its newest snapshot on."""
        began_at = self._began_at()
        last = until if began_at is None else began_at.sequence

        def read() -> list[tuple[Any, ...]]:
            with self.datastore.get_connection() as connection:
                asked = [texts(streams), last]
                return run_pipeline(connection, [(_HISTORIES, asked)])[0]

        after = dict.fromkeys(streams, 0)
        snapshots: list[StoredEvent] = []
        found: list[StoredRow] = []
        for row in map(CommandRow._make, retry_once(read) if streams else []):
            if row.sequence:
                found += (
                    each for each in stored_rows(row, after)
                    if each.originator_version > after[str(each.originator_id)]
                )
            else:
                stream, version = str(row.command_id), row.first_position
                snapshots.append(StoredEvent(stream, version, row.status, row.body))
                after[stream] = version
        return snapshots, found

    def events_between(self, after: int, until: int) -> list[tuple[int, bytes]]:
        """Return times and events of rows; those that came with the head need not be read."""
        tail: list[tuple[int, int, bytes]] = getattr(self._deciding, "tail", [])
        if tail and tail[0][0] == after + 1 and tail[-1][0] >= until:
            return [row[1:] for row in tail if row[0] <= until]
        return super().events_between(after, until)

    def outcomes(self, command_ids: Sequence[str]) -> dict[str, Outcome]:
        """Return the outcomes of command ids; ids that were never used are left out."""
        query = outcomes_by_id(":ids", is_partitioned=self.datastore.is_partitioned)
        rows = self._fetch(query, {"ids": texts(command_ids)}) if command_ids else []
        return {row[0]: Outcome.of_row(row) for row in rows}

    def _fetch(self, query: str, parameters: dict[str, Any]) -> list[Any]:
        seconds_left()

        def fetch() -> list[Any]:
            with (
                self.datastore.get_connection() as connection,
                connection.cursor(row_factory=tuple_row, binary=True) as cursor,
            ):
                cursor.execute(to_postgres(query).encode(), parameters)
                return cursor.fetchall()

        return retry_once(fetch)

    def _fetch_among(self, query: str, values: Sequence[str]) -> list[Any]:
        among = query.replace("IN :values", "= ANY(:values)")
        return self._fetch(among, {"values": texts(values)})

    def _end(self) -> int:
        began_at = self._began_at()
        return MAX_POSITION if began_at is None else began_at.position

    def _began_at(self) -> Head | None:
        """Return the head that the group being decided began with; ``None`` outside of one."""
        return getattr(self._deciding, "head", None)


def retry_once(attempt: Callable[[], _T]) -> _T:
    """Retry a read on a new connection when its connection broke."""
    try:
        return attempt()
    except ConnectionLost:
        return attempt()
