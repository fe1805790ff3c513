"""R14: whoever follows the log hears of every commit, though no notification ever reaches it.

A notification only saves waiting: of PostgreSQL's ``NOTIFY``, of the server's own commits and of
those of a shop in its own process every one is dropped. Each follower must then find what was
committed when it looks by itself.
"""

import random
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from functools import partial
from pathlib import Path
from threading import Event, Thread

import pytest

from stocktrail.feeds.client import Subscription
from stocktrail.following import CommitSignal
from stocktrail.interfaces.service.service import Service
from stocktrail.ledger.store import Ledger, open_ledger
from stocktrail.shop import Shop
from tests.commands.scenes import given, product, receive
from tests.interfaces.api.serving import Served, served
from tests.reliability.trial import FreshDatabase, ReliabilityTrial
from tests.waiting import wait_until

BURSTS = 3


class Follower:
    """Follows the log in a thread of its own, and keeps the positions that it hears."""

    def __init__(self, heard: Callable[[], Iterator[int]]) -> None:
        self.positions: list[int] = []
        self._heard = heard
        self._ended = Event()
        self._thread = Thread(target=self._listen, daemon=True)
        self._thread.start()

    def _listen(self) -> None:
        for position in self._heard():
            self.positions.append(position)
            if self._ended.is_set():
                return

    def has_heard(self, position: int) -> bool:
        """Return whether it has come to a position, and still listens."""
        assert self._thread.is_alive(), "a follower has given up"
        return bool(self.positions) and self.positions[-1] >= position

    def end(self) -> None:
        """Let it end with the next event that it hears."""
        self._ended.set()

    def join(self) -> None:
        """Wait for its end."""
        self._thread.join(60)
        assert not self._thread.is_alive()


def _over_http(address: str, *, as_stream: bool) -> Iterator[int]:
    with Subscription(address, wait_seconds=5) as subscription:
        for batch in subscription.stream() if as_stream else subscription.batches():
            yield from (int(event["sequence"]) for event in batch.events)


def _in_process(url: str) -> Iterator[int]:
    with Shop(open_ledger(url)) as shop:
        yield from (event.position for event in shop.events(follow=True))


def lost_wake_ups(seed: int, database: FreshDatabase, folder: Path) -> int:
    """Drop every notification while commands come; count those that were dropped.

    Commands come through the server and past it. A stream, a long poll, a shop in this process and
    the read models must all reach the end of the log after each burst, without a gap.
    """
    chance = random.Random(seed)
    dropped: list[int] = []
    with ExitStack() as stack:
        patch = stack.enter_context(pytest.MonkeyPatch.context())
        patch.setattr(Service, "_on_commit", lambda _, position: dropped.append(position))
        patch.setattr(CommitSignal, "notify", lambda _: dropped.append(0))
        running = stack.enter_context(served(database.url))
        ledger = stack.enter_context(closing(open_ledger(database.url)))
        address = f"{running.client.base_url}/events"
        given(ledger, product())
        followers = [
            Follower(lambda: _over_http(address, as_stream=True)),
            Follower(lambda: _over_http(address, as_stream=False)),
            Follower(lambda: _in_process(database.url)),
        ]
        for _ in range(BURSTS):
            head = _burst(running, ledger, chance)
            for each in followers:
                wait_until(partial(each.has_heard, head), f"{head} is heard")
            stock = running.client.get("/stock/A", params={"at_least": head})
            assert stock.status_code == 200, stock.text
            assert int(stock.headers["Position"]) >= head
        for each in followers:
            each.end()
        given(ledger, receive(1))
        for each in followers:
            each.join()
            assert each.positions[:head] == list(range(1, head + 1))
        lost = len(dropped)
    assert lost >= BURSTS
    return lost


def _burst(running: Served, ledger: Ledger, chance: random.Random) -> int:
    """Let commands come through the server and past it; return the head."""
    running.accept("receive-stock", sku="A", quantity=1)
    for _ in range(chance.randrange(1, 8)):
        if chance.random() < 0.5:
            running.accept("receive-stock", sku="A", quantity=1)
        else:
            given(ledger, receive(1))
    return ledger.head().position


TRIALS = [
    ReliabilityTrial(
        "R14", "Every notification of a commit is lost",
        "who follows the log hears all of it within the poll", "notifications", 10_000,
        lost_wake_ups,
    ),
]
