"""Connections to a ledger's schema in PostgreSQL: limited in number, and in the time of each wait.

No statement, lock or transaction may last forever, and no connection is reused after an error. A
connection that the server has closed is detected without a round trip.
"""

import contextlib
import select
import threading
import time
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Self

import psycopg
from eventsourcing import persistence
from eventsourcing.persistence import (
    ConnectionPoolClosedError,
    OperationalError,
    PersistenceError,
)
from eventsourcing.postgres import PostgresDatastore
from psycopg import Connection
from psycopg.conninfo import make_conninfo
from psycopg.rows import dict_row
from psycopg.types.numeric import Int8Dumper

from stocktrail.ledger.store.cache_size import CacheSize
from stocktrail.ledger.store.postgres.arrays import DUMPERS
from stocktrail.ledger.store.postgres.connection import (
    CONNECT_SECONDS,
    LedgerConnection,
    ServerSilent,
)
from stocktrail.ledger.store.postgres.cursor import IntegerLoader, ModelCursor
from stocktrail.ledger.store.postgres.schema import FOLDING, lock_key
from stocktrail.ledger.store.time_limit import seconds_left

MAX_CONNECTIONS = 32
"""How many connections a process uses at once; further callers wait for one."""

MAX_IDLE = 8
"""How many unused connections stay open."""

CONNECTION_WAIT_SECONDS = 60
RECONNECT_SECONDS = 8
"""How long a server that was reachable before may be away, for instance while it restarts."""

STATEMENT_SECONDS = 60
LOCK_SECONDS = 10
READERS_MILLISECONDS = 500
"""How long a rebuild that is done waits for readers, before it lets others go first."""

IDLE_IN_TRANSACTION_SECONDS = 60
TRANSACTION_SECONDS = 120
"""A transaction that takes longer has lost its client while it was sending."""

LONG_SECONDS = 3600
"""The same limit for folding the whole log, which blocks no writer of the log."""

_KEEP_ALIVE = {
    "connect_timeout": str(CONNECT_SECONDS), "keepalives": "1", "keepalives_idle": "3",
    "keepalives_interval": "1", "keepalives_count": "3", "tcp_user_timeout": "6000",
}
_STARTING_UP = "57P03"


class ServerUnreachable(OperationalError):
    """The server answers on no connection, so retrying at once is useless."""


class ConnectionLost(OperationalError):
    """The connection broke: the last statement may or may not have been executed."""


