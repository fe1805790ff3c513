"""R16: what is told again, or in another order, changes nothing that a consumer has made of it.

Two consumers follow as the documents say: the example service, which passes over what is not after
its position, and a receiver of webhooks, which passes over what is not after the last ``sequence``
of its subject. What each holds in the end is compared with what the log says.
"""

import random
from collections import Counter
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import orjson

from examples.shipped_units import open_table, take
from stocktrail.feeds.client import Batch
from stocktrail.feeds.event_log import EventLog
from stocktrail.feeds.webhooks.questions import webhooks
from stocktrail.feeds.webhooks.replay import replay
from stocktrail.ledger.store import Ledger, open_ledger
from tests.feeds.receiver import Handler, Message, receiving
from tests.feeds.webhook_scenes import HOUR, Desk
from tests.reliability.trial import FreshDatabase, ReliabilityTrial
from tests.store.shop import order, send, stocked

SKUS = ("A", "B", "C")
ORDERS = 40
LAST = 1_000
"""Only the last events are told again, as a server would that lost an acknowledgement."""

TOLD_AGAIN = 300
"""How many events at least are told again in each of the two ways."""

Event = dict[str, Any]


class UnitsReceived:
    """A consumer of webhooks: the units that each item was received, whatever is told twice."""

    def __init__(self) -> None:
        self.units: Counter[str] = Counter()
        self.told_again = 0
        self._last: dict[str, int] = {}

    def take(self, event: Event) -> None:
        """Pass over what is not after the last event of its subject, and count what is."""
        sequence, subject = int(event["sequence"]), event["subject"]
        if sequence <= self._last.get(subject, 0):
            self.told_again += 1
            return
        self._last[subject] = sequence
        if event["type"] == "stocktrail.StockReceived.v1":
            self.units[event["data"]["sku"]] += event["data"]["quantity"]


def repeated_events(seed: int, database: FreshDatabase, folder: Path) -> int:
    """Tell the last events again at random to both consumers; count what was told again."""
    chance = random.Random(seed)
    with closing(open_ledger(database.url)) as ledger:
        _a_day(ledger, chance)
        events = _events(ledger)
        return _tell_the_example(events, chance, folder) + _tell_by_webhook(
            ledger, events, chance
        )


def _a_day(ledger: Ledger, chance: random.Random) -> None:
    send(ledger, stocked(*SKUS, quantity=1_000))
    for number in range(ORDERS):
        name, skus = f"SO-{number}", chance.sample(SKUS, chance.randint(1, 3))
        commands = [order(name, *skus, customer=f"C-{number % 3}")]
        if chance.random() < 0.8:
            commands.append({"command": "ship-order", "order": name, "shipment": name})
        commands.append({
            "command": "receive-stock", "sku": skus[0], "quantity": chance.randint(1, 9),
        })
        send(ledger, commands)


def _events(ledger: Ledger) -> list[Event]:
    page = EventLog(ledger).page(0, 10_000)
    assert page.position == ledger.head().position
    return [orjson.loads(event.body) for event in page.events]


def _tell_the_example(events: list[Event], chance: random.Random, folder: Path) -> int:
    """Give the example service its batches, and earlier ones between them."""
    with ExitStack() as stack:
        once, often = (
            stack.enter_context(closing(open_table(str(folder / f"{name}.db"))))
            for name in ("once", "often")
        )
        take(once, _batch(events, 0, len(events)))
        told = reached = 0
        while reached < len(events) or told < TOLD_AGAIN:
            if chance.random() < 0.4:
                start = chance.randint(max(0, reached - LAST), reached)
                again = chance.randint(start, reached)
                take(often, _batch(events, start, again))
                told += again - start
            else:                            # what is new comes behind what is not
                start = max(0, reached - chance.randint(0, 5))
                stop = min(reached + chance.randint(1, 9), len(events))
                take(often, _batch(events, start, stop))
                told, reached = told + reached - start, stop
        tables = ("placed_order", "shipped", "checkpoint")
        asked = [f"SELECT * FROM {table} ORDER BY 1, 2" for table in tables]
        assert [often.execute(each).fetchall() for each in asked] == [
            once.execute(each).fetchall() for each in asked
        ]
        assert once.execute("SELECT COUNT(*) FROM shipped").fetchone() > (0,)
    return told


def _batch(events: list[Event], start: int, stop: int) -> Batch:
    return Batch(tuple(events[start:stop]), stop, len(events))


def _tell_by_webhook(ledger: Ledger, events: list[Event], chance: random.Random) -> int:
    """Deliver the log to a receiver that refuses now and then, and ranges of it again."""
    consumer = UnitsReceived()
    with receiving() as receiver:
        def taking(handler: Handler, message: Message) -> None:
            with receiver.lock:
                consumer.take(message.event)
                # The effect is there, and the sender is told that it failed: it sends that again.
                is_refused = consumer.told_again < TOLD_AGAIN and chance.random() < 0.05
            handler.answer(500 if is_refused else 204)

        receiver.answering = taking
        desk = Desk(ledger)
        desk.create(receiver.url)
        desk.deliver()
        while consumer.told_again < TOLD_AGAIN or webhooks(ledger)["rows"][0]["waiting"]:
            first = chance.randrange(max(0, len(events) - LAST), len(events))
            replay(ledger, "shop", first, chance.randint(first + 1, len(events)))
            desk.deliver(after=24 * HOUR)
    received: Counter[str] = Counter()
    for event in events:
        if event["type"] == "stocktrail.StockReceived.v1":
            received[event["data"]["sku"]] += event["data"]["quantity"]
    assert consumer.units == received
    return consumer.told_again


TRIALS = [
    ReliabilityTrial(
        "R16", "Events are told again, and in another order",
        "a consumer that follows the documents holds what the log says", "repetitions", 100_000,
        repeated_events,
    ),
]
