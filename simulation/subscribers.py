"""Subscribers: they follow the log over a stream or page by page, vanish, and come back.

A subscriber outlives the service and the connection, as its own database would.
"""

import asyncio
from random import Random

from simulation.checks.subscriber_check import SubscriberCheck
from simulation.faults import Faults
from stocktrail.feeds.client import Batch, Subscription
from stocktrail.feeds.event_log import CursorBeyondLog
from stocktrail.feeds.selection import EVERYTHING
from stocktrail.feeds.sse import StreamTimings, stream
from stocktrail.feeds.tail import Tail
from stocktrail.ledger.store import StorageError

_TIMINGS = StreamTimings(heartbeat_seconds=5, max_bytes_at_once=2_000)
_WAIT_SECONDS = 5.0


class Subscriber:
    """Keeps a copy of the log: what it has been told of each position, in order."""

    def __init__(
        self, name: str, random: Random, faults: Faults, check: SubscriberCheck
    ) -> None:
        self.name = name
        self._random = random
        self._faults = faults
        self._check = check
        self._streams = random.random() < 0.6
        self.copy = check.copy_of(name)

    async def follow(self, tail: Tail) -> None:
        """Follow the log until the tail closes, through one connection after another."""
        while not tail.is_closing:
            try:
                head = await tail.in_thread(lambda: tail.log.require(len(self.copy)))
                if self._streams:
                    await self._read_stream(tail, head)
                else:
                    await self._read_pages(tail)
            except CursorBeyondLog as error:
                self._check.was_told_too_much(self.name, str(error))
                return
            except StorageError:
                await asyncio.sleep(1)
            await asyncio.sleep(self._random.uniform(0, 2))

    async def _read_stream(self, tail: Tail, head: int) -> None:
        reader = Subscription("http://shop.example/events", after=len(self.copy))
        pending = b""
        frames = stream(tail, len(self.copy), head, EVERYTHING, _TIMINGS)
        try:
            async for received in frames:
                whole, found, pending = (pending + received).rpartition(b"\n\n")
                batch = reader._batch(whole) if found else None
                if batch is not None:
                    self._take(batch)
                if self._faults.strikes("vanish"):
                    return
                if self._faults.strikes("slow"):
                    await asyncio.sleep(self._random.choice((1, 30)))
        finally:
            await frames.aclose()

    async def _read_pages(self, tail: Tail) -> None:
        limit = self._random.choice((1, 7, 1000))
        while not tail.is_closing and not self._faults.strikes("vanish"):
            page = await tail.page(len(self.copy), limit, wait_seconds=_WAIT_SECONDS)
            for event in page.events:
                self._check.tell(self.name, event.position, event.subject, event.topic)

    def _take(self, batch: Batch) -> None:
        for event in batch.events:
            self._check.tell(
                self.name, int(event["sequence"]), event["subject"], event["type"]
            )
