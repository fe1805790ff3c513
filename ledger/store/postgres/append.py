"""Appending one group to PostgreSQL: the writer lock, the head, and one round trip to append.

While Python decides, no transaction is open and no row is locked. The compare-and-set of the head
alone decides which group is recorded. The writer lock is an optimisation on top: a session-level
advisory lock, which the server grants in the order of requests, so that writers wait for each other
instead of deciding in vain, and a slow writer gets to write as often as a fast one. It is released
in the same round trip, after the commit. A writer that waits too long for it goes on without it for
a while, so that a stalled writer that holds the lock delays the others only briefly.
"""

import time
from collections.abc import Callable, Sequence
from typing import Any

import psycopg

from stocktrail.ledger.store.command_row import CommandRow, IndexRow
from stocktrail.ledger.store.mapper import SnapshotRow
from stocktrail.ledger.store.merkle.heads import tree_of_head
from stocktrail.ledger.store.merkle.leaves import command_leaves
from stocktrail.ledger.store.merkle.tree import CompactRange
from stocktrail.ledger.store.outcome import Head
from stocktrail.ledger.store.postgres.arrays import bigints, byteas, texts
from stocktrail.ledger.store.postgres.connection import LedgerConnection
from stocktrail.ledger.store.postgres.outcome_queries import outcomes_by_id
from stocktrail.ledger.store.postgres.pipeline import (
    BOOL,
    BYTEA,
    BYTEA_ARRAY,
    INT8,
    INT8_ARRAY,
    TEXT,
    TEXT_ARRAY,
    Call,
    Statement,
    run_pipeline,
)
from stocktrail.ledger.store.postgres.schema import PRIORITY, WRITER, lock_key

LOCK_WAIT_MILLISECONDS = 500
LOCK_BACKOFF_SECONDS = 5.0
"""For how long this process does not wait for the lock after a wait timed out."""

TAIL_ROWS = 100
"""How many rows of others are read together with the head."""

PRIORITY_WAIT_MILLISECONDS = 4000
PRIORITY_BACKOFF_SECONDS = 30.0
"""The same for a writer with priority, whose group takes long to decide."""

# `take_turn` is the name of the function in schemas that exist.
_ACQUIRE = Statement(
    b"acquire", b"SELECT take_turn($1, $2, $3)", (INT8, INT8, BOOL), (BOOL,)
)


def _begin(name: bytes, *, is_partitioned: bool) -> Statement:
    """Return the query of the head, the row without a command id, and of the outcomes of ids.

    It is one statement, so that head and outcomes are of one snapshot.
    """
    found = outcomes_by_id("$1", is_partitioned=is_partitioned, also="NULL, " * 5)
    return Statement(
        name,
        "SELECT position, recorded_at, sequence, fence, edge, NULL, NULL, NULL, NULL, NULL, NULL, "
        f"NULL, NULL, NULL FROM ledger_head UNION ALL {found}".encode(),
        (TEXT_ARRAY,),
        (INT8, INT8, INT8, INT8, BYTEA, TEXT, BYTEA, TEXT, INT8, INT8, BYTEA, BYTEA, INT8, INT8),
    )


_BEGIN = _begin(b"begin_group", is_partitioned=False)
_BEGIN_PARTITIONED = _begin(b"begin_partitioned", is_partitioned=True)
_TAIL = Statement(
    b"tail",
    b"SELECT sequence, occurred_at, events FROM commands WHERE sequence > $1 AND sequence <= $2 "
    b"ORDER BY sequence",
    (INT8, INT8), (INT8, INT8, BYTEA),
)

