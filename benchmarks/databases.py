"""The databases of the benchmarks, and what each of them takes to write the same rows bare."""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any, Literal

from stocktrail.ledger.store import Ledger
from stocktrail.ledger.store.merkle.leaves import event_leaves
from stocktrail.ledger.store.sqlite.schema import TABLES
from tests.postgres_server import PostgresServer

Kind = Literal["sqlite", "postgresql"]
KINDS: tuple[Kind, ...] = ("sqlite", "postgresql")
Rows = Sequence[tuple[Any, ...]]

_UNNEST = (
    "INSERT INTO bare_events SELECT * FROM unnest(%b::bigint[], %b::text[], %b::bigint[], "
    "%b::text[], %b::bytea[], %b::bigint[], %b::bigint[], %b::text[], %b::text[], %b::text[], "
    "%b::text[], %b::bytea[])"
)
_TABLE = (
    "CREATE TABLE bare_events (position bigint PRIMARY KEY, originator_id text COLLATE \"C\" NOT "
    "NULL, originator_version bigint NOT NULL, topic text NOT NULL, state bytea NOT NULL, "
    "occurred_at bigint NOT NULL, recorded_at bigint NOT NULL, command_id text, correlation_id "
    "text, causation_id text, actor text, leaf bytea); "
    "CREATE UNIQUE INDEX bare_stream ON bare_events (originator_id, originator_version)"
)


class MeasuredDatabase:
    """A place for ledgers, and for the same event rows without one."""

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

    def bare_seconds(self, batches: Sequence[Rows]) -> list[float]:
        """Insert batches of event rows into an empty table, each in a commit; give the seconds.

        With the driver's best bulk insert and full durability: ``executemany`` or ``unnest``.
        """
        with_leaves = [
            [(*row, leaf) for row, leaf in zip(rows, event_leaves(rows), strict=True)]
            for rows in batches
        ]
        return (self._sqlite if self.server is None else self._postgres)(with_leaves)

    def _sqlite(self, batches: Sequence[Rows]) -> list[float]:
        path = self._folder / "bare.db"
        for left in self._folder.glob("bare.db*"):
            left.unlink()
        connection = sqlite3.connect(path, isolation_level=None)
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "cache_size=-65536"):
            connection.execute(f"PRAGMA {pragma}")
        for statement in TABLES[:2]:
            connection.execute(statement)
        seconds = []
        for rows in batches:
            began = perf_counter()
            connection.execute("BEGIN IMMEDIATE")
            connection.executemany(
                "INSERT INTO stored_events VALUES (?,?,?,?,?,?,?,?,?,?,?,?)", rows
            )
            connection.execute("COMMIT")
            seconds.append(perf_counter() - began)
        connection.close()
        return seconds

    def _postgres(self, batches: Sequence[Rows]) -> list[float]:
        assert self.server is not None
        with self.server.connect() as connection:
            connection.execute("DROP TABLE IF EXISTS bare_events")
            connection.execute(_TABLE)
            seconds = []
            for rows in batches:
                began = perf_counter()
                connection.execute(_UNNEST, [list(column) for column in zip(*rows, strict=True)])
                seconds.append(perf_counter() - began)
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
    """Read the event rows of a ledger above a position as they were inserted, without leaves."""
    return [
        (row.id, row.originator_id, row.originator_version, row.topic, bytes(row.state),
         row.occurred_at, row.recorded_at, row.command_id, row.correlation_id, row.causation_id,
         row.actor)
        for row in ledger.log_recorder.rows(position, 1 << 40)
    ]


def cut(rows: Rows, batches: int) -> list[Rows]:
    """Cut rows into so many batches of equal size."""
    size = -(-len(rows) // batches)
    return [rows[start : start + size] for start in range(0, len(rows), size)]
