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

from psycopg import Connection
from psycopg.rows import tuple_row

from ledger.store.outcome import Head
from ledger.store.postgres_arrays import bigints, byteas, texts
from ledger.store.postgres_schema import TURN, lock_key

TURN_WAIT_MILLISECONDS = 500
WITHOUT_TURNS_SECONDS = 5.0
"""For how long nobody of this process asks for a turn after one did not come."""

_TAKE_TURN = f"SELECT take_turn({TURN_WAIT_MILLISECONDS})"
_BEGIN = """
SELECT h.position, h.recorded_at, h.fence, c.command_id, c.fingerprint, c.status, c.first_position,
    c.last_position, c.body, c.result
FROM ledger_head h LEFT JOIN stored_commands c ON c.command_id = ANY(%s)
"""
_APPEND = f"SELECT append_group({', '.join(['%s'] * 26)})"
_WAKE = "SELECT pg_notify(%s, %s) FROM ledger_head WHERE position = %s AND recorded_at = %s"

_EVENTS = (bigints, texts, bigints, texts, byteas, bigints, bigints, texts, texts, texts, texts)
_OUTCOMES = (texts, byteas, texts, bigints, bigints, byteas, byteas)
_SNAPSHOTS = (texts, bigints, texts, byteas)


class Turns:
    """The turns of one process: whether to ask for them now."""

    def __init__(self, schema: str) -> None:
        self._give_back = f"SELECT pg_advisory_unlock({TURN}, {lock_key(schema)})"
        self._not_before = 0.0

    def are_asked_for(self) -> bool:
        """Tell whether to ask, after a turn did not come some time ago."""
        return time.monotonic() >= self._not_before

    def did_not_come(self) -> None:
        """Go on without turns for a while."""
        self._not_before = time.monotonic() + WITHOUT_TURNS_SECONDS

    @property
    def give_back(self) -> str:
        """The statement that hands the turn to the next in line."""
        return self._give_back


class Group:
    """One group: it begins, is decided, and ends in one append or in nothing."""

    def __init__(self, connection: Connection[Any], schema: str, turns: Turns) -> None:
        self._connection = connection
        self._channel = schema
        self._turns = turns
        self._fence = 0
        self._has_turn = False
        self.has_begun = False
        self.was_sent = False

    def begin(self, command_ids: Sequence[str]) -> tuple[Head, list[tuple[Any, ...]]]:
        """Take the turn, and read the head and the outcomes that are there, in one round trip."""
        asked = self._turns.are_asked_for() and not self._has_turn
        with self._connection.pipeline() as pipeline:
            turn = self._connection.cursor(row_factory=tuple_row)
            if asked:
                turn.execute(_TAKE_TURN, prepare=True)
                pipeline.sync()
            found = self._connection.cursor(row_factory=tuple_row, binary=True)
            found.execute(_BEGIN, [texts(command_ids)], prepare=True)
        if asked:
            [self._has_turn] = turn.fetchone() or (False,)
            if not self._has_turn:
                self._turns.did_not_come()
        rows = found.fetchall()
        position, recorded_at, self._fence = rows[0][:3]
        self.has_begun = True
        outcomes = [row[3:] for row in rows if row[3] is not None]
        return Head(position, recorded_at), outcomes

    def append(
        self, expected: Head, head: Head, events: Sequence[Sequence[Any]],
        outcomes: Sequence[Sequence[Any]], snapshots: Sequence[Sequence[Any]],
    ) -> bool:
        """Record the group if the head is where it was, wake who listens, and end the turn.

        Gives whether it was recorded. Everything is sent at once; the reply comes after the commit.
        """
        parameters = [
            expected.position, self._fence, *head, *_columns(_EVENTS, events),
            *_columns(_OUTCOMES, outcomes), *_columns(_SNAPSHOTS, snapshots),
        ]
        self.was_sent = True
        with self._connection.pipeline() as pipeline:
            reply = self._connection.cursor(row_factory=tuple_row)
            reply.execute(_APPEND, parameters, prepare=True)
            pipeline.sync()
            after = self._connection.cursor(row_factory=tuple_row)
            if events:
                after.execute(
                    _WAKE, [self._channel, str(head.position), *head], prepare=True
                )
            if self._has_turn:
                after.execute(self._turns.give_back, prepare=True)
        self._has_turn = False
        return bool((reply.fetchone() or [False])[0])

    def end(self) -> None:
        """Give the turn back, if it was not used."""
        if self._has_turn and not self._connection.closed:
            self._has_turn = False
            self._connection.execute(self._turns.give_back, prepare=True)


def _columns(
    kinds: Sequence[Callable[[Any], Any]], rows: Sequence[Sequence[Any]]
) -> list[Any]:
    if not rows:
        return [None] * len(kinds)
    return [write(column) for write, column in zip(kinds, zip(*rows, strict=True), strict=True)]
