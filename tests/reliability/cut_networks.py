"""R10: a network that is cut, slow and loses packets, between a server and some of its clients.

One writer and one subscriber are in a network namespace, behind a wire that is cut and worsened;
another writer is beside the server. Where wires are not permitted, the proxy of the simulation
plays the network, and there is no subscriber.
"""

import random
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from threading import Thread

from simulation.postgres.episode import episode
from stocktrail.ledger.store import open_ledger
from tests.feeds.killing import assert_heard_exactly, subscriber
from tests.feeds.serving import Server, serving
from tests.postgres_server import PostgresServer
from tests.reliability.trial import SERVER, FreshDatabase, ReliabilityTrial
from tests.reliability.wires import Wire, wires_are_permitted
from tests.store.conftest import Sending, Workers, forking_writers
from tests.store.faults import await_quiet
from tests.store.shop import (
    Command,
    assert_answers_are_recorded,
    assert_log_is_sound,
    order,
    script,
    send,
    sold,
    stocked,
)
from tests.waiting import wait_until

CUTS_IN_A_ROUND = 4
UNITS = 150
ORDERS = 600
LONGEST_SECONDS = 10.0
"""No writer is to be kept waiting for longer."""

ALLOWANCE_SECONDS = 10.0
"""For a machine that is busy with other things."""

_PASSING = ("storage_failed", "storage_busy")


class PatientWriter:
    """Sends a script until it was sent whole, as often as the network makes it fail."""

    def __init__(self, workers: Workers, url: str, commands: list[Command]) -> None:
        self.answers: list[dict[str, object]] = []
        self.failures = 0
        self.longest_wait = 0.0
        self.is_done = False
        self._workers, self._url, self._script = workers, url, script(commands)
        self._error: BaseException | None = None
        self._now: Sending | None = None
        self._thread = Thread(target=self._work, daemon=True)
        self._thread.start()

    def come(self) -> int:
        """Return how many answers came so far, those of earlier attempts too."""
        now = self._now
        return len(self.answers) + (0 if now is None else len(now.answers))

    def wait(self) -> None:
        """Wait until everything was sent."""
        wait_until(lambda: self.is_done or self._error, "it is done", self.come)
        if self._error is not None:
            raise self._error

    def _work(self) -> None:
        try:
            while not self.is_done:
                self._attempt()
        except BaseException as error:  # noqa: BLE001 - whoever waits gets it
            self._error = error

    def _attempt(self) -> None:
        self._now = sending = self._workers.start(self._url, self._script, at_once=400)
        heard, at = 0, time.monotonic()
        while sending.is_at_work():
            if len(sending.answers) > heard:
                heard, at = len(sending.answers), time.monotonic()
            self.longest_wait = max(self.longest_wait, time.monotonic() - at)
            time.sleep(0.02)
        self._now = None
        self.answers += sending.wait()
        if sending.is_done:
            self.is_done = True
            return
        assert sending.failed is not None
        assert sending.failed["failed"] in _PASSING, sending.failed
        self.failures += 1
        time.sleep(0.2)


def cut_networks(seed: int, database: FreshDatabase, folder: Path) -> int:
    """Cut and worsen the wire of some, while others go on; count how often."""
    return _play(seed, database, folder, CUTS_IN_A_ROUND, ORDERS)


def cut_once(seed: int, database: FreshDatabase, folder: Path) -> int:
    """Cut the wire once."""
    return _play(seed, database, folder, 1, UNITS)


def _play(seed: int, database: FreshDatabase, folder: Path, times: int, orders: int) -> int:
    if not wires_are_permitted():
        print("Network namespaces are not permitted here: a proxy plays the network.")
        return episode(seed, database.url, steps=5 * times).faults.total()
    chance = random.Random(seed)
    with ExitStack() as everything:
        wire = everything.enter_context(Wire(seed))
        server = everything.enter_context(_server_on(wire))
        near_url = server.url("shop")
        with open_ledger(near_url) as ledger:
            send(ledger, stocked("TEA", quantity=UNITS))
        http = everything.enter_context(
            serving(near_url, "--host", "0.0.0.0", "--allow-anonymous")
        )
        far_workers = Workers(
            everything.enter_context(forking_writers("tests.store.worker", wire.within))
        )
        follower = subscriber(
            folder, f"http://{wire.here}:{http.port}/events", "stream", wire.within
        )
        everything.callback(follower.close)
        far_url = f"postgresql://postgres@{wire.here}:5432/postgres?schema=shop"
        writers = [
            PatientWriter(far_workers, far_url, _orders("FAR", orders)),
            PatientWriter(database.workers, near_url, _orders("NEAR", orders)),
        ]
        for _ in range(times):
            time.sleep(chance.uniform(0.1, 0.6))
            _trouble(wire, chance, http)
        for each in writers:
            each.wait()
        await_quiet(near_url)
        head = assert_log_is_sound(near_url)
        follower.wait_beyond(head - 1)
        _compare(near_url, writers, orders)
        assert_heard_exactly(follower, near_url)
    return times


@contextmanager
def _server_on(wire: Wire) -> Iterator[PostgresServer]:
    server = PostgresServer(listen_addresses=wire.here)
    with (server.folder / "data" / "pg_hba.conf").open("a") as rights:
        rights.write(f"host all all {wire.there}/32 trust\n")
    with server:
        yield server


def _trouble(wire: Wire, chance: random.Random, http: Server) -> None:
    if chance.random() < 0.5:
        wire.cut()
        time.sleep(chance.choice((0.05, 0.3, 1.0, 3.0, 6.0)))
        if chance.random() < 0.4:                # its subscriber finds a connection that is gone
            http.kill()
            http.start()
    else:
        wire.worsen(chance.choice((20, 100, 400)), chance.choice((2, 10, 30)))
        time.sleep(chance.uniform(0.5, 3.0))
    wire.mend()


def _orders(name: str, count: int) -> list[Command]:
    return [order(f"{name}-{number}", "TEA") for number in range(count)]


def _compare(url: str, writers: list[PatientWriter], orders: int) -> None:
    for each in writers:
        assert_answers_are_recorded(url, each.answers)
        assert len({answer["id"] for answer in each.answers}) == orders
        assert each.longest_wait < LONGEST_SECONDS + ALLOWANCE_SECONDS
    with open_ledger(url) as ledger:
        assert sold(ledger, "TEA") == UNITS


TRIALS = [
    ReliabilityTrial(
        "R10", "Network cut, slow, losing packets, between PostgreSQL and a writer, and between a "
        "server and its subscriber",
        "no writer is kept waiting for more than ten seconds; nothing twice; the stream goes on "
        "exactly where it was", "cuts", 100, cut_networks, databases=SERVER, briefly=cut_once,
    ),
]
