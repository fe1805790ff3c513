"""The recorder of a ledger in PostgreSQL.

Positions are gapless and in commit order: the head row is moved by compare-and-set in the
transaction that writes the events.
"""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any

import eventsourcing.postgres
import orjson
from eventsourcing.persistence import ProcessRecorder, StoredEvent, Subscription, Tracking
from eventsourcing.postgres import PostgresApplicationRecorder
from eventsourcing.utils import Environment, EnvType, strtobool
from psycopg.rows import tuple_row

from stocktrail.ledger.store.command_row import CommandRow, IndexRow, index_of
from stocktrail.ledger.store.mapper import SnapshotRow
from stocktrail.ledger.store.merkle.heads import tree_of_head
from stocktrail.ledger.store.merkle.tree import CompactRange
from stocktrail.ledger.store.outcome import Head, Outcome
from stocktrail.ledger.store.postgres.append import (
    APPEND,
    GroupAppend,
    WriterLock,
    append_parameters,
)
from stocktrail.ledger.store.postgres.arrays import texts
from stocktrail.ledger.store.postgres.connection import LedgerConnection, ServerSilent
from stocktrail.ledger.store.postgres.continuity import require_continuation
from stocktrail.ledger.store.postgres.datastore import PostgresLedgerDatastore, ServerUnreachable
from stocktrail.ledger.store.postgres.opening import create_schema
from stocktrail.ledger.store.postgres.outcome_queries import outcomes_by_id
from stocktrail.ledger.store.postgres.reading import PostgresReading, retry_once
from stocktrail.ledger.store.postgres.subscription import LedgerSubscription
from stocktrail.ledger.store.postgres.tracking import LedgerTrackingRecorder, SnapshotRecorder
from stocktrail.ledger.store.postgres_address import DEFAULT_SCHEMA
from stocktrail.ledger.store.recorder import HeadMoved, rows_of_saved

UNREACHABLE_SECONDS = 1.0


class PostgresLedgerRecorder(PostgresReading, PostgresApplicationRecorder):
    """Records the log of a ledger in PostgreSQL."""

    datastore: PostgresLedgerDatastore

    def __init__(
        self, datastore: PostgresLedgerDatastore, *, events_table_name: str = "stored_events"
    ) -> None:
        super().__init__(datastore, events_table_name="commands")
        self.channel_name: str = datastore.schema
        self._writer_lock = WriterLock(datastore.schema)
        self._deciding = threading.local()
        self._reply_lost = False
        self._silent_at = float("-inf")
        self._written_to = 0
        self._others_after: int | None = None
        self._known = CompactRange()

    def create_table(self) -> None:
        """Create the schema if it is missing; only one process at a time does."""
        create_schema(self.datastore)

    def max_notification_id(self) -> int | None:
        """Return the last position, or ``None`` while the log is empty."""
        return self.head().position or None

    def subscribe(
        self, gt: int | None = None, topics: Sequence[str] = ()
    ) -> Subscription[Any]:
        """Return what is recorded after a position, and then what comes, without an end."""
        return LedgerSubscription(self, gt, topics)

    @contextmanager
    def appending(self) -> Iterator["_PostgresAppend"]:
        """Decide one group in the block; it is appended at its end, in one round trip.

        Nothing is locked and no transaction is open before that. Reads in the block are limited to
        the head that the group began with. Raises :class:`HeadMoved` at the end of the block.
        """
        with self.datastore.get_connection() as connection:
            if self._reply_lost:
                connection.execute("SELECT raise_fence()")
                self._reply_lost = False
            group = GroupAppend(
                connection, self.datastore.schema, self._writer_lock,
                is_partitioned=self.datastore.is_partitioned,
            )
            append = _PostgresAppend(
                group, self._deciding, self._others_after,
                partial(self._require_known, connection, self._known),
            )
            try:
                yield append
                if append.rows is not None and not group.append(*append.rows):
                    raise HeadMoved
                self._note_end(append)
            except BaseException as error:
                self._others_after = None
                if isinstance(error, ServerSilent):
                    self._silent_at = time.monotonic()
                if group.was_sent:
                    self.datastore.drop_idle()
                raise
            finally:
                self._deciding.head, self._deciding.tail = None, []
                group.end()

    def _require_known(
        self, connection: LedgerConnection, known: CompactRange, tree: CompactRange
    ) -> None:
        """Check once for each connection that the log behind it contains what was known of it.

        That is what was known before the log was read: another thread may have recorded since.
        """
        if not connection.continues_log or tree.size < known.size:
            require_continuation(connection, known, tree)
            connection.continues_log = True
        self._note_known(tree)

    def _note_known(self, tree: CompactRange) -> None:
        if tree.size >= self._known.size:
            self._known = tree

    def _note_end(self, append: "_PostgresAppend") -> None:
        """Remember after what row others may append, if they did so before this group."""
        is_shared = self._written_to not in (0, append.start.sequence)
        self._written_to = append.end.sequence
        self._note_known(append.tree)
        self._others_after = self._written_to if is_shared else None

    def settled_outcomes(self, command_ids: Sequence[str]) -> dict[str, Outcome]:
        """Return outcomes after an append whose reply was lost, such that the answer stays true.

        Raising the fence locks the head, which waits for a running append to end, and makes an
        append that is still in transit fail. A restarting server is waited for. If it cannot be
        reached, the fence is raised before the next group begins; a server that has just been
        silent is not asked again.
        """
        self.datastore.drop_idle()
        self._reply_lost = True
        if time.monotonic() - self._silent_at < UNREACHABLE_SECONDS:
            raise ServerUnreachable("the server does not reply")

        query = outcomes_by_id("%s", is_partitioned=self.datastore.is_partitioned)

        def look_up() -> list[Any]:
            with self.datastore.get_connection() as connection, connection.transaction():
                connection.execute("SELECT raise_fence()")
                cursor = connection.cursor(row_factory=tuple_row, binary=True)
                cursor.execute(query.encode(), [texts(command_ids)])
                return cursor.fetchall()

        rows = retry_once(look_up)
        self._reply_lost = False
        return {row[0]: Outcome.of_row(row) for row in rows}


