"""Subscribers that are killed and started again at random while others write."""

import os
import random
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from tests.feeds.serving import Server
from tests.interfaces.terminal import ROOT
from tests.store.shop import Command, order, table

PATIENCE_SECONDS = 120.0


class Killed:
    """A process with a file of its own that is killed now and then, and started again."""

    def __init__(self, file: Path, *arguments: str) -> None:
        self.file = file
        self._arguments = arguments
        self.killed_at: list[int] = []
        self.start()

    def start(self) -> None:
        """Start it, or start it again."""
        self._process = subprocess.Popen(
            [sys.executable, *self._arguments], cwd=ROOT, stderr=subprocess.PIPE, text=True,
            stdout=subprocess.DEVNULL, env={**os.environ, "PYTHONPATH": str(ROOT)},
        )

    def kill(self) -> None:
        """Kill it without a word; it must not have ended by itself."""
        self.require_alive()
        self.end()
        self.killed_at.append(self.position())

    def end(self) -> None:
        """End it, in whatever state it is."""
        self._process.kill()
        self._process.communicate()

    def require_alive(self) -> None:
        """See that it has not given up."""
        if self._process.poll() is not None:
            raise AssertionError(self._process.communicate()[1])

    def position(self) -> int:
        """Read how far it has come."""
        if not self.file.exists():
            return 0
        try:
            return int(self.rows("SELECT position FROM checkpoint")[0][0])
        except (sqlite3.OperationalError, IndexError):
            return 0               # it was killed before it had made its tables

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """Read its file."""
        with closing(sqlite3.connect(self.file, timeout=30)) as connection:
            return connection.execute(query).fetchall()


def orders_and_shipments(writer: int, numbers: range) -> Iterator[Command]:
    """Let one writer place orders of some customers, and ship them: four events each."""
    for number in numbers:
        name = f"SO-{writer}-{number}"
        yield order(name, "ABC"[number % 3], quantity=1 + number % 4, customer=f"C-{number % 7}")
        yield {
            "command": "ship-order", "order": name, "shipment": f"S-{name}", "id": f"ship-{name}"
        }


@contextmanager
def subscribers(folder: Path, url: str) -> Iterator[dict[str, Killed]]:
    """Let one subscriber of each kind follow, and the example service."""
    how = {
        name: ("-m", "tests.feeds.subscriber", url, str(folder / f"{name}.db"), name)
        for name in ("batches", "stream")
    } | {
        "example": ("examples/shipped_units.py", "--url", url, "--file",
                    str(folder / "example.db"))
    }
    following = {name: Killed(folder / f"{name}.db", *each) for name, each in how.items()}
    try:
        yield following
        for subscriber in following.values():
            subscriber.require_alive()
    finally:
        for subscriber in following.values():
            subscriber.end()


def kill_at_random(
    subscribers: Sequence[Killed], server: Server, chance: random.Random, kills: int
) -> None:
    """Kill so many subscribers at random moments, and one server; start them again."""
    for victim in chance.sample(subscribers, kills):
        time.sleep(chance.uniform(0, 0.3))
        victim.kill()
        time.sleep(chance.uniform(0, 0.1))
        victim.start()
    server.kill()
    time.sleep(chance.uniform(0, 0.2))
    server.start()


def wait_until_all_have_heard(subscribers: Sequence[Killed], head: int) -> None:
    """Let everyone catch up."""
    until = time.monotonic() + PATIENCE_SECONDS
    while any(each.position() < head for each in subscribers):
        for each in subscribers:
            each.require_alive()
        assert time.monotonic() < until, [each.position() for each in subscribers]
        time.sleep(0.1)


def assert_heard_exactly(each: Killed, url: str) -> None:
    """See that a subscriber heard exactly the log, in order."""
    log = table(
        url, "SELECT position, position || '-' || recorded_at, originator_id FROM stored_events "
        "ORDER BY position",
    )
    assert each.rows("SELECT position, id, subject FROM heard ORDER BY number") == log


def assert_counted_exactly(each: Killed, url: str) -> None:
    """See that the example service counted exactly what the log says was shipped."""
    counted = table(
        url, "SELECT placed.state ->> 'customer', line.value ->> 'sku', "
        "SUM(CAST(ROUND(10000 * (line.value ->> 'quantity')) AS INTEGER)) "
        "FROM stored_events shipped, json_each(shipped.state, '$.lines') line, "
        "stored_events placed WHERE shipped.topic = 'OrderShipped.v1' "
        "AND placed.originator_id = shipped.originator_id AND placed.topic = 'OrderPlaced.v1' "
        "GROUP BY 1, 2 ORDER BY 1, 2",
    )
    assert each.rows("SELECT * FROM shipped ORDER BY 1, 2") == counted
    assert counted