_HEAD_TYPES = (INT8, INT8, INT8, INT8, INT8, BYTEA, BYTEA)
_COMMANDS = (
    *(bigints,) * 5, texts, byteas, texts, byteas, byteas, byteas, texts, texts, texts, texts,
    bigints, byteas,
)
_PLACES = (texts, bigints, bigints, bigints)
_NODES = (bigints, bigints, byteas)
_SNAPSHOTS = (texts, bigints, texts, byteas)
_ARRAY_TYPES = {bigints: INT8_ARRAY, texts: TEXT_ARRAY, byteas: BYTEA_ARRAY}
_PARAMETERS = (
    *_HEAD_TYPES,
    *(_ARRAY_TYPES[write] for write in (*_COMMANDS, *_PLACES, *_NODES, *_SNAPSHOTS)),
)
_APPEND = Statement(
    b"append_group",
    f"SELECT append_group({', '.join(f'${n + 1}' for n in range(len(_PARAMETERS)))})".encode(),
    _PARAMETERS, (BOOL,),
)
_EDGE = 6
"""Where the edge of the tree after the group stands among the parameters."""

APPEND = f"SELECT append_group({', '.join(['%s'] * len(_PARAMETERS))})"
"""The same statement for the driver's own cursors."""

_NOTIFICATION = (
    b"(SELECT pg_notify($1, $2) FROM ledger_head WHERE position = $3 AND recorded_at = $4 "
    b"AND sequence = $5)"
)
_NOTIFICATION_TYPES = (TEXT, TEXT, INT8, INT8, INT8)
_NOTIFY = Statement(b"notify", b"SELECT " + _NOTIFICATION, _NOTIFICATION_TYPES)


class WriterLock:
    """The advisory lock of the writers of one process: how long to wait for it now.

    A group that takes longer to decide than the others wait would lose to them every time. After a
    lost race the next acquisition therefore has priority, and the others wait longer for it.
    """

    def __init__(self, schema: str) -> None:
        key = lock_key(schema)
        release = f"SELECT pg_advisory_unlock({WRITER}, {key})".encode()
        self.release: Statement = Statement(b"release", release, ())
        self.release_and_notify: Statement = Statement(
            b"release_and_notify", release + b", " + _NOTIFICATION, _NOTIFICATION_TYPES
        )
        self.release_priority: Statement = Statement(
            b"release_priority",
            f"SELECT pg_advisory_unlock({PRIORITY}, {key}) WHERE EXISTS (SELECT FROM pg_locks "
            f"WHERE locktype = 'advisory' AND classid = {PRIORITY} AND pid = pg_backend_pid() "
            "AND granted)".encode(), (),
        )
        self.has_priority = False
        self._waits_again_at = 0.0
        self._acquires_again_at = 0.0

    def acquisition(self) -> list[Call]:
        """Return the call that acquires the lock, or no call while others block it."""
        now = time.monotonic()
        if now < self._acquires_again_at:
            return []
        wait = LOCK_WAIT_MILLISECONDS if now >= self._waits_again_at else 0
        return [(_ACQUIRE, (wait, PRIORITY_WAIT_MILLISECONDS, self.has_priority))]

    def timed_out(self, waited: float) -> None:
        """Stop waiting for the lock for a while, after waiting for it in vain."""
        now = time.monotonic()
        if waited * 1000 >= PRIORITY_WAIT_MILLISECONDS:
            self._acquires_again_at = now + PRIORITY_BACKOFF_SECONDS
        elif now >= self._waits_again_at:
            self._waits_again_at = now + LOCK_BACKOFF_SECONDS


