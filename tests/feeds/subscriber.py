"""A subscriber in a process of its own, made to be killed.

It writes down every event it hears, in the order in which it hears them, and its position in the
same transaction. Run as ``python -m tests.feeds.subscriber URL FILE batches|stream|jetstream``;
hearing an event twice after its own checkpoint is an error that ends it.
"""

import asyncio
import json
import sqlite3
import sys
from collections.abc import Sequence
from typing import Any

import nats
from nats.errors import Error as NatsError
from nats.js.api import AckPolicy, ConsumerConfig, DeliverPolicy

from stocktrail.feeds.client import Subscription

TABLES = """
CREATE TABLE IF NOT EXISTS heard (
    number INTEGER PRIMARY KEY AUTOINCREMENT, position INTEGER UNIQUE, id TEXT, subject TEXT
);
CREATE TABLE IF NOT EXISTS checkpoint (id INTEGER PRIMARY KEY CHECK (id = 1), position INTEGER);
INSERT OR IGNORE INTO checkpoint VALUES (1, 0);
"""


Event = dict[str, Any]


def main(url: str, file: str, how: str) -> None:
    """Follow the log until killed."""
    own = sqlite3.connect(file, timeout=30)
    own.executescript(TABLES)
    (position,) = own.execute("SELECT position FROM checkpoint").fetchone()
    if how == "jetstream":
        asyncio.run(follow_jetstream(url, own, position))
        return
    with Subscription(url, after=position, limit=50, wait_seconds=5) as subscription:
        for batch in subscription.stream() if how == "stream" else subscription.batches():
            write_down(own, batch.events, batch.position)


def write_down(own: sqlite3.Connection, events: Sequence[Event], position: int) -> None:
    """Keep events and the position together, or neither."""
    with own:
        own.executemany(
            "INSERT INTO heard (position, id, subject) VALUES (?, ?, ?)",
            [(int(each["sequence"]), each["id"], each["subject"]) for each in events],
        )
        own.execute("UPDATE checkpoint SET position = ?", (position,))


async def follow_jetstream(url: str, own: sqlite3.Connection, position: int) -> None:
    """Follow the copy of the log in JetStream; a message's sequence is its event's position.

    Whatever goes wrong with the server, a new consumer begins after the own position.
    """
    while True:
        try:
            client = await nats.connect(url, allow_reconnect=False, connect_timeout=2)
        except (NatsError, OSError):
            await asyncio.sleep(0.05)
            continue
        try:
            wanted = ConsumerConfig(
                deliver_policy=DeliverPolicy.BY_START_SEQUENCE, opt_start_seq=position + 1,
                ack_policy=AckPolicy.NONE,
            )
            consumer = await client.jetstream(timeout=2).pull_subscribe(
                "stocktrail.>", stream="LEDGER", config=wanted
            )
            while True:
                events = [json.loads(each.data) for each in await consumer.fetch(50, timeout=2)]
                position = int(events[-1]["sequence"])
                write_down(own, events, position)
        except (NatsError, OSError, TimeoutError):
            await asyncio.sleep(0.05)
        finally:
            await client.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
