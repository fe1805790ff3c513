"""Delivery to one receiver: events that are due are sent, and the results are recorded.

Several queues are sent concurrently, one event at a time from each. Results are recorded together
every few milliseconds; after a crash before that, the same messages are sent again with the same
ids.
"""

import asyncio
import random
from collections.abc import Callable
from dataclasses import dataclass, field

import orjson

from stocktrail.feeds.cloud_events import CONTENT_TYPE
from stocktrail.feeds.webhooks.back_off import JitterSource, retry_after, wait_after
from stocktrail.feeds.webhooks.backlog import Backlog, DeliveryAttempt
from stocktrail.feeds.webhooks.ordered_queues import OrderedQueues, QueuedEvent
from stocktrail.feeds.webhooks.sending import Answer, Limits, send
from stocktrail.feeds.webhooks.signing import signed_headers

MAX_WAITING = 2_000
"""The maximum of events of a webhook that are queued; the rest stays in the log."""

MAX_BODY_BYTES = 4 * 1024 * 1024
"""Of the queued events of a webhook so much is kept as it is sent; the rest is read again."""

POLL_SECONDS = 0.25
RECORD_AFTER_SECONDS = 0.05
_GONE = 410
_SECOND = 1_000_000

Clock = Callable[[], int]
Secrets = Callable[[int], list[str]]
"""Returns the secrets that sign at an instant."""


class ReceiverGone(Exception):
    """The receiver answered 410: it wants no more events."""


@dataclass(slots=True)
class Delivery:
    """Delivers the events of one webhook; ``jitter`` spreads retries."""

    backlog: Backlog
    url: str
    secrets: Secrets
    limits: Limits
    clock: Clock
    at_once: int = 8
    jitter: JitterSource = random.random
    _queues: OrderedQueues = field(default_factory=OrderedQueues)
    _attempts: list[DeliveryAttempt] = field(default_factory=list)
    _not_before: int | None = None
    _now: int = 0
    _looked_at: float = -1.0
    _recorded_at: float = -1.0
    _more: bool = True
    _body_bytes: int = 0
    _signing: list[str] = field(default_factory=list)

    async def run(self, *, until_idle: bool = False) -> None:
        """Deliver forever, or until nothing is due and the log is read to its end.

        Raises :class:`ReceiverGone` after a 410,
        :class:`~stocktrail.feeds.delivery_store.AnotherWorker` when another worker has acquired the
        lease, and :class:`~stocktrail.ledger.store.StorageError`.
        """
        for waiting in await asyncio.to_thread(self.backlog.load, self._tell_time()):
            self._queues.add(waiting)
        self._not_before = self.backlog.not_before
        in_flight: dict[asyncio.Task[Answer], tuple[QueuedEvent, int]] = {}
        try:
            while True:
                await self._take_in(idle=until_idle and not in_flight)
                self._start_due(in_flight)
                if in_flight:
                    await self._collect(in_flight)
                elif not self._more or self._queues.waiting >= MAX_WAITING:
                    await self._record()
                    if until_idle:
                        return
                    await asyncio.sleep(POLL_SECONDS)
        finally:
            for task in in_flight:
                task.cancel()
            await asyncio.gather(*in_flight, return_exceptions=True)

    async def _take_in(self, *, idle: bool) -> None:
        now = asyncio.get_running_loop().time()
        due = self._more or idle or now - self._looked_at >= POLL_SECONDS
        if due and self._queues.waiting < MAX_WAITING:
            taken, self._more = await asyncio.to_thread(self.backlog.take_in, self._tell_time())
            self._signing = await asyncio.to_thread(self.secrets, self._now)
            self._looked_at = now
            for waiting in taken:
                self._keep_body(waiting)
                self._queues.add(waiting)

    def _keep_body(self, waiting: QueuedEvent) -> None:
        size = len(waiting.body or b"")
        if self._body_bytes + size > MAX_BODY_BYTES:
            waiting.body = None
        else:
            self._body_bytes += size

    def _release_body(self, waiting: QueuedEvent) -> None:
        """Forget an event as it is sent: it was delivered, or is tried again in seconds or days."""
        self._body_bytes -= len(waiting.body or b"")
        waiting.body = None

    def _start_due(self, in_flight: dict[asyncio.Task[Answer], tuple[QueuedEvent, int]]) -> None:
        now = self._tell_time()
        if now < (self._not_before or 0):
            return
        while len(in_flight) < self.at_once:
            waiting = self._queues.take_due(now)
            if waiting is None:
                return
            in_flight[asyncio.create_task(self._send(waiting, now))] = (waiting, now)

    async def _send(self, waiting: QueuedEvent, now: int) -> Answer:
        body = waiting.body
        if body is None:
            body = await asyncio.to_thread(self.backlog.body, waiting.position)
        message_id = orjson.loads(body)["id"]
        headers = signed_headers(self._signing, message_id, now // _SECOND, body)
        headers["content-type"] = CONTENT_TYPE
        headers["user-agent"] = "stocktrail"
        return await send(self.url, headers, body, self.limits)

    async def _collect(
        self, in_flight: dict[asyncio.Task[Answer], tuple[QueuedEvent, int]]
    ) -> None:
        done, _ = await asyncio.wait(
            in_flight, timeout=POLL_SECONDS, return_when=asyncio.FIRST_COMPLETED
        )
        gone = False
        for task in done:
            waiting, sent_at = in_flight.pop(task)
            answer = task.result()
            self._handle_answer(waiting, sent_at, answer)
            gone = gone or answer.status == _GONE
        loop_time = asyncio.get_running_loop().time()
        if gone or not in_flight or loop_time - self._recorded_at >= RECORD_AFTER_SECONDS:
            await self._record()
        if gone:
            await asyncio.to_thread(self.backlog.begin_again)
            raise ReceiverGone

    def _handle_answer(self, waiting: QueuedEvent, sent_at: int, answer: Answer) -> None:
        self._release_body(waiting)
        attempt = waiting.attempts = waiting.attempts + 1
        if answer.is_delivered:
            self._queues.finish(waiting)
            self._attempts.append(DeliveryAttempt(waiting, attempt, sent_at, answer, "delivered"))
            return
        now = self._tell_time()
        wanted = retry_after(answer.retry_after, now)
        if wanted is not None and answer.status in (429, 503):
            self._not_before = max(self._not_before or 0, now + wanted)
        wait = wait_after(attempt, self.jitter)
        if answer.status == _GONE:
            wait = 0
        if wait is None:
            self._queues.finish(waiting)
            self._attempts.append(DeliveryAttempt(waiting, attempt, sent_at, answer, "parked"))
            return
        next_at = now + max(wait, wanted or 0)
        self._queues.try_again(waiting, next_at)
        self._attempts.append(DeliveryAttempt(waiting, attempt, sent_at, answer, "failed", next_at))

    def _tell_time(self) -> int:
        """Return the time; when the clock was set back, everything is due sooner by as much."""
        now, before = self.clock(), self._now
        if now < before:
            self._queues.bring_forward(before - now)
            if self._not_before is not None:
                self._not_before -= before - now
        self._now = now
        return now

    async def _record(self) -> None:
        if self._attempts:
            attempts, self._attempts = self._attempts, []
            await asyncio.to_thread(self.backlog.record, attempts, self._not_before)
        self._recorded_at = asyncio.get_running_loop().time()
