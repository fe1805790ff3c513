"""A slow and a fast writer at once while a reader follows: no position is ever skipped.

The same scene is played on a log without a head row, whose positions come from a sequence: there a
reader does skip one, which shows that the scene can tell.
"""

import threading
import time
from typing import Any, Protocol

import psycopg
import pytest
from eventsourcing.persistence import StoredEvent

from stocktrail.ledger.store import open_ledger
from stocktrail.ledger.store.command_row import index_of
from stocktrail.ledger.store.merkle.heads import tree_of_head
from stocktrail.ledger.store.outcome import Head
from stocktrail.ledger.store.postgres.append import APPEND, append_parameters
from stocktrail.ledger.store.postgres.arrays import DUMPERS
from stocktrail.ledger.store.postgres_address import postgres_address
from stocktrail.ledger.store.recorder import rows_of_saved
from tests.postgres_server import PostgresServer, ServerElsewhere

Server = PostgresServer | ServerElsewhere
Connection = psycopg.Connection[tuple[Any, ...]]


class Log(Protocol):
    """A log to which transactions append, and from which a reader follows."""

    def append(self, connection: Connection, stream: str) -> bool:
        """Append one event in the transaction that is open; tell whether it was there in time."""

    def positions_after(self, connection: Connection, position: int) -> list[int]:
        """Return the positions of what is seen after a position."""


class OurLog:
    """The log as stocktrail keeps it: the head moves with the events."""

    def append(self, connection: Connection, stream: str) -> bool:
        """Append one event if the head is where it was read."""
        [(position, recorded_at, sequence, fence, edge)] = connection.execute(
            "SELECT position, recorded_at, sequence, fence, edge FROM ledger_head"
        ).fetchall()
        head = Head(position, recorded_at, sequence)
        rows, after = rows_of_saved(head, [StoredEvent(stream, 1, "topic", b"{}")])
        parameters = append_parameters(
            head, fence, tree_of_head(sequence, edge), after, rows, list(index_of(rows)), []
        )
        [is_recorded] = connection.execute(APPEND.encode(), parameters).fetchone() or (False,)
        return bool(is_recorded)

    def positions_after(self, connection: Connection, position: int) -> list[int]:
        """Read on from a position."""
        rows = connection.execute(
            "SELECT position FROM events WHERE position > %s ORDER BY position", [position]
        )
        return [int(row[0]) for row in rows.fetchall()]


class LogWithoutHead:
    """A log whose positions come from a sequence, as many have it."""

    def __init__(self, connection: Connection) -> None:
        connection.execute("CREATE TABLE headless (position bigserial PRIMARY KEY, stream text)")

    def append(self, connection: Connection, stream: str) -> bool:
        """Append one event at whatever position comes next."""
        connection.execute("INSERT INTO headless (stream) VALUES (%s)", [stream])
        return True

    def positions_after(self, connection: Connection, position: int) -> list[int]:
        """Read on from a position."""
        rows = connection.execute(
            "SELECT position FROM headless WHERE position > %s ORDER BY position", [position]
        )
        return [int(row[0]) for row in rows.fetchall()]


def skipped(
    server: Server, schema: str, log: Log, *, pause: float = 0.3, appends: int = 10
) -> set[int]:
    """Let a slow and a fast writer append while a reader follows; give what it skipped.

    That is what it never saw, though it saw what stands behind. The slow writer commits a ``pause``
    in seconds after it has appended.
    """
    followed: list[int] = []
    is_over = threading.Event()
    fast_began = threading.Event()

    def connect() -> Connection:
        connection: Connection = server.connect()
        connection.execute(f"SET search_path TO {schema}".encode())
        for kind, dumper in DUMPERS:
            connection.adapters.register_dumper(kind, dumper)
        return connection

    def follow() -> None:
        with connect() as connection:
            last_look = False
            while not last_look:
                last_look = is_over.is_set()
                followed.extend(log.positions_after(connection, max(followed, default=0)))

    def write_fast() -> None:
        with connect() as connection:
            for number in range(appends):
                fast_began.set()
                while not log.append(connection, f"fast/{number}"):
                    pass

    reader = threading.Thread(target=follow)
    writer = threading.Thread(target=write_fast)
    reader.start()
    try:
        with connect() as slow:
            with slow.transaction():
                while not log.append(slow, "slow/1"):
                    pass
                writer.start()
                fast_began.wait()
                time.sleep(pause)                # it has appended, and takes long to commit
            writer.join()
            is_over.set()
            reader.join()
            assert followed == sorted(set(followed))
            return {
                each for each in log.positions_after(slow, 0) if each < followed[-1]
            }.difference(followed)
    finally:
        is_over.set()


def test_a_reader_of_our_log_skips_nothing(postgres: Server, postgres_url: str) -> None:
    open_ledger(postgres_url).close()
    assert skipped(postgres, postgres_address(postgres_url).schema, OurLog()) == set()


def test_a_reader_of_a_log_without_a_head_skips_a_position(
    postgres: Server, postgres_url: str
) -> None:
    schema = postgres_address(postgres_url).schema
    with postgres.connect() as connection:
        connection.execute(f"CREATE SCHEMA {schema}".encode())
        connection.execute(f"SET search_path TO {schema}".encode())
        log = LogWithoutHead(connection)
    assert skipped(postgres, schema, log) == {1}
    with pytest.raises(AssertionError):
        assert skipped(postgres, schema, log) == set()
