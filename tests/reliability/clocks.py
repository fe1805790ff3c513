"""R18: clocks that jump back and ahead, stand still and disagree; times increase, nothing is stuck.

Two writers of one ledger, the worker that delivers its webhooks and the receiver of those have each
a clock of their own. They jump by an hour, by a year, and repeat a second as at a leap second.
"""

import asyncio
import random
from contextlib import ExitStack, closing
from pathlib import Path

from stocktrail.feeds.webhooks.questions import webhooks
from stocktrail.feeds.webhooks.secrets import signing_secrets
from stocktrail.feeds.webhooks.signing import is_genuine
from stocktrail.feeds.webhooks.worker import WebhookWorker, delivery_store
from stocktrail.ledger.store import Ledger, open_ledger
from tests.commands.scenes import given, order, product, receive
from tests.feeds.receiver import Answering, Handler, Message, receiving
from tests.feeds.webhook_scenes import HOUR, QUICK, SECOND, Days
from tests.reliability.trial import FreshDatabase, ReliabilityTrial
from tests.store.shop import assert_log_is_sound
from tests.waiting import PATIENCE_SECONDS

YEAR = 365 * 24 * HOUR
JUMPS = (-HOUR, -HOUR, YEAR, -YEAR, -SECOND, 0, 1, SECOND, 10 * SECOND, 25 * HOUR)
ROUNDS = 10
SETTLING = 40
"""So many times six hours after the last jump everything must have been delivered."""


def clocks(seed: int, database: FreshDatabase, folder: Path) -> int:
    """Let clocks jump while two write and one delivers; count the jumps."""
    chance = random.Random(seed)
    names = ("one", "other", "worker", "receiver")
    time = {name: Days() for name in names}
    jumps = 0
    with ExitStack() as stack:
        one, other = (
            stack.enter_context(closing(open_ledger(database.url, clock=time[name])))
            for name in ("one", "other")
        )
        receiver = stack.enter_context(receiving())
        given(one, product(), receive(10_000), {
            "command": "create-webhook", "webhook": "shop", "url": receiver.url, "after": 0,
        })
        store = delivery_store(one)
        (secret,) = signing_secrets(store, "shop", time["worker"]())
        receiver.answering = _checking(secret, time["receiver"])
        for number in range(ROUNDS):
            for clock in chance.sample(names, chance.randint(1, len(names))):
                time[clock].pass_by(chance.choice(JUMPS))
                jumps += 1
            for name, ledger in (("one", one), ("other", other)):
                given(ledger, order(f"SO-{number}-{name}", 1), receive(2))
            _deliver(one, time["worker"])
        time["receiver"].now = time["worker"].now     # somebody sets the clocks right
        for _ in range(SETTLING):
            if _waiting(one) == 0:
                break
            for name in ("worker", "receiver"):
                time[name].pass_by(HOUR * 6)
            _deliver(one, time["worker"])
        assert _waiting(one) == 0
        head = assert_log_is_sound(database.url)
        assert sorted(set(receiver.positions)) == list(range(1, head + 1))
        for positions in receiver.by_subject().values():
            first_time = list(dict.fromkeys(positions))
            assert first_time == sorted(first_time)
    return jumps


def _checking(secret: str, clock: Days) -> Answering:
    """Take what was signed with a secret, and by the receiver's own clock a moment ago."""
    def answering(handler: Handler, message: Message) -> None:
        genuine = is_genuine(secret, message.headers, message.body, clock() // SECOND)
        handler.answer(204 if genuine else 401)
    return answering


def _deliver(ledger: Ledger, clock: Days) -> None:
    worker = WebhookWorker(ledger, limits=QUICK, clock=clock, jitter=lambda: 0.5)
    asyncio.run(asyncio.wait_for(worker.until_idle(), PATIENCE_SECONDS))


def _waiting(ledger: Ledger) -> int:
    (row,) = webhooks(ledger)["rows"]
    assert row["parked"] == 0
    return int(row["lag"] + row["waiting"])


TRIALS = [
    ReliabilityTrial(
        "R18", "Clocks jump by an hour and a year, repeat a second, and disagree",
        "recorded times strictly increase; every command is accepted, every event delivered",
        "jumps", 1_000, clocks,
    ),
]
