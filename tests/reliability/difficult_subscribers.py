"""R15: receivers and readers that are slow, dead or lying hinder nobody, and fill no memory.

Each receiver of webhooks misbehaves in its own way for as long as the trial lasts; beside them a
reader pauses after every event, and another takes nothing at all. A good receiver and a good reader
must hear everything in order meanwhile, and what is kept in memory for the others is bounded.
"""

import asyncio
import random
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from statistics import median

import pytest

from stocktrail.feeds.webhooks import delivery
from stocktrail.feeds.webhooks.backlog import EVENTS_AT_ONCE
from stocktrail.feeds.webhooks.ordered_queues import OrderedQueues, QueuedEvent
from stocktrail.feeds.webhooks.subscriptions import webhook_subscription
from stocktrail.feeds.webhooks.worker import WebhookWorker
from stocktrail.ledger.store import Ledger, open_ledger
from tests.commands.scenes import given, product, receive
from tests.feeds.receiver import Answering, Handler, Message, Receiver, always, receiving
from tests.feeds.serving import PATIENCE_SECONDS, Address, Reader, serving
from tests.feeds.webhook_scenes import QUICK
from tests.interfaces.api.serving import served
from tests.reliability.trial import FreshDatabase, ReliabilityTrial

SKUS = tuple(f"ITEM-{number}" for number in range(12))
BURSTS = 8
MOST_QUEUED = 60
"""How many events of a webhook wait in memory during a trial, instead of 2,000."""

MOST_BUFFERED = 50
"""How many events the tail of the log buffers during a trial, instead of 10,000."""

BYTES_OF_AN_EVENT = 1_000

SAMPLES = 45
MOST_GROWTH = 1.05
"""By so much may a server's resident memory grow from one third of the time to the next."""


def silent(handler: Handler, _: Message) -> None:
    """Say nothing for half a minute."""
    handler.server.released.wait(30)


def dripping(handler: Handler, _: Message) -> None:
    """Answer a letter at a time, without an end."""
    handler.close_connection = True
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nx-slow: ")
    while not handler.server.released.wait(0.05):
        handler.wfile.write(b"z")


def talking(handler: Handler, _: Message) -> None:
    """Answer with a body that has no end."""
    handler.close_connection = True
    handler.wfile.write(b"HTTP/1.1 500 No\r\n\r\n")
    while not handler.server.released.is_set():
        handler.wfile.write(bytes(65_536))


def lying(handler: Handler, _: Message) -> None:
    """Answer what is not HTTP."""
    handler.close_connection = True
    handler.wfile.write(b"HTTP/1.1 2OO OK\r\ncontent-length: -7\r\n\r\n")


def hanging_up(handler: Handler, _: Message) -> None:
    """Close the connection instead of an answer."""
    handler.close_connection = True


MISBEHAVIOURS: dict[str, Answering] = {
    "failing": always(500),
    "gone": always(410),
    "busy": always(429, Retry_After="86400"),
    "busy-for-ever": always(503, Retry_After="9" * 40),
    "elsewhere": always(307, Location="http://127.0.0.1:9/hook"),
    "silent": silent,
    "dripping": dripping,
    "talking": talking,
    "lying": lying,
    "hanging-up": hanging_up,
}


def difficult_subscribers(seed: int, database: FreshDatabase, folder: Path) -> int:
    """Let everybody misbehave while commands come; count the messages that came to no good."""
    chance = random.Random(seed)
    with ExitStack() as stack:
        patch = stack.enter_context(pytest.MonkeyPatch.context())
        patch.setattr(delivery, "MAX_WAITING", MOST_QUEUED)
        queued = _watched(patch)
        ledger = stack.enter_context(closing(open_ledger(database.url)))
        given(ledger, *(product(sku) for sku in SKUS))
        receivers = {
            name: stack.enter_context(receiving()) for name in ("good", *MISBEHAVIOURS)
        }
        for name, receiver in receivers.items():
            receiver.answering = MISBEHAVIOURS.get(name, receiver.answering)
            given(ledger, {
                "command": "create-webhook", "webhook": name, "url": receiver.url, "after": 0,
            })
        running = stack.enter_context(served(database.url, deliver_webhooks=False))
        patch.setattr(running.service.tail, "_most_events", MOST_BUFFERED)
        server = Address(running.client.base_url.port or 0)
        _, slow, good = (stack.enter_context(closing(Reader(server, buffer=4096)))
                         for _ in range(3))
        heard, heard_slowly = _events(good), _events(slow)
        next(heard), next(heard_slowly)
        head = asyncio.run(_deliver_while_it_grows(ledger, receivers["good"], chance))
        assert [next(heard) for _ in range(head - 1)] == list(range(2, head + 1))
        for position in range(2, head + 1):
            assert next(heard_slowly) == position
            time.sleep(0.001)
        assert running.service.tail.buffered_bytes <= MOST_BUFFERED * BYTES_OF_AN_EVENT
        assert webhook_subscription(ledger, "gone").standing == "disabled"
        _assert_heard_in_order(receivers.pop("good"), head)
        assert max(queued) < MOST_QUEUED + EVENTS_AT_ONCE
        return sum(len(each.messages) for each in receivers.values())


