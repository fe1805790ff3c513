"""One group on its way into PostgreSQL: a turn, what it is judged against, and one round trip.

While Python decides, no transaction is open and no row is locked. The compare-and-set of the head
alone decides which group is recorded. The *turn* is a hint beside it: a session's advisory lock,
handed on by the server in the order of asking, so that writers wait for each other instead of
deciding in vain, and the slow one comes to write as well as the fast ones. It is given back in the
same round trip, after the commit. Who waits for it too long goes on without it for a while: a
writer that stands still with the turn holds nobody up for long.
"""

import time
from collections.abc import Callable, Sequence
from typing import Any

import psycopg

from stocktrail.ledger.store.mapper import EventRow, SnapshotRow
from stocktrail.ledger.store.merkle.heads import Seal
from stocktrail.ledger.store.outcome import Head, OutcomeRow
from stocktrail.ledger.store.postgres.arrays import bigints, byteas, texts
from stocktrail.ledger.store.postgres.connection import LedgerConnection
from stocktrail.ledger.store.postgres.pipeline import (
    BIGINTS,
    BYTEAS,
    BYTES,
    TEXT,
    TEXTS,
    TRUTH,
    WHOLE,
    Asked,
    Statement,
    in_one_trip,
)
from stocktrail.ledger.store.postgres.schema import TURN, URGENT, lock_key

TURN_WAIT_MILLISECONDS = 500
WITHOUT_TURNS_SECONDS = 5.0
"""For how long nobody of this process waits for a turn after one did not come."""

URGENT_WAIT_MILLISECONDS = 4000
WITHOUT_URGENCY_SECONDS = 30.0
"""The same where somebody who decided in vain asks for patience with a group that takes long."""

_TAKE_TURN = Statement(
    b"take_turn", b"SELECT take_turn($1, $2, $3)", (WHOLE, WHOLE, TRUTH), (TRUTH,)
)
_BEGIN = Statement(
    b"begin_group",
    # One statement: the head and the outcomes are of one moment. The head has no command id.
    b"SELECT position, recorded_at, fence, event_range, command_count, command_range, NULL, NULL, "
    b"NULL, NULL, NULL, NULL, NULL FROM ledger_head UNION ALL SELECT NULL, NULL, NULL, NULL, NULL, "
    b"NULL, command_id, fingerprint, status, first_position, last_position, body, result "
    b"FROM stored_commands WHERE command_id = ANY($1)",
    (TEXTS,),
    (WHOLE, WHOLE, WHOLE, BYTES, WHOLE, BYTES, TEXT, BYTES, TEXT, WHOLE, WHOLE, BYTES, BYTES),
)
_EVENT_KINDS = (
    BIGINTS, TEXTS, BIGINTS, TEXTS, BYTEAS, BIGINTS, BIGINTS, TEXTS, TEXTS, TEXTS, TEXTS
)
_SEAL_KINDS = (BYTES, BYTES, WHOLE, BYTES, BYTES)
_OUTCOME_KINDS = (TEXTS, BYTEAS, TEXTS, BIGINTS, BIGINTS, BYTEAS, BYTEAS)
_SNAPSHOT_KINDS = (TEXTS, BIGINTS, TEXTS, BYTEAS)
_NODE_KINDS = (BIGINTS, BIGINTS, BIGINTS, BYTEAS)
_TAKES = (
    *(WHOLE,) * 5, *_SEAL_KINDS, *_EVENT_KINDS, BYTEAS, *_OUTCOME_KINDS, BYTEAS, *_NODE_KINDS,
    *_SNAPSHOT_KINDS,
)
_APPEND = Statement(
    b"append_group",
    f"SELECT append_group({', '.join(f'${n + 1}' for n in range(len(_TAKES)))})".encode(),
    _TAKES, (TRUTH,),
)
APPEND = f"SELECT append_group({', '.join(['%s'] * len(_TAKES))})"
"""The same for the driver's own cursors."""

_WAKE = Statement(
    b"wake",
    b"SELECT pg_notify($1, $2) FROM ledger_head WHERE position = $3 AND recorded_at = $4",
    (TEXT, TEXT, WHOLE, WHOLE),
)

_EVENTS = (bigints, texts, bigints, texts, byteas, bigints, bigints, texts, texts, texts, texts)
_OUTCOMES = (texts, byteas, texts, bigints, bigints, byteas, byteas)
_NODES = (bigints, bigints, bigints, byteas)
_SNAPSHOTS = (texts, bigints, texts, byteas)


