"""Reading the log of a ledger in PostgreSQL: one round trip for a question.

While a group is decided nothing is locked; its reads are limited to the head that it began with, so
that later appends of other writers are never partly visible.
"""

import threading
from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeVar

from eventsourcing.persistence import StoredEvent
from psycopg.rows import tuple_row

from stocktrail.ledger.store.mapper import StoredRow
from stocktrail.ledger.store.outcome import Head, Outcome
from stocktrail.ledger.store.postgres.arrays import texts
from stocktrail.ledger.store.postgres.datastore import ConnectionLost, PostgresLedgerDatastore
from stocktrail.ledger.store.postgres.pipeline import (
    BYTEA,
    INT8,
    TEXT,
    TEXT_ARRAY,
    Statement,
    run_pipeline,
)
from stocktrail.ledger.store.recorder import LedgerRecorder
from stocktrail.ledger.store.time_limit import seconds_left

_T = TypeVar("_T")

_OUTCOME_COLUMNS = "command_id, fingerprint, status, first_position, last_position, body, result"
_ROW_COLUMNS = (
    "originator_id, originator_version, topic, state, position, occurred_at, recorded_at, "
    "command_id, correlation_id, causation_id, actor"
)
_STREAMS_AT_ONCE = 1000
_STREAMS = """
WITH RECURSIVE found(name) AS (
    (SELECT originator_id FROM stored_events WHERE originator_id > %(after)s
        AND originator_id < %(end)s ORDER BY originator_id LIMIT 1)
    UNION ALL
    SELECT (SELECT originator_id FROM stored_events WHERE originator_id > found.name
        AND originator_id < %(end)s ORDER BY originator_id LIMIT 1)
    FROM found WHERE found.name IS NOT NULL
)
SELECT name FROM found WHERE name IS NOT NULL LIMIT %(limit)s
"""
_SEEN = """
SELECT originator_version FROM stored_events WHERE originator_id = %s AND position <= %s
ORDER BY originator_version DESC LIMIT 1
"""
OUTCOMES = f"SELECT {_OUTCOME_COLUMNS} FROM stored_commands WHERE command_id = ANY(%s)"
# One statement, so that snapshots and the rows after them are consistent; position 0 marks a
# snapshot. OFFSET 0 and position + 0 force the planner to look up each stream through its index,
# even in a table without statistics, where it would otherwise scan by position.
_HISTORIES = Statement(
    b"histories",
    f"""
    WITH newest AS MATERIALIZED (
        SELECT a.name, s.originator_version, s.topic, s.state FROM unnest($1) AS a(name)
        LEFT JOIN LATERAL (
            SELECT * FROM stored_snapshots WHERE originator_id = a.name
            AND ($2 IS NULL OR originator_version <= (
                SELECT originator_version FROM stored_events
                WHERE originator_id = a.name AND position + 0 <= $2
                ORDER BY originator_version DESC LIMIT 1
            ))
            ORDER BY originator_version DESC LIMIT 1
        ) s ON true
    )
    SELECT name, originator_version, topic, state, 0, 0, 0, NULL, NULL, NULL, NULL
    FROM newest WHERE originator_version IS NOT NULL
    UNION ALL
    SELECT {', '.join(f'e.{name}' for name in _ROW_COLUMNS.split(', '))}
    FROM newest n CROSS JOIN LATERAL (
        SELECT * FROM stored_events
        WHERE originator_id = n.name AND originator_version > coalesce(n.originator_version, 0)
        ORDER BY originator_version OFFSET 0
    ) e
    WHERE $2 IS NULL OR e.position <= $2
    ORDER BY 1, 2
    """.encode(),
    (TEXT_ARRAY, INT8),
    (TEXT, INT8, TEXT, BYTEA, INT8, INT8, INT8, TEXT, TEXT, TEXT, TEXT),
)

# Versions of a stream and recorded times increase with positions: both use binary search.
_VERSION_AT = """
WITH RECURSIVE half(low, high) AS (
    SELECT 0::bigint, coalesce(max(originator_version), 0) FROM stored_events
        WHERE originator_id = %(stream)s
    UNION ALL
    SELECT CASE WHEN seen THEN middle ELSE low END, CASE WHEN seen THEN high ELSE middle - 1 END
    FROM half, LATERAL (SELECT (low + high + 1) / 2 AS middle) m, LATERAL (
        SELECT position <= %(position)s AS seen FROM stored_events
        WHERE originator_id = %(stream)s AND originator_version = middle
    ) s WHERE low < high
)
SELECT low FROM half WHERE low >= high
"""
_POSITION_AT = """
WITH RECURSIVE half(low, high) AS (
    SELECT 0::bigint, position FROM ledger_head
    UNION ALL
    SELECT CASE WHEN seen THEN middle ELSE low END, CASE WHEN seen THEN high ELSE middle - 1 END
    FROM half, LATERAL (SELECT (low + high + 1) / 2 AS middle) m, LATERAL (
        SELECT e.recorded_at <= %(recorded_at)s AS seen FROM stored_events e
        WHERE e.position = middle
    ) s WHERE low < high
)
SELECT low FROM half WHERE low >= high
"""


