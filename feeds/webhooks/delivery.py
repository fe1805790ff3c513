"""Delivery to one receiver: what is due is sent, and what came of it is recorded.

Several lanes are sent at once, of each lane one event at a time. Results are recorded together
every few milliseconds; a crash before that sends the same messages again, under the same ids.
"""

import asyncio
import random
from collections.abc import Callable
from dataclasses import dataclass, field

import orjson

from stocktrail.feeds.cloud_events import CONTENT_TYPE
from stocktrail.feeds.webhooks.back_off import Chance, retry_after, wait_after
from stocktrail.feeds.webhooks.backlog import Backlog, Tried
from stocktrail.feeds.webhooks.ordered_queues import OrderedQueues, Waiting
from stocktrail.feeds.webhooks.sending import Answer, Limits, send
from stocktrail.feeds.webhooks.signing import signed_headers

MOST_WAITING = 2_000
"""So many events of a webhook are taken in at the most; the rest waits in the log."""

POLL_SECONDS = 0.25
RECORD_AFTER_SECONDS = 0.05
_GONE = 410
_SECOND = 1_000_000

Clock = Callable[[], int]
Secrets = Callable[[int], list[str]]
"""Gives the secrets that sign at an instant."""


class Gone(Exception):
    """The receiver answered 410: it wants no more events."""


@dataclass(slots=True)
class Delivery:
    """Delivers one webhook; ``chance`` spreads what is tried again."""

    backlog: Backlog
    url: str
    secrets: Secrets
    limits: Limits
    clock: Clock
    at_once: int = 8
    chance: Chance = random.random
    _lanes: OrderedQueues = field(default_factory=OrderedQueues)
    _tried: list[Tried] = field(default_factory=list)
    _not_before: int | None = None
    _looked_at: float = -1.0
    _recorded_at: float = -1.0
    _more: bool = True
    _signing: list[str] = field(default_factory=list)

    async def run(self, *, until_idle: bool = False) -> None:
        """Deliver for ever, or until nothing is due and the log is taken in.

        Raises :class:`Gone` after a 410, :class:`~stocktrail.feeds.delivery_store.AnotherWorker`
        when another worker has taken over, and :class:`~stocktrail.ledger.store.StorageError`.
        """
        for waiting in await asyncio.to_thread(self.backlog.load):
            self._lanes.add(waiting)
        self._not_before = self.backlog.not_before
        flights: dict[asyncio.Task[Answer], tuple[Waiting, int]] = {}
        try:
            while True:
                await self._take_in(idle=until_idle and not flights)
                self._take_off(flights)
                if flights:
                    await self._land(flights)
                elif not self._more or self._lanes.waiting >= MOST_WAITING:
                    await self._record()
                    if until_idle:
                        return
                    await asyncio.sleep(POLL_SECONDS)
        finally:
            for flight in flights:
                flight.cancel()
            await asyncio.gather(*flights, return_exceptions=True)

    async def _take_in(self, *, idle: bool) -> None:
        now = asyncio.get_running_loop().time()
        due = self._more or idle or now - self._looked_at >= POLL_SECONDS
        if due and self._lanes.waiting < MOST_WAITING:
            taken, self._more = await asyncio.to_thread(self.backlog.take_in, self.clock())
            self._signing = await asyncio.to_thread(self.secrets, self.clock())
            self._looked_at = now
            for waiting in taken:
                self._lanes.add(waiting)

    def _take_off(self, flights: dict[asyncio.Task[Answer], tuple[Waiting, int]]) -> None:
        now = self.clock()
        if now < (self._not_before or 0):
            return
        while len(flights) < self.at_once:
            waiting = self._lanes.take_due(now)
            if waiting is None:
                return
            flights[asyncio.create_task(self._send(waiting, now))] = (waiting, now)

    async def _send(self, waiting: Waiting, now: int) -> Answer:
        body = waiting.body
        if body is None:
            body = await asyncio.to_thread(self.backlog.body, waiting)
        message_id = orjson.loads(body)["id"]
        headers = signed_headers(self._signing, message_id, now // _SECOND, body)
        headers["content-type"] = CONTENT_TYPE
        headers["user-agent"] = "stocktrail"
        return await send(self.url, headers, body, self.limits)

    async def _land(
        self, flights: dict[asyncio.Task[Answer], tuple[Waiting, int]]
    ) -> None:
        done, _ = await asyncio.wait(
            flights, timeout=POLL_SECONDS, return_when=asyncio.FIRST_COMPLETED
        )
        gone = False
        for flight in done:
            waiting, sent_at = flights.pop(flight)
            answer = flight.result()
            self._judge(waiting, sent_at, answer)
            gone = gone or answer.status == _GONE
        loop_time = asyncio.get_running_loop().time()
        if gone or not flights or loop_time - self._recorded_at >= RECORD_AFTER_SECONDS:
            await self._record()
        if gone:
            await asyncio.to_thread(self.backlog.begin_again)
            raise Gone

    def _judge(self, waiting: Waiting, sent_at: int, answer: Answer) -> None:
        attempt = waiting.attempts = waiting.attempts + 1
        if answer.is_delivered:
            self._lanes.finish(waiting)
            self._tried.append(Tried(waiting, attempt, sent_at, answer, "delivered"))
            return
        now = self.clock()
        wanted = retry_after(answer.retry_after, now)
        if wanted is not None and answer.status in (429, 503):
            self._not_before = max(self._not_before or 0, now + wanted)
        wait = wait_after(attempt, self.chance)
        if answer.status == _GONE:
            wait = 0
        if wait is None:
            self._lanes.finish(waiting)
            self._tried.append(Tried(waiting, attempt, sent_at, answer, "parked"))
            return
        next_at = now + max(wait, wanted or 0)
        self._lanes.try_again(waiting, next_at)
        self._tried.append(Tried(waiting, attempt, sent_at, answer, "failed", next_at))

    async def _record(self) -> None:
        if self._tried:
            tried, self._tried = self._tried, []
            await asyncio.to_thread(self.backlog.record, tried, self._not_before)
        self._recorded_at = asyncio.get_running_loop().time()