def resident_memory(seed: int, database: FreshDatabase, folder: Path) -> int:
    """Let everybody misbehave towards a server for minutes; count the events meanwhile.

    A server fills its caches at first: what it holds in the last third of the time is compared with
    what it held in the second.
    """
    chance = random.Random(seed)
    held: list[int] = []
    with ExitStack() as stack:
        ledger = stack.enter_context(closing(open_ledger(database.url)))
        given(ledger, *(product(sku) for sku in SKUS))
        for name, answering in MISBEHAVIOURS.items():
            receiver = stack.enter_context(receiving())
            receiver.answering = _forgetting(receiver, answering)
            given(ledger, {
                "command": "create-webhook", "webhook": name, "url": receiver.url, "after": 0,
            })
        server = stack.enter_context(serving(database.url))
        for _ in range(SAMPLES):
            readers = [Reader(server, buffer=4096) for _ in range(8)]
            slowly = readers[0].messages()
            for _ in range(10):
                given(ledger, *(receive(1, sku=chance.choice(SKUS)) for _ in range(40)))
                next(slowly)
            for each in readers:
                each.close()
            held.append(server.memory())
        third = SAMPLES // 3
        before, after = (median(held[-2 * third : -third]), median(held[-third:]))
        print(f"resident memory: {[size >> 20 for size in held]} MiB")
        assert after <= MOST_GROWTH * before
        return ledger.head().position


def _forgetting(receiver: Receiver, answering: Answering) -> Answering:
    """Answer as told, and keep no message."""
    def answer(handler: Handler, message: Message) -> None:
        with receiver.lock:
            receiver.messages.clear()
        answering(handler, message)
    return answer


def serve_others(seed: int, database: FreshDatabase, folder: Path) -> int:
    """See that others are served; in every fourth round, that a server does not grow."""
    play = resident_memory if seed % 4 == 0 else difficult_subscribers
    return play(seed, database, folder)


def _watched(patch: pytest.MonkeyPatch) -> list[int]:
    """Keep how many events waited in each webhook's queues, whenever one is added."""
    queued, add = [0], OrderedQueues.add

    def counted(queues: OrderedQueues, waiting: QueuedEvent) -> None:
        add(queues, waiting)
        queued.append(queues.waiting)

    patch.setattr(OrderedQueues, "add", counted)
    return queued


def _events(reader: Reader) -> Iterator[int]:
    return (message.id for message in reader.messages() if message.is_event)


async def _deliver_while_it_grows(
    ledger: Ledger, good: Receiver, chance: random.Random
) -> int:
    """Let a worker deliver while commands come, until the good receiver has all of the log."""
    stop = asyncio.Event()
    worker = asyncio.create_task(WebhookWorker(ledger, limits=QUICK).run(stop))
    for _ in range(BURSTS):
        wanted = [receive(1, sku=chance.choice(SKUS)) for _ in range(chance.randrange(1, 30))]
        await asyncio.to_thread(given, ledger, *wanted)
        await asyncio.sleep(chance.uniform(0, 0.1))
    async with asyncio.timeout(PATIENCE_SECONDS):
        while set(good.positions) < set(range(1, ledger.head().position + 1)):
            assert not worker.done(), worker.exception()
            await asyncio.sleep(0.05)
    stop.set()
    await worker
    return ledger.head().position


def _assert_heard_in_order(receiver: Receiver, head: int) -> None:
    assert sorted(receiver.positions) == list(range(1, head + 1))
    for positions in receiver.by_subject().values():
        assert positions == sorted(positions)


TRIALS = [
    ReliabilityTrial(
        "R15", "Receivers that fail, hang, lie, drip and never end; readers that are slow or dead",
        "others hear everything in order; memory grows by 5 % at most from one third to the next",
        "events and refused messages", 1_000_000, serve_others, briefly=difficult_subscribers,
    ),
]