class _PostgresAppend:
    """One group, as the writer sees it."""

    def __init__(
        self, group: GroupAppend, deciding: threading.local, others_after: int | None,
        require_known: Callable[[CompactRange], None],
    ) -> None:
        self._group = group
        self._require_known = require_known
        self._deciding = deciding
        self._others_after = others_after
        self.start = self.end = Head(0, 0)
        self.rows: tuple[Any, ...] | None = None

    @property
    def tree(self) -> CompactRange:
        """The tree over the log: when the group began, and after it was recorded."""
        return self._group.tree

    def begin(self, command_ids: Sequence[str]) -> tuple[Head, dict[str, Outcome]]:
        """Return the head that the group is judged against, and the known outcomes of its ids."""
        head, outcomes, tail = self._group.begin(command_ids, self._others_after)
        self._require_known(self._group.tree)
        self.start = self.end = head
        self._deciding.head, self._deciding.tail = head, tail
        return head, {row[0]: Outcome.of_row(row) for row in outcomes}

    def append(
        self,
        expected: Head,
        head: Head,
        rows: Sequence[CommandRow],
        index: Sequence[IndexRow],
        snapshots: Sequence[SnapshotRow],
    ) -> None:
        """Keep the rows until the group ends without an error."""
        self.end = head
        self.rows = (expected, head, rows, index, snapshots)


class LedgerProcessRecorder(LedgerTrackingRecorder, PostgresLedgerRecorder, ProcessRecorder):
    """Records events of the library's own, and the position in another log, in one transaction."""

    def insert_events(
        self, stored_events: Sequence[StoredEvent], **kwargs: Any
    ) -> Sequence[int] | None:
        """Append events and record a position in one transaction."""
        tracking: Tracking | None = kwargs.get("tracking")
        with self.datastore.transaction(commit=True) as cursor:
            if tracking is not None:
                self._insert_tracking(cursor, tracking)
            cursor.execute("SELECT lock_head()")
            cursor.execute("SELECT position, recorded_at, sequence, fence, edge FROM ledger_head")
            found = cursor.fetchone() or {}
            head = Head(found["position"], found["recorded_at"], found["sequence"])
            after = head
            if stored_events:
                rows, after = rows_of_saved(head, stored_events)
                tree = tree_of_head(head.sequence, found["edge"])
                cursor.execute(APPEND, append_parameters(
                    head, found["fence"], tree, after, rows, list(index_of(rows)), []
                ))
                cursor.execute("SELECT pg_notify(%s, %s)", [self.channel_name, str(after.position)])
        return list(range(head.position + 1, after.position + 1))


class PostgresFactory(eventsourcing.postgres.PostgresFactory):
    """Creates the ledger's recorders for the library.

    Tables have the same names as in SQLite, whatever the application is called.
    """

    CONNECTION = "STOCKTRAIL_CONNECTION"
    ROLE = "STOCKTRAIL_ROLE"
    READ_ONLY = "STOCKTRAIL_READ_ONLY"
    PARTITIONED = "STOCKTRAIL_PARTITIONED"

    aggregate_recorder_class = SnapshotRecorder  # type: ignore[assignment]
    application_recorder_class = PostgresLedgerRecorder  # type: ignore[assignment]
    tracking_recorder_class = LedgerTrackingRecorder  # type: ignore[assignment]
    process_recorder_class = LedgerProcessRecorder  # type: ignore[assignment]

    def __init__(self, env: Environment | EnvType | None) -> None:
        super().__init__(env)
        self.datastore.close()
        named = ("dbname", "host", "port", "user", "password")
        given = {name: self.env.get(f"POSTGRES_{name.upper()}") or "" for name in named}
        connection = {name: value for name, value in given.items() if value}
        self.datastore: PostgresLedgerDatastore = PostgresLedgerDatastore(
            {**connection, **orjson.loads(self.env.get(self.CONNECTION) or "{}")},
            self.env.get(self.POSTGRES_SCHEMA) or DEFAULT_SCHEMA,
            role=self.env.get(self.ROLE) or None,
            read_only=strtobool(self.env.get(self.READ_ONLY, "n") or "n"),
            is_partitioned=strtobool(self.env.get(self.PARTITIONED, "n") or "n"),
        )
