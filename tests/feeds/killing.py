"""Subscribers that are killed and started again at random while several processes write.

No scene depends on how fast this machine is. The log is written a slice at a time, and whoever is
to be killed is killed when it has heard something of the slice that is being written: never before
it has begun, and never when it has heard all, for another slice follows.
"""

import json
import os
import random
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from stocktrail.ledger.store import open_ledger
from tests.feeds.serving import Server
from tests.interfaces.terminal import ROOT
from tests.store.conftest import Workers
from tests.store.shop import Command, order, script, send, stocked, table
from tests.waiting import PATIENCE_SECONDS, wait_until

WRITERS = 4


class KilledShop:
    """A shop on a ledger, in which several processes write a slice of the log at a time."""

    def __init__(self, workers: Workers, url: str, orders: int) -> None:
        self._workers, self._url, self._orders = workers, url, orders
        self._begun = 0
        with open_ledger(url) as ledger:
            send(ledger, stocked("A", "B", "C", quantity=1_000_000))
            self.head = ledger.head().position

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Let each process place and ship its orders, while the block lasts and until it is done.

        An order and its shipment are four events.
        """
        numbers = range(self._begun, self._begun + self._orders)
        self._begun += self._orders
        sending = [
            self._workers.start(
                self._url, script(orders_and_shipments(writer, numbers)), at_once=150
            )
            for writer in range(WRITERS)
        ]
        try:
            yield
        finally:
            for each in sending:
                each.wait()
        assert [each.failed for each in sending] == [None] * WRITERS
        self.head += WRITERS * self._orders * 4


def orders_and_shipments(writer: int, numbers: range) -> Iterator[Command]:
    """Let one writer place orders of some customers, and ship them: four events each."""
    for number in numbers:
        name = f"SO-{writer}-{number}"
        yield order(name, "ABC"[number % 3], quantity=1 + number % 4, customer=f"C-{number % 7}")
        yield {
            "command": "ship-order", "order": name, "shipment": f"S-{name}", "id": f"ship-{name}"
        }


class Process:
    """A Python process that is killed now and then, and started again.

    ``within`` are words before its command, such as those that enter a network namespace.
    """

    def __init__(self, *arguments: str, within: Sequence[str] = ()) -> None:
        self._command = [*within, sys.executable, *arguments]
        self.start()

    def start(self) -> None:
        """Start it, or start it again."""
        self._process = subprocess.Popen(
            self._command, cwd=ROOT, stderr=subprocess.PIPE, text=True,
            stdout=subprocess.DEVNULL, env={**os.environ, "PYTHONPATH": str(ROOT)},
        )

    def kill(self) -> None:
        """Kill it without a word; it must not have ended by itself."""
        self.require_alive()
        self.close()

    def close(self) -> None:
        """End it, in whatever state it is."""
        self._process.kill()
        self._process.communicate(timeout=PATIENCE_SECONDS)

    def require_alive(self) -> None:
        """See that it has not given up."""
        if self._process.poll() is not None:
            raise AssertionError(self._process.communicate(timeout=PATIENCE_SECONDS)[1])


class Killed(Process):
    """A subscriber with a file of its own."""

    def __init__(self, file: Path, *arguments: str, within: Sequence[str] = ()) -> None:
        self.file = file
        self.killed_at: list[int] = []
        super().__init__(*arguments, within=within)

    def wait_beyond(self, position: int) -> None:
        """Wait until it has heard something after a position."""
        def further() -> bool:
            self.require_alive()
            return self.position() > position

        wait_until(further, f"{self.file.name} hears something after {position}")

    def kill(self) -> None:
        """Kill it without a word, and remember how far it had come."""
        super().kill()
        self.killed_at.append(self.position())

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


def subscriber(folder: Path, url: str, how: str, within: Sequence[str] = ()) -> Killed:
    """Start a subscriber that writes down what it hears."""
    file = folder / f"{how}.db"
    return Killed(file, "-m", "tests.feeds.subscriber", url, str(file), how, within=within)


@contextmanager
def subscribers(folder: Path, url: str) -> Iterator[dict[str, Killed]]:
    """Let one subscriber of each kind follow over HTTP, and the example service."""
    file = folder / "example.db"
    following = {name: subscriber(folder, url, name) for name in ("batches", "stream")}
    following["example"] = Killed(
        file, "examples/shipped_units.py", "--url", url, "--file", str(file)
    )
    try:
        yield following
        for each in following.values():
            each.require_alive()
    finally:
        for each in following.values():
            each.close()


def kill_while_it_hears(victim: Killed, shop: KilledShop, chance: random.Random) -> None:
    """Kill a subscriber in the middle of what is being written, and start it again."""
    begun = victim.position()
    with shop.writing():
        victim.wait_beyond(begun)
        time.sleep(chance.uniform(0, 0.05))
        victim.kill()
        time.sleep(chance.uniform(0, 0.1))
        victim.start()


def kill_server(server: Server, shop: KilledShop, chance: random.Random) -> None:
    """Kill a server while others write, and start it again."""
    with shop.writing():
        time.sleep(chance.uniform(0, 0.2))
        server.kill()
        time.sleep(chance.uniform(0, 0.2))
        server.start()


def assert_killed_midway(subscribers: Sequence[Killed], times: int, head: int) -> None:
    """See that each was killed so often, always when it had heard something and not all."""
    assert [len(each.killed_at) for each in subscribers] == [times] * len(subscribers)
    assert all(0 < at < head for each in subscribers for at in each.killed_at)


def wait_until_all_have_heard(subscribers: Sequence[Killed], head: int) -> None:
    """Let everyone catch up."""
    for each in subscribers:
        each.wait_beyond(head - 1)


def assert_heard_exactly(each: Killed, url: str) -> None:
    """See that a subscriber heard exactly the log, in order."""
    log = [
        (position, f"{position}-{recorded_at + position - first}", stream)
        for position, stream, recorded_at, first in table(
            url, "SELECT e.position, e.stream, c.recorded_at, c.first_position FROM events e "
            "JOIN commands c ON c.sequence = e.sequence ORDER BY e.position",
        )
    ]
    assert each.rows("SELECT position, id, subject FROM heard ORDER BY number") == log


def assert_counted_exactly(each: Killed, url: str) -> None:
    """See that the example service counted exactly what the log says was shipped."""
    customers: dict[str, str] = {}
    shipped: Counter[tuple[str, str]] = Counter()
    for topic, stream, state in table(
        url, "SELECT type, stream, CAST(data AS TEXT) FROM events "
        "WHERE type IN ('OrderPlaced.v1', 'OrderShipped.v1') ORDER BY position",
    ):
        data = json.loads(state)
        if topic == "OrderPlaced.v1":
            customers[stream] = data["customer"]
            continue
        for line in data["lines"]:
            shipped[customers[stream], line["sku"]] += round(10_000 * line["quantity"])
    counted = sorted((*key, units) for key, units in shipped.items())
    assert each.rows("SELECT * FROM shipped ORDER BY 1, 2") == counted
    assert counted
