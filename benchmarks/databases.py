"""The databases of the benchmarks, and what each of them takes to write the same rows bare.

Two kinds of bare rows are the limits. *Event rows* are a row an event with its metadata and a hash,
and an index by stream, as event stores keep them. *Own rows* are those that the ledger wrote: a row
a command, and an index by stream.
"""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter, process_time
from typing import Any, Literal, NamedTuple

from stocktrail.ledger.store import Ledger
from stocktrail.ledger.store.command_row import index_of
from stocktrail.ledger.store.merkle.leaves import command_leaves
from tests.postgres_server import PostgresServer

Kind = Literal["sqlite", "postgresql"]
KINDS: tuple[Kind, ...] = ("sqlite", "postgresql")
Rows = Sequence[tuple[Any, ...]]

_EVENTS = (
    "CREATE TABLE bare_events (position bigint PRIMARY KEY, originator_id {text} NOT NULL, "
    "originator_version bigint NOT NULL, topic {text} NOT NULL, state {bytes} NOT NULL, "
    "occurred_at bigint NOT NULL, recorded_at bigint NOT NULL, command_id {text}, "
    "correlation_id {text}, causation_id {text}, actor {text}, leaf {bytes})"
)
_EVENT_INDEX = "CREATE UNIQUE INDEX bare_stream ON bare_events (originator_id, originator_version)"
_COMMANDS = (
    "CREATE TABLE bare_commands (sequence bigint PRIMARY KEY, first_position bigint NOT NULL, "
    "last_position bigint NOT NULL, occurred_at bigint NOT NULL, recorded_at bigint NOT NULL, "
    "command_id {text} UNIQUE, fingerprint {bytes} NOT NULL, status {text} NOT NULL, "
    "body {bytes} NOT NULL, result {bytes} NOT NULL, events {bytes} NOT NULL, "
    "correlation_id {text}, causation_id {text}, actor {text}, credential {text}, "
    "group_sequence bigint, leaf {bytes} NOT NULL)"
)
_PLACES = (
    "CREATE TABLE bare_places (stream {text} NOT NULL, version bigint NOT NULL, "
    "sequence bigint NOT NULL, place bigint NOT NULL, PRIMARY KEY (stream, version))"
)
_TYPES = {
    "sqlite": {"text": "TEXT", "bytes": "BLOB"},
    "postgresql": {"text": 'text COLLATE "C"', "bytes": "bytea"},
}
_COLUMNS = {
    "bare_events": "bigint text bigint text bytea bigint bigint text text text text bytea",
    "bare_commands": "bigint bigint bigint bigint bigint text bytea text bytea bytea bytea text "
                     "text text text bigint bytea",
    "bare_places": "text bigint bigint bigint",
}


class Seconds(NamedTuple):
    """How long something took, by the clock and by the processor."""

    clock: float
    processor: float


