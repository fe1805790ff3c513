"""Workers are killed while several processes write: every event arrives, in order per subject."""

import random
import time
from collections.abc import Callable
from contextlib import closing

from stocktrail.feeds.webhooks.questions import webhooks
from stocktrail.ledger.store import open_ledger
from tests.commands.scenes import given
from tests.feeds.killing import KilledShop, Process
from tests.feeds.receiver import Handler, Message, Receiver, receiving
from tests.store.conftest import Workers
from tests.waiting import wait_until

ORDERS = 16


def delivering(url: str) -> Process:
    """Deliver in a process of its own, until it is killed."""
    return Process("-m", "stocktrail", "deliver", "webhooks", "--database", url)


def fail_first(handler: Handler, message: Message) -> None:
    """Fail an event in a thousand when it comes for the first time; its subject then waits."""
    unlucky = message.position % 1000 == 397
    fails = unlucky and handler.server.positions.count(message.position) == 1
    handler.answer(500 if fails else 204)


def one_more(receiver: Receiver) -> Callable[[], bool]:
    """Remember how many messages there are, to ask later whether there are more."""
    begun = len(receiver.messages)
    return lambda: len(receiver.messages) > begun


def assert_goes_on(positions: list[int]) -> None:
    """See that a subject was told in order: what was told again is a repetition from before."""
    first_time = list(dict.fromkeys(positions))
    assert first_time == sorted(first_time)


def kill_workers(url: str, workers: Workers, seed: int, kills: int) -> None:
    """Kill workers one after the other while several processes write and the receiver fails."""
    chance = random.Random(seed)
    shop = KilledShop(workers, url, ORDERS)
    with open_ledger(url) as ledger, receiving() as receiver:
        receiver.answering = fail_first
        given(ledger, {
            "command": "create-webhook", "webhook": "shop", "url": receiver.url, "after": 0,
        })

        def is_delivered() -> bool:
            worker.require_alive()
            (row,) = webhooks(ledger)["rows"]
            return bool(row["lag"] == 0 and row["waiting"] == 0)

        for _ in range(kills):
            another = one_more(receiver)
            with shop.writing(), closing(delivering(url)) as worker:
                wait_until(another, "something is delivered")
                time.sleep(chance.uniform(0, 0.2))
                worker.kill()
        with shop.writing():
            pass
        with closing(delivering(url)) as worker:
            wait_until(is_delivered, "everything is delivered", lambda: len(receiver.messages))
        head = ledger.head().position
    assert head == shop.head + 1
    assert_all_are_delivered(receiver, head)
    assert {message.headers["webhook-id"] for message in receiver.messages} == {
        message.event["id"] for message in receiver.messages
    }


def assert_all_are_delivered(receiver: Receiver, head: int) -> None:
    """See that every event has come, and those of a subject in order."""
    assert sorted(set(receiver.positions)) == list(range(1, head + 1))
    for positions in receiver.by_subject().values():
        assert_goes_on(positions)


def test_workers_killed_while_several_write_and_the_receiver_fails_at_times(
    database_url: str, workers: Workers
) -> None:
    kill_workers(database_url, workers, seed=20261121, kills=3)