class PostgresReading(LedgerRecorder):
    """Reads the rows of a ledger in PostgreSQL."""

    datastore: PostgresLedgerDatastore
    _deciding: threading.local

    def head(self) -> Head:
        """Return the end of the log."""
        return Head(*self._fetch("SELECT position, recorded_at FROM ledger_head")[0])

    def rows(
        self, after: int, limit: int, stop: int | None = None, topics: Sequence[str] = ()
    ) -> list[StoredRow]:
        """Return rows by position."""
        condition = "position > %s"
        parameters: list[Any] = [after]
        if stop is not None:
            condition += " AND position <= %s"
            parameters.append(stop)
        if topics:
            condition += " AND topic = ANY(%s)"
            parameters.append(texts(topics))
        return self._select(f"{condition} ORDER BY position LIMIT %s", [*parameters, limit])

    def stream(
        self, stream: str, after_version: int = 0, up_to_version: int | None = None
    ) -> list[StoredRow]:
        """Return the rows of one stream in order of version."""
        condition = "originator_id = %s AND originator_version > %s"
        parameters: list[Any] = [stream, after_version]
        if up_to_version is not None:
            condition += " AND originator_version <= %s"
            parameters.append(up_to_version)
        if (as_of := self._as_of()) is not None:
            condition += " AND position <= %s"
            parameters.append(as_of)
        return self._select(f"{condition} ORDER BY originator_version", parameters)

    def snapshot(self, stream: str, up_to_version: int | None = None) -> StoredEvent | None:
        """Return the newest snapshot of a stream."""
        condition = "originator_id = %s"
        parameters: list[Any] = [stream]
        if up_to_version is not None:
            condition += " AND originator_version <= %s"
            parameters.append(up_to_version)
        if (as_of := self._as_of()) is not None:
            condition += f" AND originator_version <= ({_SEEN})"
            parameters += [stream, as_of]
        rows = self._fetch(
            "SELECT originator_id, originator_version, topic, state FROM stored_snapshots "
            f"WHERE {condition} ORDER BY originator_version DESC LIMIT 1", parameters,
        )
        return StoredEvent(*rows[0]) if rows else None

    def histories(self, streams: Sequence[str]) -> tuple[list[StoredEvent], list[StoredRow]]:
        """Load many streams at once, each from its newest snapshot on."""
        def read() -> list[tuple[Any, ...]]:
            with self.datastore.get_connection() as connection:
                asked = [(_HISTORIES, [texts(streams), self._as_of()])]
                return run_pipeline(connection, asked)[0]

        rows = retry_once(read) if streams else []
        return (
            [StoredEvent(*row[:4]) for row in rows if not row[4]],
            [StoredRow(*row) for row in rows if row[4]],
        )

    def version_at(self, stream: str, position: int) -> int:
        """Return the last version of a stream at or before a position."""
        rows = self._fetch(_VERSION_AT, {"stream": stream, "position": position})
        return int(rows[0][0])

    def position_at(self, recorded_at: int) -> int:
        """Return the last position recorded by an instant, by binary search."""
        return int(self._fetch(_POSITION_AT, {"recorded_at": recorded_at})[0][0])

    def streams(self, category: str) -> Iterator[str]:
        """Yield the streams of a category in order, with one index lookup each."""
        last, end = f"{category}/", f"{category}0"
        while True:
            found = self._fetch(_STREAMS, {"after": last, "end": end, "limit": _STREAMS_AT_ONCE})
            for [name] in found:
                if self._as_of() is None or self._fetch(_SEEN, [name, self._as_of()]):
                    yield name
            if len(found) < _STREAMS_AT_ONCE:
                return
            last = found[-1][0]

    def outcomes(self, command_ids: Sequence[str]) -> dict[str, Outcome]:
        """Return outcomes by command id."""
        if not command_ids:
            return {}
        rows = self._fetch(OUTCOMES, [texts(command_ids)])
        return {row[0]: Outcome.of_row(row) for row in rows}

    def outcomes_after(self, sequence: int, limit: int) -> list[tuple[int, Outcome]]:
        """Return outcomes in the order in which the commands were decided."""
        rows = self._fetch(
            f"SELECT {_OUTCOME_COLUMNS}, sequence FROM stored_commands WHERE sequence > %s "
            "ORDER BY sequence LIMIT %s", [sequence, limit],
        )
        return [(row[7], Outcome.of_row(row[:7])) for row in rows]

    def _as_of(self) -> int | None:
        return getattr(self._deciding, "position", None)

    def _select(self, condition: str, parameters: Sequence[Any]) -> list[StoredRow]:
        query = f"SELECT {_ROW_COLUMNS} FROM stored_events WHERE {condition}"
        return [StoredRow(*row) for row in self._fetch(query, parameters)]

    def _fetch(self, query: str, parameters: Any = ()) -> list[Any]:
        seconds_left()

        def fetch() -> list[Any]:
            with (
                self.datastore.get_connection() as connection,
                connection.cursor(row_factory=tuple_row, binary=True) as cursor,
            ):
                cursor.execute(query.encode(), parameters)
                return cursor.fetchall()

        return retry_once(fetch)


def retry_once(attempt: Callable[[], _T]) -> _T:
    """Retry a read on a new connection when its connection broke."""
    try:
        return attempt()
    except ConnectionLost:
        return attempt()
