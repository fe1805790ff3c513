"""Workers are killed while several processes write: every event arrives, in order per subject."""

import os
import random
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

from feeds.webhooks.questions import webhooks
from ledger.store import Ledger, open_ledger
from tests.commands.scenes import given, order, product, receive
from tests.feeds.receiver import Handler, Message, receiving

ROOT = Path(__file__).parents[2]
KILLS = 8
WRITERS = 3


def delivering(url: str, *more: str) -> "subprocess.Popen[bytes]":
    """Deliver in a process of its own, until it is killed."""
    return subprocess.Popen(
        [sys.executable, "-m", "interfaces.cli", "deliver", "webhooks", *more, "--database", url],
        env={**os.environ, "PYTHONPATH": str(ROOT)}, stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def fill(url: str, name: str) -> None:
    """Write orders about an item of one's own and one that all share."""
    with open_ledger(url) as ledger:
        for number in range(150):
            given(ledger, receive(2), receive(1, sku=name), order(f"{name}-{number}", 1))


def assert_goes_on(positions: list[int]) -> None:
    """See that a subject was told in order: what was told again is a repetition from before."""
    first_time = list(dict.fromkeys(positions))
    assert first_time == sorted(first_time)


def test_workers_killed_while_several_write_and_the_receiver_fails_at_times(
    ledger: Ledger, database_url: str
) -> None:
    chance = random.SystemRandom()

    def moody(handler: Handler, message: Message) -> None:
        # Failing rarely: after a failure a subject waits for five seconds.
        handler.answer(500 if chance.random() < 0.001 else 204)

    with receiving() as receiver:
        receiver.answering = moody
        given(ledger, product(), *(product(f"W{number}") for number in range(WRITERS)), {
            "command": "create-webhook", "webhook": "shop", "url": receiver.url, "after": 0,
        })
        writers = [
            threading.Thread(target=fill, args=(database_url, f"W{number}"))
            for number in range(WRITERS)
        ]
        for writer in writers:
            writer.start()
        kills = 0
        while kills < KILLS or any(writer.is_alive() for writer in writers):
            worker = delivering(database_url)
            time.sleep(chance.uniform(0.8, 2))
            worker.send_signal(signal.SIGKILL)
            worker.wait()
            kills += 1
        for writer in writers:
            writer.join()
        receiver.answering = lambda handler, message: handler.answer(204)
        worker = delivering(database_url)
        head = ledger.head().position
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            (row,) = webhooks(ledger)["rows"]
            if row["lag"] == 0 and row["waiting"] == 0:
                break
            time.sleep(0.1)
        worker.terminate()
        worker.wait()
    assert sorted(set(receiver.positions)) == list(range(1, head + 1))
    for positions in receiver.by_subject().values():
        assert_goes_on(positions)
    repeated = len(receiver.positions) - head
    print(f"{head} events, {kills} kills, {repeated} sent again")
    assert {message.headers["webhook-id"] for message in receiver.messages} == {
        message.event["id"] for message in receiver.messages
    }