class WriterLock:
    """The turns of one process: how long to wait for one now, and whether it is urgent.

    A group that takes longer to decide than others wait would lose to them again and again; so who
    decided in vain makes its next turn urgent, and for that the others wait longer.
    """

    def __init__(self, schema: str) -> None:
        key = lock_key(schema)
        self.give_back = Statement(
            b"give_back", f"SELECT pg_advisory_unlock({TURN}, {key})".encode(), ()
        )
        self.end_urgency = Statement(
            b"end_urgency",
            f"SELECT pg_advisory_unlock({URGENT}, {key}) WHERE EXISTS (SELECT FROM pg_locks "
            f"WHERE locktype = 'advisory' AND classid = {URGENT} AND pid = pg_backend_pid() "
            "AND granted)".encode(), (),
        )
        self.is_urgent = False
        self._waits_from = 0.0
        self._heeds_from = 0.0

    def asked(self) -> list[Asked]:
        """Return what to ask the server for, if anything."""
        now = time.monotonic()
        if now < self._heeds_from:
            return []
        wait = TURN_WAIT_MILLISECONDS if now >= self._waits_from else 0
        return [(_TAKE_TURN, (wait, URGENT_WAIT_MILLISECONDS, self.is_urgent))]

    def timed_out(self, waited: float) -> None:
        """Go on without waiting for a while."""
        now = time.monotonic()
        if waited * 1000 >= URGENT_WAIT_MILLISECONDS:
            self._heeds_from = now + WITHOUT_URGENCY_SECONDS
        elif now >= self._waits_from:
            self._waits_from = now + WITHOUT_TURNS_SECONDS


class Group:
    """One group: it begins, is decided, and ends in one append or in nothing."""

    def __init__(self, connection: LedgerConnection, schema: str, turns: WriterLock) -> None:
        self._connection = connection
        self._channel = schema
        self._turns = turns
        self._fence = 0
        self._seal = Seal()
        self._has_turn = False
        self._is_urgent = False
        self.was_sent = False

    def begin(self, command_ids: Sequence[str]) -> tuple[Head, list[tuple[Any, ...]]]:
        """Take the turn, and read the head and the outcomes that are there, in one round trip."""
        turn = [] if self._has_turn else self._turns.asked()
        self._is_urgent = bool(turn) and self._turns.is_urgent
        began = time.monotonic()
        *turns, rows = in_one_trip(self._connection, [*turn, (_BEGIN, [texts(command_ids)])])
        if turn:
            self._has_turn = turns[0][0][0]
            if not self._has_turn:
                self._turns.timed_out(time.monotonic() - began)
        head, outcomes = None, []
        for row in rows:
            if row[6] is None:
                head = row
            else:
                outcomes.append(row[6:])
        assert head is not None
        position, recorded_at, self._fence, *seal = head[:6]
        self._seal = Seal.of_row(position, *seal)
        return Head(position, recorded_at), outcomes

    def append(
        self, expected: Head, head: Head, events: Sequence[EventRow],
        outcomes: Sequence[OutcomeRow], snapshots: Sequence[SnapshotRow],
    ) -> bool:
        """Record the group if the head is where it was, wake who listens, and end the turn.

        Gives whether it was recorded. Everything is sent at once; the reply comes after the commit.
        """
        parameters = append_parameters(
            expected, self._fence, self._seal, head, events, outcomes, snapshots
        )
        asked: list[Asked] = [(_APPEND, parameters)]
        if events:
            asked.append((_WAKE, [self._channel, str(head.position), *head]))
        asked += self._given_back()
        self.was_sent = True
        answers = in_one_trip(self._connection, asked)
        is_recorded = bool(answers[0][0][0])
        self._turns.is_urgent = not is_recorded
        return is_recorded

    def end(self) -> None:
        """Return the turn back, if it was not used."""
        asked = self._given_back()
        if asked and not self._connection.closed:
            try:
                in_one_trip(self._connection, asked)
            except psycopg.Error:
                self._connection.close()         # and with it the turn is given back

    def _given_back(self) -> list[Asked]:
        asked: list[Asked] = []
        if self._has_turn:
            asked.append((self._turns.give_back, ()))
        if self._is_urgent:
            asked.append((self._turns.end_urgency, ()))
        self._has_turn = self._is_urgent = False
        return asked


def append_parameters(
    expected: Head, fence: int, seal: Seal, head: Head, events: Sequence[EventRow],
    outcomes: Sequence[OutcomeRow], snapshots: Sequence[SnapshotRow],
) -> list[Any]:
    """Return what ``append_group`` takes: heads, and the rows of each table column by column.

    The rows are sealed here, on top of the seal that the group began with.
    """
    after, event_leaves, command_leaves, nodes = seal.grown(events, outcomes)
    return [
        expected.position, fence, seal.commands.size, *head, *after.as_row(),
        *_columns(_EVENTS, events), byteas(event_leaves) if events else None,
        *_columns(_OUTCOMES, outcomes), byteas(command_leaves) if outcomes else None,
        *_columns(_NODES, nodes), *_columns(_SNAPSHOTS, snapshots),
    ]


def _columns(
    kinds: Sequence[Callable[[Any], Any]], rows: Sequence[Sequence[Any]]
) -> list[Any]:
    if not rows:
        return [None] * len(kinds)
    return [write(column) for write, column in zip(kinds, zip(*rows, strict=True), strict=True)]
