"""Fast paths of databases: statements kept prepared, rows by the dozen, arrays, round trips."""

import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack
from contextlib import closing as closing_of
from functools import partial
from typing import Any

from eventsourcing.sqlite import SQLiteCursor
from psycopg.adapt import PyFormat, Transformer

from benchmarks.fast_paths.timing import FastPath
from stocktrail.ledger.store import open_ledger
from stocktrail.ledger.store.mapper import StoredRow
from stocktrail.ledger.store.postgres.arrays import bigints, byteas, texts
from stocktrail.ledger.store.postgres.cursor import ModelCursor
from stocktrail.ledger.store.postgres.datastore import PostgresLedgerDatastore
from stocktrail.ledger.store.postgres.pipeline import INT8, Call, Statement, run_pipeline
from stocktrail.ledger.store.sqlite.connection_pools import PREPARED_STATEMENTS
from stocktrail.ledger.store.sqlite.rows import insert_rows
from tests.postgres_server import PostgresServer

_TABLE = "CREATE TABLE event (stream TEXT, version BIGINT, topic TEXT, state BLOB, position BIGINT)"
_INSERT = "INSERT INTO event (stream, version, topic, state, position)"
_ONE = Statement(b"one", b"SELECT $1 + 1", (INT8,), (INT8,))


def sqlite_paths(rows: Sequence[StoredRow], closing: ExitStack) -> Iterator[FastPath]:
    """Yield the fast paths of SQLite."""
    values = [
        (str(row.originator_id), row.originator_version, row.topic, row.state, row.id)
        for row in rows
    ]
    connection = closing.enter_context(_closing(PREPARED_STATEMENTS))
    connection.execute(_TABLE)

    def inserted(insert: Callable[[], object]) -> None:
        connection.execute("BEGIN")
        insert()
        connection.execute("ROLLBACK")

    def by_the_dozen() -> None:
        insert_rows(SQLiteCursor(connection.cursor()), _INSERT, values)

    yield FastPath(
        "rows of SQLite by the dozen",
        lambda: inserted(lambda: connection.executemany(f"{_INSERT} VALUES (?,?,?,?,?)", values)),
        lambda: inserted(by_the_dozen), len(values),
    )
    names = ("stream", "version", "topic", "state", "position")
    by_name = [dict(zip(names, row, strict=True)) for row in values]
    yield FastPath(
        "values bound by place",
        lambda: inserted(lambda: connection.executemany(
            f"{_INSERT} VALUES ({', '.join(f':{name}' for name in names)})", by_name
        )),
        lambda: inserted(lambda: connection.executemany(f"{_INSERT} VALUES (?,?,?,?,?)", values)),
        len(values),
    )
    shuffled = [
        (f"{hash(row):x}", copy, *row[2:]) for copy in range(25) for row in values
    ]
    key = "CREATE UNIQUE INDEX event_key ON event (stream, version)"

    def filled(*, key_first: bool) -> None:
        if key_first:
            connection.execute(key)
        connection.executemany(f"{_INSERT} VALUES (?,?,?,?,?)", shuffled)
        if not key_first:
            connection.execute(key)

    yield FastPath(
        "a key made of all rows at once", lambda: inserted(lambda: filled(key_first=True)),
        lambda: inserted(lambda: filled(key_first=False)), len(shuffled), rounds=5,
    )
    one, many = (
        closing.enter_context(_closing(kept)) for kept in (1, PREPARED_STATEMENTS)
    )
    asked = [f"SELECT stream, topic FROM event WHERE position = ? AND {n} = {n}" for n in range(20)]
    for each in (one, many):
        each.execute(_TABLE)

    def answered(by: sqlite3.Connection) -> None:
        for statement in asked:
            by.execute(statement, (1,)).fetchall()

    yield FastPath(
        "statements of SQLite kept prepared", partial(answered, one), partial(answered, many),
        len(asked), 20,
    )


def _closing(statements: int) -> AbstractContextManager[sqlite3.Connection]:
    """Return a database in memory on a connection that keeps so many statements."""
    return closing_of(
        sqlite3.connect(":memory:", isolation_level=None, cached_statements=statements)
    )


def postgres_paths(rows: Sequence[StoredRow], closing: ExitStack) -> Iterator[FastPath]:
    """Yield the fast paths of PostgreSQL; round trips are timed by the clock, not the processor."""
    columns: list[tuple[Callable[[Any], Any], list[Any]]] = [
        (texts, [str(row.originator_id) for row in rows]),
        (bigints, [row.originator_version for row in rows]),
        (texts, [row.topic for row in rows]), (byteas, [row.state for row in rows]),
    ]
    driver = Transformer()

    def by_the_driver() -> None:
        for _, column in columns:
            driver.get_dumper(column, PyFormat.BINARY).dump(column)

    def ours() -> None:
        for write, column in columns:
            write(column)

    yield FastPath("arrays for PostgreSQL", by_the_driver, ours, len(rows))
    server = closing.enter_context(PostgresServer())
    ledger = closing.enter_context(open_ledger(server.url("fast_paths")))
    datastore = ledger.datastore
    assert isinstance(datastore, PostgresLedgerDatastore)
    connection = closing.enter_context(datastore.get_connection())
    calls: list[Call] = [(_ONE, [number]) for number in range(3)]
    for call in calls:
        run_pipeline(connection, [call])
    yield FastPath(
        "three statements in a round trip", lambda: [run_pipeline(connection, [c]) for c in calls],
        lambda: run_pipeline(connection, calls), 1, 50, clock=time.perf_counter,
    )
    connection.execute("CREATE TEMP TABLE fold_v1 (sku TEXT PRIMARY KEY, on_hand BIGINT)")
    cursor = ModelCursor(connection.cursor())
    statement = (
        "INSERT INTO fold_v1 (sku, on_hand) VALUES (?, ?) ON CONFLICT (sku) DO UPDATE SET "
        "on_hand = excluded.on_hand"
    )
    written = [(f"I{number}", number) for number in range(500)]

    def row_by_row() -> None:
        for sku, on_hand in written:
            cursor.execute_native(statement.replace("?", "%s"), [sku, on_hand])

    yield FastPath(
        "many rows of a read model", row_by_row, lambda: cursor.executemany(statement, written),
        len(written), clock=time.perf_counter,
    )
