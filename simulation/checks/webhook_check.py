"""The check of webhooks: everything is delivered or still waits, subject by subject in order."""

import sqlite3
from contextlib import closing
from pathlib import Path

from simulation.checks.violation import require

CHECK = "webhooks"


class WebhookCheck:
    """Holds what the receiver of one webhook confirmed, and compares it with the tables."""

    def __init__(self, webhook: str) -> None:
        self._webhook = webhook
        self.confirmed: set[int] = set()
        self.seen = 0
        self._subjects: dict[str, int] = {}
        self._wrong: list[str] = []
        self._holders: list[str] = []
        self._returns = 0

    def confirm(self, position: int, subject: str) -> None:
        """Take note that the receiver has confirmed an event; it may have done so before."""
        last = self._subjects.get(subject, 0)
        if position < last and position not in self.confirmed:
            self._wrong.append(f"{subject} at {position} came after {last}")
        self._subjects[subject] = max(last, position)
        self.confirmed.add(position)

    def compare(self, path: Path, head: int) -> None:
        """Require that every event up to the cursor is confirmed or waits in the backlog."""
        require(not self._wrong, CHECK, "; ".join(self._wrong))
        with closing(sqlite3.connect(f"file:{path}?mode=rw", uri=True)) as connection:
            try:
                cursor = connection.execute(
                    "SELECT position FROM webhook_cursor_v1 WHERE webhook = ?", (self._webhook,)
                ).fetchone()
                rows = connection.execute(
                    "SELECT position FROM webhook_waiting_v1 WHERE webhook = ?", (self._webhook,)
                ).fetchall()
                holders = connection.execute(
                    "SELECT holder FROM effect_lease_v1 WHERE worker = 'webhooks'"
                ).fetchall()
            except sqlite3.OperationalError as error:
                require("no such table" in str(error), CHECK, str(error))
                return
        for (holder,) in holders:
            if holder not in self._holders[-1:]:
                self._returns += holder in self._holders
                self._holders.append(holder)
        self.seen = 0 if cursor is None else cursor[0]
        require(self.seen <= head, CHECK, f"the cursor is at {self.seen}, the log ends at {head}")
        waiting = {row[0] for row in rows}
        lost = set(range(1, self.seen + 1)) - self.confirmed - waiting
        require(not lost, CHECK, f"nobody delivers {sorted(lost)[:20]} any more")

    def require_one_worker(self, reasons: int) -> None:
        """Require that no worker got the lease again that another had, unless for a reason.

        A worker keeps it until it ends: one that begins after it is another one.
        """
        require(
            self._returns <= reasons, CHECK,
            f"workers got the lease again {self._returns} times, for {reasons} reasons",
        )