class GroupAppend:
    """One group of commands: it begins, is decided, and ends in one append or in none."""

    def __init__(
        self, connection: LedgerConnection, schema: str, writer_lock: WriterLock, *,
        is_partitioned: bool,
    ) -> None:
        self._connection = connection
        self._begin = _BEGIN_PARTITIONED if is_partitioned else _BEGIN
        self._channel = schema
        self._writer_lock = writer_lock
        self._fence = 0
        self.tree: CompactRange = CompactRange()
        self._has_lock = False
        self._has_priority = False
        self.was_sent: bool = False

    def begin(
        self, command_ids: Sequence[str], after: int | None
    ) -> tuple[Head, list[tuple[Any, ...]], list[tuple[Any, ...]]]:
        """Acquire the lock and read the head, known outcomes and a tail, in one round trip.

        The tail are sequence, time and events of the first rows after one; none after ``None``.
        """
        acquisition = [] if self._has_lock else self._writer_lock.acquisition()
        self._has_priority = bool(acquisition) and self._writer_lock.has_priority
        began = time.monotonic()
        calls = [*acquisition, (self._begin, [texts(command_ids)])]
        if after is not None:
            calls.append((_TAIL, (after, after + TAIL_ROWS)))
        answers = run_pipeline(self._connection, calls)
        if acquisition:
            self._has_lock = answers.pop(0)[0][0]
            if not self._has_lock:
                self._writer_lock.timed_out(time.monotonic() - began)
        rows, tail = answers[0], [] if after is None else answers[1]
        head, outcomes = None, []
        for row in rows:
            if row[5] is None:
                head = row
            else:
                outcomes.append(row[5:])
        assert head is not None
        position, recorded_at, sequence, self._fence, edge = head[:5]
        self.tree = tree_of_head(sequence, edge)
        return Head(position, recorded_at, sequence), outcomes, tail

    def append(
        self, expected: Head, head: Head, rows: Sequence[CommandRow], index: Sequence[IndexRow],
        snapshots: Sequence[SnapshotRow],
    ) -> bool:
        """Record the group if the head has not moved, notify listeners, and release the lock.

        Returns whether it was recorded. Everything is sent at once; the reply follows the commit.
        """
        parameters = append_parameters(
            expected, self._fence, self.tree, head, rows, index, snapshots
        )
        calls: list[Call] = [(_APPEND, parameters)]
        if head.position > expected.position:
            notify = self._writer_lock.release_and_notify if self._has_lock else _NOTIFY
            calls.append((notify, [self._channel, str(head.position), *head]))
            self._has_lock = False
        calls += self._releases()
        self.was_sent = True
        answers = run_pipeline(self._connection, calls)
        is_recorded = bool(answers[0][0][0])
        if is_recorded:
            self.tree = tree_of_head(head.sequence, parameters[_EDGE])
        self._writer_lock.has_priority = not is_recorded
        return is_recorded

    def end(self) -> None:
        """Release the lock, if the append has not released it."""
        calls = self._releases()
        if calls and not self._connection.closed:
            try:
                run_pipeline(self._connection, calls)
            except psycopg.Error:
                self._connection.close()         # the end of its session releases the lock

    def _releases(self) -> list[Call]:
        calls: list[Call] = []
        if self._has_lock:
            calls.append((self._writer_lock.release, ()))
        if self._has_priority:
            calls.append((self._writer_lock.release_priority, ()))
        self._has_lock = self._has_priority = False
        return calls


def append_parameters(
    expected: Head, fence: int, tree: CompactRange, head: Head, rows: Sequence[CommandRow],
    index: Sequence[IndexRow], snapshots: Sequence[SnapshotRow],
) -> list[Any]:
    """Return the parameters of ``append_group``: heads, and the rows of each table by column.

    The rows are hashed here, into the tree that the group began with.
    """
    leaves = command_leaves(rows)
    after, nodes = tree.extend(leaves)
    return [
        expected.sequence, fence, *head, after.root, after.as_bytes(),
        *_columns(_COMMANDS[:-1], rows), byteas(leaves) if leaves else None,
        *_columns(_PLACES, index), *_columns(_NODES, nodes), *_columns(_SNAPSHOTS, snapshots),
    ]


def _columns(
    writers: Sequence[Callable[[Any], Any]], rows: Sequence[Sequence[Any]]
) -> list[Any]:
    if not rows:
        return [None] * len(writers)
    return [write(column) for write, column in zip(writers, zip(*rows, strict=True), strict=True)]
