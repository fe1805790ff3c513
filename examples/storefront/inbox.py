"""The inbox: every genuine webhook is kept here before it is acknowledged, until it is done.

A delivery stays while the ledger is away, while the order it is about is not known yet, and while
the ledger refuses it. Its body, which names customers, is deleted once it is done.
"""

import time
from collections.abc import Callable, Sequence
from typing import NamedTuple

from examples.storefront.memory import Memory

TABLES = """
CREATE TABLE IF NOT EXISTS delivery (
    number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, topic TEXT NOT NULL, body BLOB,
    about TEXT NOT NULL DEFAULT '', state TEXT NOT NULL DEFAULT 'waiting',
    attempt INTEGER NOT NULL DEFAULT 1, due_at REAL NOT NULL, told TEXT NOT NULL DEFAULT ''
);
CREATE INDEX IF NOT EXISTS delivery_by_state ON delivery (state, due_at);
"""
WAITS_SECONDS = (60, 300, 1_800, 7_200, 21_600, 43_200, 86_400)
"""How long after each attempt the next one is made; after the last a person has to look."""


class ReceivedWebhook(NamedTuple):
    """One webhook that was received."""

    number: int
    topic: str
    body: bytes
    attempt: int
    state: str
    about: str
    told: str


class Inbox(Memory):
    """The deliveries in a SQLite file of the adapter's own; one process uses it, with threads."""

    def __init__(self, file: str, clock: Callable[[], float] = time.time) -> None:
        super().__init__(file)
        self._own.executescript(TABLES)
        self._clock = clock

    def put(self, delivery_id: str, topic: str, body: bytes) -> bool:
        """Keep a delivery durably; return whether it is a new one."""
        with self._transaction() as own:
            kept = own.execute(
                "INSERT OR IGNORE INTO delivery (id, topic, body, due_at) VALUES (?, ?, ?, ?)",
                (delivery_id, topic, body, self._clock()),
            )
            return kept.rowcount == 1

    def due(self) -> list[ReceivedWebhook]:
        """Return what is to be done now, in the order in which it came."""
        return self._select("state = 'waiting' AND due_at <= ?", self._clock())

    def troubled(self) -> list[ReceivedWebhook]:
        """Return what waits, what was given up, and what was done with a remark."""
        return self._select("state != 'done' OR told != ''")

    def _select(self, condition: str, *values: object) -> list[ReceivedWebhook]:
        with self._transaction() as own:
            rows = own.execute(
                "SELECT number, topic, coalesce(body, x''), attempt, state, about, told "
                f"FROM delivery WHERE {condition} ORDER BY number", values,
            )
            return [ReceivedWebhook(*row) for row in rows]

    def done(
        self, delivery: ReceivedWebhook, about: str, told: str = "", skus: Sequence[str] = ()
    ) -> None:
        """Close a delivery; what waits for the same order, or for these items, is due again.

        What was told of the same order before is not told twice.
        """
        with self._transaction() as own:
            own.execute(
                "UPDATE delivery SET state = 'done', body = NULL, about = ?, told = iif("
                "EXISTS(SELECT 1 FROM delivery WHERE about = ? AND told = ? AND state = 'done'), "
                "'', ?) WHERE number = ?", (about, about, told, told, delivery.number),
            )
            due = "UPDATE delivery SET due_at = ? WHERE state = 'waiting' AND "
            own.execute(due + "about = ?", (self._clock(), about))
            own.executemany(
                due + "instr(told, 'unknown_sku') > 0 AND instr(told, ?) > 0",
                [(self._clock(), sku) for sku in skus],
            )

    def wait(
        self, delivery: ReceivedWebhook, about: str, told: str, seconds: float | None = None
    ) -> None:
        """Try a delivery again: after ``seconds`` as it is, else as its next attempt."""
        attempt, state, waits = delivery.attempt, "waiting", seconds
        if waits is None:
            state = "waiting" if attempt <= len(WAITS_SECONDS) else "refused"
            waits = WAITS_SECONDS[min(attempt, len(WAITS_SECONDS)) - 1]
            attempt += 1
        with self._transaction() as own:
            own.execute(
                "UPDATE delivery SET state = ?, attempt = ?, due_at = ?, about = ?, told = ? "
                "WHERE number = ?",
                (state, attempt, self._clock() + waits, about, told, delivery.number),
            )

    def give_up(self, delivery: ReceivedWebhook, told: str) -> None:
        """Keep a delivery that can never become a command, for a person to look at."""
        with self._transaction() as own:
            own.execute(
                "UPDATE delivery SET state = 'unreadable', told = ? WHERE number = ?",
                (told, delivery.number),
            )

    def again(self, number: int) -> bool:
        """Let a delivery that was given up be tried once more; return whether there is one."""
        with self._transaction() as own:
            return own.execute(
                "UPDATE delivery SET state = 'waiting', due_at = ? WHERE number = ? "
                "AND state != 'done'", (self._clock(), number),
            ).rowcount == 1

    def forget(self, days: int = 30) -> None:
        """Delete what was done so long ago, of which nothing was to be told.

        Should such a webhook come again, the ids of its commands see to it that it counts once.
        """
        with self._transaction() as own:
            own.execute(
                "DELETE FROM delivery WHERE state = 'done' AND told = '' AND due_at < ?",
                (self._clock() - days * 86_400,),
            )
