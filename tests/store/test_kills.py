"""Writers are killed at any moment and their scripts sent again: each command has one outcome."""

import random
import time
from pathlib import Path
from typing import get_args

import pytest

from stocktrail.ledger.store import open_ledger
from tests.store.conftest import PATIENCE_SECONDS, Sending, Workers
from tests.store.faults import await_quiet
from tests.store.shop import (
    Command,
    assert_answers_are_recorded,
    assert_log_is_sound,
    events_of,
    order,
    outcomes_of,
    script,
    send,
    stocked,
    timeless_outcomes_of,
)
from tests.store.worker import Point

SKUS = ("TEA", "SUGAR", "MILK")
KILLS = 55
AT_ONCE = 400
"""Bytes of a script that are read at once: about three commands a commit."""

POINTS = get_args(Point)


def a_script(random_choice: random.Random, name: str, *, with_ids: bool, count: int = 70) -> bytes:
    """Write orders, receipts, cancellations and groups, as they come in a shop."""
    commands: list[Command] = []
    for number in range(count):
        what = random_choice.random()
        ordered = f"{name}-{number}"
        if what < 0.6:
            skus = random_choice.sample(SKUS, random_choice.randint(1, 3))
            commands.append(order(ordered, *skus, quantity=random_choice.randint(1, 4)))
        elif what < 0.75:
            before = f"{name}-{random_choice.randrange(number + 1)}"
            commands.append({"command": "cancel-order", "order": before, "id": ordered})
        elif what < 0.85:
            commands.append({
                "command": "receive-stock", "sku": random_choice.choice(SKUS), "quantity": 3,
                "id": ordered,
            })
        else:
            commands += [
                order(f"{ordered}-{member}", random_choice.choice(SKUS), group=ordered)
                for member in "ab"
            ]
    if not with_ids:
        for command in commands:
            del command["id"]
    return script(commands)


def opening() -> list[Command]:
    """Begin with three items, of which one is sold beyond its stock."""
    return [
        *stocked(*SKUS, quantity=60),
        {"command": "set-backorder-policy", "backorders": "allow", "sku": "MILK", "id": "policy"},
    ]


def run_out(url: str, sent: bytes) -> None:
    """Send a script in one go, with nobody to kill it."""
    with open_ledger(url) as ledger:
        send(ledger, opening())
        send(ledger, sent, at_once=AT_ONCE)


def assert_sent_again_changes_nothing(url: str, sent: bytes) -> None:
    """Send a finished script once more: nothing new, and every answer is as recorded."""
    before = (events_of(url), outcomes_of(url))
    with open_ledger(url) as ledger:
        again = [result.as_json() for result in send(ledger, sent)]
    assert "accepted" not in {result["status"] for result in again}
    assert (events_of(url), outcomes_of(url)) == before
    assert_answers_are_recorded(url, again)