class PostgresLedgerDatastore(PostgresDatastore):
    """The library's datastore with connections of our own; the library's pool is never opened."""

    def __init__(
        self, connection: Mapping[str, str], schema: str, *, role: str | None = None,
        read_only: bool = False, is_partitioned: bool = False,
    ) -> None:
        super().__init__("", "", "", "", "", schema=schema, originator_id_type="text")
        self.read_only = read_only
        self.is_partitioned = is_partitioned
        self._connection = {**_KEEP_ALIVE, "application_name": f"stocktrail {schema}", **connection}
        self._role = role
        self._idle: deque[LedgerConnection] = deque()
        self._slots = threading.BoundedSemaphore(MAX_CONNECTIONS)
        self._is_closed = False
        self._has_connected = False
        self.connections_made: int = 0

    def register_type_adapters(self) -> None:
        """Do nothing: rows are sent as arrays, not as the library's composite types."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # ------------------------------------------------------------------ connections

    def cache_sizes(self) -> list[CacheSize]:
        """Return none: the pages of the database are kept by the server."""
        return []

    @contextmanager
    def get_connection(self) -> Iterator[LedgerConnection]:
        """Lend a connection; errors of the driver are raised as the library's errors.

        Raises its ``ConnectionPoolClosedError`` after :meth:`close`, as with SQLite.
        """
        if self._is_closed:
            raise ConnectionPoolClosedError("The ledger has been closed. Open it again.")
        if not self._slots.acquire(timeout=CONNECTION_WAIT_SECONDS):
            raise OperationalError("too many connections of this process are in use")
        connection = None
        try:
            connection = self._check_out()
            yield connection
        except psycopg.Error as error:
            raise _library_error(error, connection) from error
        finally:
            if connection is not None:
                self._check_in(connection)
            self._slots.release()

    def drop_idle(self) -> None:
        """Close the unused connections: after an error none of them is reused."""
        with contextlib.suppress(IndexError):
            while True:
                self._idle.pop().close()

    def close(self) -> None:
        """Close all connections; one that is in use closes when it is returned."""
        self._is_closed = True
        if hasattr(self, "_idle"):       # the library also closes one whose construction failed
            self.drop_idle()

    def _check_out(self) -> LedgerConnection:
        while True:
            try:
                connection = self._idle.pop()
            except IndexError:
                return self._connect(RECONNECT_SECONDS)
            if _is_alive(connection):
                return connection
            connection.close()

    def _check_in(self, connection: LedgerConnection) -> None:
        status = connection.info.transaction_status
        is_reusable = status == psycopg.pq.TransactionStatus.IDLE and not connection.closed
        if self._is_closed or not is_reusable or len(self._idle) >= MAX_IDLE:
            connection.close()
        else:
            self._idle.append(connection)

    def listening(self) -> LedgerConnection:
        """Return a new connection that is notified of every commit; the caller closes it."""
        connection = self._connect(0.0)
        connection.probe_conninfo = None             # no reply is expected most of the time
        try:
            connection.execute(f'LISTEN "{self.schema}"'.encode(), prepare=False)
        except BaseException:
            connection.close()
            raise
        return connection

    def _connect(self, patience: float) -> LedgerConnection:
        """Connect, and wait for a server that was reachable before or is starting."""
        limit = time.monotonic() + patience
        where = make_conninfo("", **self._connection)
        while True:
            try:
                connection = LedgerConnection.connect(
                    where, autocommit=True, row_factory=dict_row
                )
                break
            except psycopg.errors.ConnectionTimeout as error:
                raise ServerSilent("the server does not reply") from error
            except psycopg.OperationalError as error:
                comes = self._has_connected or error.sqlstate == _STARTING_UP or (
                    "starting up" in str(error)
                )
                if not comes or time.monotonic() > limit:
                    raise
                time.sleep(0.1)
        connection.probe_conninfo = where
        # When a table is dropped, the driver deallocates all prepared statements, also ours.
        connection.prepare_threshold = None
        try:
            for kind, dumper in DUMPERS:
                connection.adapters.register_dumper(kind, dumper)
            connection.adapters.register_dumper(int, Int8Dumper)
            connection.adapters.register_loader("numeric", IntegerLoader)
            connection.execute(self._settings(connection), prepare=False)
        except BaseException:
            connection.close()
            raise
        self._has_connected = True
        self.connections_made += 1
        return connection

    def _settings(self, connection: LedgerConnection) -> bytes:
        role = "" if self._role is None else self._role.replace('"', '""')
        settings = [
            f'SET ROLE "{role}"' if role else "",
            f'SET search_path TO "{self.schema}"',
            f"SET statement_timeout = '{STATEMENT_SECONDS}s'",
            f"SET lock_timeout = '{LOCK_SECONDS}s'",
            f"SET idle_in_transaction_session_timeout = '{IDLE_IN_TRANSACTION_SECONDS}s'",
            "SET client_min_messages = warning",
            "SET tcp_keepalives_idle = 10", "SET tcp_keepalives_interval = 5",
            "SET tcp_keepalives_count = 3",
            f"SET transaction_timeout = '{TRANSACTION_SECONDS}s'"
            if connection.info.server_version >= 170000 else "",
            "SET default_transaction_read_only = on" if self.read_only else "",
        ]
        return ";".join(filter(None, settings)).encode()

    # ------------------------------------------------------------------ transactions

    @contextmanager
    def write_transaction(self) -> Iterator[ModelCursor]:
        """Lock the head of the log, so that nothing is appended until the block ends."""
        with self.get_connection() as connection, connection.transaction():
            connection.execute("SELECT lock_head()")
            yield ModelCursor(connection.cursor())

    @contextmanager
    def reading_models(self) -> Iterator[ModelCursor]:
        """Read from one consistent snapshot, for as long as folding the whole log may take.

        A snapshot does not show rows of tables that took the place of others after it was made. No
        table is replaced while this lock is held; a snapshot is made by what comes after it.
        """
        with self._reading("LOCK TABLE tracking IN ACCESS SHARE MODE;") as cursor:
            yield cursor

    @contextmanager
    def reading_log(self) -> Iterator[ModelCursor]:
        """Read from one consistent snapshot of the database, rows as plain tuples."""
        with self._reading("") as cursor:
            yield cursor.with_tuple_rows()

    @contextmanager
    def _reading(self, lock: str) -> Iterator[ModelCursor]:
        with self.get_connection() as connection, connection.transaction():
            connection.execute(
                "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY;" + _timeouts(
                    connection
                ) + _within_limit() + lock, prepare=False,
            )
            yield ModelCursor(connection.cursor())

    def give_back_pages(self) -> bool:
        """Do nothing: a table that is dropped gives its files back."""
        return False

    def exclude_readers(self, cursor: ModelCursor) -> bool:
        """Let nobody read the models until the transaction ends; return whether it was possible.

        Readers that come now wait for as long as this waits for those that are there: not long.
        """
        return cursor.try_to_lock("tracking", READERS_MILLISECONDS, STATEMENT_SECONDS)

    @contextmanager
    def writing_models(self, *, synced: bool = True) -> Iterator[ModelCursor]:
        """Write read models, excluding other writers of them; the log is not locked.

        Changes that are not ``synced`` reach the disk a moment later, in the order of the commits.
        """
        with self.get_connection() as connection, connection.transaction():
            connection.execute(
                f"{_timeouts(connection, idle=IDLE_IN_TRANSACTION_SECONDS)}"
                f"SET LOCAL lock_timeout = '{STATEMENT_SECONDS}s';"
                f"{'' if synced else 'SET LOCAL synchronous_commit = off;'}"
                f"SELECT pg_advisory_xact_lock({FOLDING}, {lock_key(self.schema)})",
                prepare=False,
            )
            yield ModelCursor(connection.cursor())

    def prepare_tracking(self) -> None:
        """Do nothing: the table of positions is part of the schema."""


def _timeouts(connection: Connection[Any], idle: int = LONG_SECONDS) -> str:
    settings = {"statement_timeout": LONG_SECONDS, "idle_in_transaction_session_timeout": idle}
    if connection.info.server_version >= 170000:
        settings["transaction_timeout"] = LONG_SECONDS
    return "".join(f"SET LOCAL {name} = '{value}s';" for name, value in settings.items())


def _within_limit() -> str:
    """Return the setting that lets the server cancel statements at this thread's time limit."""
    left = seconds_left()
    return "" if left is None else f"SET LOCAL statement_timeout = {int(left * 1000) + 1};"


def _is_alive(connection: Connection[Any]) -> bool:
    """Return whether a connection is open, without a round trip to the server."""
    try:
        poll = select.poll()
        poll.register(connection.fileno(), select.POLLIN)
        while poll.poll(0):
            connection.pgconn.consume_input()
    except psycopg.Error:
        return False
    return not connection.closed


def _library_error(
    error: psycopg.Error, connection: Connection[Any] | None
) -> PersistenceError:
    if isinstance(error, ServerSilent):
        return ServerUnreachable(str(error))
    if connection is not None and connection.closed:
        return ConnectionLost(str(error))
    for kind in type(error).__mro__:
        if kind.__module__.startswith("psycopg") and hasattr(persistence, kind.__name__):
            same: type[PersistenceError] = getattr(persistence, kind.__name__)
            return same(str(error))
    return PersistenceError(str(error))
