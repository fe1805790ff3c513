"""The publisher: copies the log into a stream, message after message, without a gap.

It stores no cursor: the last message of the stream says how far the copy has come. Every message
carries the sequence that the stream must end with, so that of several messages in flight none is
accepted if the previous one was not, and two publishers cannot publish an event twice. After any
error the end of the stream is read again, and the copy resumes from there.
"""

import asyncio
import logging
import random
from collections.abc import Sequence

from nats.aio.client import Client
from nats.js import JetStreamContext
from nats.js.api import PubAck
from nats.js.errors import APIError

from stocktrail.feeds.cloud_events import CONTENT_TYPE, PublicEvent
from stocktrail.feeds.event_log import EventLog
from stocktrail.feeds.nats.connection import (
    NATS_ERRORS,
    NatsUnavailable,
    Server,
    connected,
    describe_error,
)
from stocktrail.feeds.nats.stream_end import (
    MESSAGE_ID,
    POSITION,
    StreamEnd,
    StreamRefused,
    message_id,
    read_end,
    require_stream,
)
from stocktrail.feeds.nats.subjects import subject_of
from stocktrail.feeds.waiting import wait_at_most
from stocktrail.ledger.store import StorageError

EVENTS_AT_ONCE = 500
"""How many messages are in flight before their answers are checked."""

POLL_SECONDS = 0.25
ANSWER_SECONDS = 3.0
PATIENCE_SECONDS = 4.0
"""How long a copy ``until_idle`` retries without progress before it fails."""

GRACE_SECONDS = 0.3
"""How long messages in flight may take after a request to stop."""

LONGEST_WAIT_SECONDS = 5.0
_HEADERS_BYTES = 1024
_LOG = logging.getLogger(__name__)


class Unanswered(Exception):
    """Messages whose answers were missing or unexpected."""