class MeasuredDatabase:
    """A place for ledgers, and for the same rows without one."""

    def __init__(self, kind: Kind, folder: Path, server: PostgresServer | None) -> None:
        self.kind = kind
        self._folder = folder
        self.server = server
        self._number = 0

    def new_url(self) -> str:
        """Return the URL of a ledger that does not exist yet."""
        self._number += 1
        if self.server is not None:
            return self.server.url(f"bench_{self._number}")
        return f"sqlite:///{self._folder / f'ledger-{self._number}.db'}"

    def bare_events(self, batches: Sequence[Rows]) -> list[Seconds]:
        """Insert batches of event rows into an empty table, each in a commit.

        With the driver's best bulk insert and full durability: ``executemany`` or ``unnest``.
        """
        return self._insert((_EVENTS, _EVENT_INDEX), [{"bare_events": rows} for rows in batches])

    def own_rows(self, ledger: Ledger, position: int, batches: int) -> list[Seconds]:
        """Insert the rows that a ledger keeps of what is above a position, in batches of a size."""
        rows = ledger.log_recorder.command_rows(position + 1, ledger.head().position)
        made: list[dict[str, Rows]] = []
        for part in cut(rows, batches):
            leaves = command_leaves(part)  # type: ignore[arg-type]
            made.append({
                "bare_commands": [(*row, leaf) for row, leaf in zip(part, leaves, strict=True)],
                "bare_places": list(index_of(part)),  # type: ignore[arg-type]
            })
        places = _PLACES + (" WITHOUT ROWID" if self.server is None else "")
        return self._insert((_COMMANDS, places), made)

    def _insert(
        self, tables: Sequence[str], batches: Sequence[dict[str, Rows]]
    ) -> list[Seconds]:
        statements = [each.format(**_TYPES[self.kind]) for each in tables]
        return (self._sqlite if self.server is None else self._postgres)(statements, batches)

    def _sqlite(
        self, tables: Sequence[str], batches: Sequence[dict[str, Rows]]
    ) -> list[Seconds]:
        for left in self._folder.glob("bare.db*"):
            left.unlink()
        connection = sqlite3.connect(self._folder / "bare.db", isolation_level=None)
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "cache_size=-65536"):
            connection.execute(f"PRAGMA {pragma}")
        for statement in tables:
            connection.execute(statement)
        seconds = []
        for batch in batches:
            began, used = perf_counter(), process_time()
            connection.execute("BEGIN IMMEDIATE")
            for table, rows in batch.items():
                marks = ",".join("?" * len(rows[0]))
                connection.executemany(f"INSERT INTO {table} VALUES ({marks})", rows)
            connection.execute("COMMIT")
            seconds.append(Seconds(perf_counter() - began, process_time() - used))
        connection.close()
        return seconds

    def _postgres(
        self, tables: Sequence[str], batches: Sequence[dict[str, Rows]]
    ) -> list[Seconds]:
        assert self.server is not None
        with self.server.connect() as connection:
            connection.execute("DROP TABLE IF EXISTS bare_events, bare_commands, bare_places")
            for statement in tables:
                connection.execute(statement.encode())
            seconds = []
            for batch in batches:
                began, used = perf_counter(), process_time()
                with connection.transaction():
                    for table, rows in batch.items():
                        arrays = ", ".join(f"%b::{each}[]" for each in _COLUMNS[table].split())
                        connection.execute(
                            f"INSERT INTO {table} SELECT * FROM unnest({arrays})".encode(),
                            [list(column) for column in zip(*rows, strict=True)],
                        )
                seconds.append(Seconds(perf_counter() - began, process_time() - used))
        return seconds


@contextmanager
def database(kind: Kind) -> Iterator[MeasuredDatabase]:
    """Return a database in a folder of its own, or on a server of its own; on the disk, durable."""
    with TemporaryDirectory(prefix="stocktrail-bench-") as folder:
        if kind == "sqlite":
            yield MeasuredDatabase(kind, Path(folder), None)
            return
        with PostgresServer(False, shared_buffers="128MB", max_wal_size="1GB") as server:
            yield MeasuredDatabase(kind, Path(folder), server)


def rows_after(ledger: Ledger, position: int) -> list[tuple[Any, ...]]:
    """Return the events of a ledger above a position as event rows, each with a hash."""
    return [
        (row.id, row.originator_id, row.originator_version, row.topic, row.state,
         row.occurred_at, row.recorded_at, row.command_id, row.correlation_id, row.causation_id,
         row.actor, sha256(row.state).digest())
        for row in ledger.log_recorder.rows(position, 1 << 40)
    ]


def cut(rows: Rows, batches: int) -> list[Rows]:
    """Cut rows into so many batches of equal size."""
    size = -(-len(rows) // batches)
    return [rows[start : start + size] for start in range(0, len(rows), size)]


def total(seconds: Sequence[Seconds]) -> Seconds:
    """Return the sum of several measurements."""
    return Seconds(sum(each.clock for each in seconds), sum(each.processor for each in seconds))