class Day:
    """One database, one or two scripts, and writers that are killed until all is sent."""

    def __init__(self, seed: int, folder: Path, url: str, workers: Workers) -> None:
        self.random = random.Random(seed)
        self.folder = folder
        self.url = url
        self.workers = workers
        self.kills = 0
        lanes = 1 + seed % 2
        self.scripts = [
            a_script(self.random, f"SO{lane}", with_ids=bool((seed // 2 + lane) % 2))
            for lane in range(lanes)
        ]

    def pass_by(self) -> None:
        """Let the day pass: send, kill and send again until every script was sent whole.

        Who is killed has come a random part of the way, the first time at most half of it: how
        often somebody dies does not depend on how fast the machine is.
        """
        with open_ledger(self.url) as ledger:
            send(ledger, opening())
        waiting = list(self.scripts)
        part = 0.5
        while waiting:
            sending = [(sent, self._start(sent)) for sent in waiting]
            for sent, each in self.random.sample(sending, len(sending)):
                self._kill(each, after=self.random.uniform(0, part) * sent.count(b"\n"))
            waiting = []
            for sent, each in sending:
                each.wait()
                if not each.is_done:
                    waiting.append(sent)
            await_quiet(self.url)
            for _, each in sending:
                assert_answers_are_recorded(self.url, each.answers)
                assert each.failed is None
            self.kills += len(waiting)
            assert_log_is_sound(self.url)
            part = 1.3

    def _kill(self, sending: Sending, after: float) -> None:
        limit = time.monotonic() + PATIENCE_SECONDS
        while sending.is_at_work() and len(sending.answers) < after:
            assert time.monotonic() < limit, "the writer does not go on"
            time.sleep(0.0005)
        time.sleep(self.random.uniform(0, 0.005))
        sending.kill()

    def _start(self, sent: bytes) -> Sending:
        return self.workers.start(self.url, sent, at_once=AT_ONCE)

    def assert_every_command_has_one_outcome(self) -> None:
        """Compare with a ledger that nobody was killed on, and send everything once more."""
        if len(self.scripts) == 1:
            calm = f"sqlite:///{self.folder / 'calm.db'}"
            run_out(calm, self.scripts[0])
            assert events_of(self.url) == events_of(calm)
            assert timeless_outcomes_of(self.url) == timeless_outcomes_of(calm)
        for sent in self.scripts:
            assert_sent_again_changes_nothing(self.url, sent)
        assert_log_is_sound(self.url)


def test_50_kills_at_random_moments(tmp_path: Path, workers: Workers) -> None:
    first = random.SystemRandom().randrange(10_000)
    kills = seed = 0
    while kills < KILLS:
        seed = first if seed == 0 else seed + 1
        print(f"day with seed {seed}, after {kills} kills")
        folder = tmp_path / str(seed)
        folder.mkdir()
        day = Day(seed, folder, f"sqlite:///{folder / 'killed.db'}", workers)
        day.pass_by()
        day.assert_every_command_has_one_outcome()
        kills += day.kills
    print(f"{kills} kills in {seed - first + 1} days")


@pytest.mark.parametrize("seed", range(3))
def test_kills_at_random_moments_on_a_server(
    postgres_url: str, tmp_path: Path, workers: Workers, seed: int
) -> None:
    day = Day(seed, tmp_path, postgres_url, workers)
    day.pass_by()
    day.assert_every_command_has_one_outcome()
    assert day.kills


@pytest.mark.parametrize(("number", "with_ids"), [(1, True), (2, False), (9, False)])
@pytest.mark.parametrize("point", POINTS)
def test_killed_at_a_named_point(
    database_url: str, tmp_path: Path, workers: Workers, point: Point, number: int,
    with_ids: bool,
) -> None:
    sent = a_script(random.Random(number), "SO", with_ids=with_ids, count=40)
    url, calm = database_url, f"sqlite:///{tmp_path / 'calm.db'}"
    with open_ledger(url) as ledger:
        send(ledger, opening())
    killed = workers.start(url, sent, at_once=AT_ONCE, dies=(point, number))
    answers = killed.wait()
    await_quiet(url)
    assert not killed.is_done
    recorded = len(outcomes_of(url)) - len(opening())
    assert recorded > len(answers) if point == "after the commit" else recorded == len(answers)
    assert_answers_are_recorded(url, answers)
    assert_log_is_sound(url)
    again = workers.start(url, sent, at_once=AT_ONCE)
    again.wait()
    assert again.is_done
    run_out(calm, sent)
    assert (events_of(url), outcomes_of(url)) == (events_of(calm), outcomes_of(calm))
    assert_sent_again_changes_nothing(url, sent)


def test_killed_while_it_creates_the_ledger(tmp_path: Path, workers: Workers) -> None:
    chance = random.Random(5)
    for number in range(15):
        url = f"sqlite:///{tmp_path / str(number)}.db"
        first = workers.start(url, script(opening()))
        time.sleep(chance.uniform(0, 0.02))
        first.kill()
        first.wait()
        second = workers.start(url, script(opening()))
        second.wait()
        assert second.is_done, second.failed
        assert_log_is_sound(url)
        assert len(outcomes_of(url)) == len(opening())