class Publisher:
    """Copies one log into one stream."""

    def __init__(self, log: EventLog, server: Server) -> None:
        self._log = log
        self._server = server
        self.position: int | None = None
        """How far the stream is known to have come; ``None`` as long as nobody could ask it."""
        self._made_progress = False

    async def run(self, stop: asyncio.Event, *, until_idle: bool = False) -> bool:
        """Publish as the log grows, until told to stop; or until all of it is published.

        Returns whether all of it was published at the end. Errors of the server or the network are
        retried forever; with ``until_idle`` for ``PATIENCE_SECONDS``, and then
        :class:`~stocktrail.feeds.nats.connection.NatsUnavailable` or
        :class:`~stocktrail.ledger.store.StorageError` is raised. Raises
        :class:`~stocktrail.feeds.nats.stream_end.StreamRefused` when an operator has to look at the
        stream.
        """
        work = asyncio.create_task(self._copy_until_done(stop, until_idle=until_idle))
        told = asyncio.create_task(stop.wait())
        try:
            await asyncio.wait({work, told}, return_when=asyncio.FIRST_COMPLETED)
            if not work.done():
                # Messages in flight may still be answered; a silent server is not waited for.
                await asyncio.wait({work}, timeout=GRACE_SECONDS)
        finally:
            for task in (work, told):
                task.cancel()
            await asyncio.wait({work, told}, timeout=GRACE_SECONDS)
        return work.done() and not work.cancelled() and work.result()

    async def _copy_until_done(self, stop: asyncio.Event, *, until_idle: bool) -> bool:
        loop = asyncio.get_running_loop()
        wait, lost_at = 0.1, loop.time()
        while not stop.is_set():
            try:
                return await self._copy(stop, until_idle=until_idle)
            except (NatsUnavailable, StorageError) as error:
                why: Exception = error
            except NATS_ERRORS as error:
                why = NatsUnavailable(describe_error(error, self._server))
            if self._made_progress:
                self._made_progress, wait, lost_at = False, 0.1, loop.time()
            if until_idle and loop.time() - lost_at >= PATIENCE_SECONDS:
                raise why
            _LOG.warning("The copy in NATS waits: %s", why)
            await wait_at_most(stop, wait * random.uniform(0.5, 1.5))
            wait = min(2 * wait, LONGEST_WAIT_SECONDS)
        return False

    async def _copy(self, stop: asyncio.Event, *, until_idle: bool) -> bool:
        """Publish over one connection; return whether everything is published."""
        async with connected(self._server) as client:
            jetstream = client.jetstream(
                timeout=ANSWER_SECONDS, publish_async_max_pending=2 * EVENTS_AT_ONCE
            )
            await require_stream(
                jetstream, self._server.stream, self._server.prefix, self._server.replicas
            )
            while not stop.is_set():
                end = await read_end(
                    jetstream, self._server.stream, self._server.prefix, self._log
                )
                try:
                    if await self._publish(client, jetstream, end, stop, until_idle=until_idle):
                        return True
                except Unanswered as unanswered:
                    # Another publisher was faster, or an answer was lost: read the end again.
                    _LOG.info("Reading the end of the stream again: %s", unanswered)
                    await wait_at_most(stop, random.uniform(0.05, 0.25))
            return False

    async def _publish(
        self, client: Client, jetstream: JetStreamContext, end: StreamEnd, stop: asyncio.Event,
        *, until_idle: bool,
    ) -> bool:
        self._advance(end.position)
        while not stop.is_set():
            page = await asyncio.to_thread(self._log.page, end.position, EVENTS_AT_ONCE)
            if page.events:
                await self._send(client, jetstream, end, page.events)
                end = StreamEnd(end.sequence + len(page.events), page.position)
                self._advance(end.position)
            elif until_idle:
                return True
            else:
                await wait_at_most(stop, POLL_SECONDS)
                if client.is_closed:
                    raise ConnectionError("the connection was lost")
        return False

    def _advance(self, position: int) -> None:
        self._made_progress = self._made_progress or position != self.position
        self.position = position

    async def _send(
        self, client: Client, jetstream: JetStreamContext, end: StreamEnd,
        events: Sequence[PublicEvent],
    ) -> None:
        """Send events that follow the end of the stream, and wait for every answer.

        Raises :class:`Unanswered` when one was not accepted as expected.
        """
        answers: list[asyncio.Future[PubAck]] = []
        try:
            for number, event in enumerate(events):
                if len(event.body) + _HEADERS_BYTES > client.max_payload:
                    if not answers:
                        raise _too_large(event, client.max_payload)
                    break
                answers.append(await jetstream.publish_async(
                    subject_of(event.subject, event.topic, self._server.prefix), event.body,
                    wait_stall=ANSWER_SECONDS, stream=self._server.stream, headers={
                        "Nats-Expected-Last-Sequence": str(end.sequence + number),
                        MESSAGE_ID: message_id(event.body),
                        POSITION: str(event.position),
                        "Content-Type": CONTENT_TYPE,
                    },
                ))
            late = await _answered(client, answers)
        finally:
            for answer in answers:
                if not answer.done():
                    answer.cancel()
        if late or len(answers) < len(events):
            raise Unanswered(f"{late} of {len(events)} messages had no answer")
        for number, answer in enumerate(answers, start=1):
            wrong = answer.exception()
            if isinstance(wrong, APIError):
                raise Unanswered(wrong.description or str(wrong.err_code))
            if wrong is not None:
                raise wrong
            if answer.result().seq != end.sequence + number:
                raise Unanswered("a message was taken for one that was there before")


async def _answered(client: Client, answers: Sequence["asyncio.Future[PubAck]"]) -> int:
    """Wait for all answers, or until time or connection end; return how many are missing."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + ANSWER_SECONDS
    late = set(answers)
    while late and loop.time() < deadline and not client.is_closed:
        _, late = await asyncio.wait(late, timeout=POLL_SECONDS)
    return len(late)


def _too_large(event: PublicEvent, most: int) -> StreamRefused:
    return StreamRefused(
        "event_too_large",
        f"The event at position {event.position:,} has {len(event.body):,} bytes, more than the "
        f"server takes ({most:,}). Raise max_payload in its configuration.",
    )
