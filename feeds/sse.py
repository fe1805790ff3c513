"""The log as a stream of Server-Sent Events.

Every event is sent with its position as ``id``, so that a reader who reconnects with
``Last-Event-ID`` resumes after it. ``checkpoint`` events report the scanned position and the head
of the log: they move the cursor of a reader with a narrow filter. Comments are heartbeats. Each
blank line ends an event that has data, because some readers, httpx-sse among them, make an empty
event of any other.
"""

import asyncio
import logging
from collections.abc import AsyncGenerator, AsyncIterator, Iterable
from dataclasses import dataclass
from functools import partial
from math import inf

from stocktrail.feeds.cloud_events import PublicEvent
from stocktrail.feeds.event_log import CursorBeyondLog, EventPage
from stocktrail.feeds.selection import Selection
from stocktrail.feeds.tail import Chunk, Tail, frame_of
from stocktrail.ledger.store import StorageError

_LOG = logging.getLogger(__name__)

CONTENT_TYPE = "text/event-stream"
HEARTBEAT = b": heartbeat\n"
CATCH_UP_EVENTS = 1000


@dataclass(frozen=True, slots=True)
class StreamTimings:
    """The intervals of a stream, and how long its reader may stall.

    A reader who takes nothing for ``stalled_seconds`` is disconnected and may resume.
    ``retry_seconds`` is how long readers are asked to wait before they reconnect.
    """

    heartbeat_seconds: float = 15.0
    checkpoint_seconds: float = 1.0
    retry_seconds: float = 1.0
    stalled_seconds: float = 120.0
    max_bytes_at_once: int = 64 * 1024


DEFAULT_TIMINGS = StreamTimings()


def checkpoint(position: int, head: int) -> bytes:
    r"""Return a checkpoint event.

    >>> checkpoint(7, 9)
    b'id: 7\nevent: checkpoint\ndata: {"position":7,"head":9}\n\n'
    """
    return b'id: %d\nevent: checkpoint\ndata: {"position":%d,"head":%d}\n\n' % (
        position, position, head
    )


async def stream(
    tail: Tail, after: int, head: int, selection: Selection,
    timings: StreamTimings = DEFAULT_TIMINGS,
) -> AsyncGenerator[bytes, None]:
    """Yield the bytes of a stream: the events after a position, then new ones as they are recorded.

    It begins with a checkpoint that reports the ``head`` of the log, so that a reader can tell when
    it has caught up. It ends when the tail closes or the log cannot be read; readers reconnect. A
    slow reader delays nobody: the events it has missed are read from the log, in pages.
    """
    with tail.subscription():
        async for frames in _frames(tail, after, head, selection, timings):
            yield frames


async def _frames(
    tail: Tail, after: int, head: int, selection: Selection, timings: StreamTimings
) -> AsyncIterator[bytes]:
    clock = asyncio.get_running_loop().time
    position = announced = after
    generation, sent_at, checked_at = tail.generation, clock(), -inf
    yield b"retry: %d\n" % round(timings.retry_seconds * 1000) + checkpoint(after, head)
    while not tail.is_closing and tail.generation == generation:
        change = tail.change
        chunk = tail.read_chunk(position, selection, timings.max_bytes_at_once)
        if chunk is None:
            try:
                page = await _catch_up(tail, position, selection, timings)
            except (StorageError, CursorBeyondLog) as error:
                _LOG.warning("A stream ended at position %d: %s", position, error.message)
                return
            for frames in _chunks(page.events, timings.max_bytes_at_once):
                yield frames
            chunk = Chunk(b"", page.position, page.events[-1].position if page.events else 0)
        elif chunk.frames:
            yield chunk.frames
        position, now = chunk.position, clock()
        if chunk.last:
            announced, sent_at = chunk.last, now
        if position != announced and now - checked_at >= timings.checkpoint_seconds:
            yield checkpoint(position, max(tail.end, position))
            announced, sent_at, checked_at = position, now, now
        elif now - sent_at >= timings.heartbeat_seconds:
            yield HEARTBEAT
            sent_at = now
        if position >= tail.end:
            await change.wait()


async def _catch_up(
    tail: Tail, after: int, selection: Selection, timings: StreamTimings
) -> EventPage:
    return await tail.in_thread(partial(
        tail.log.page, after, CATCH_UP_EVENTS, selection,
        max_bytes=4 * timings.max_bytes_at_once,
    ))


def _chunks(events: Iterable[PublicEvent], max_bytes: int) -> Iterable[bytes]:
    """Yield events as frames, a few at a time."""
    frames: list[bytes] = []
    size = 0
    for event in events:
        frame = frame_of(event)
        frames.append(frame)
        size += len(frame)
        if size >= max_bytes:
            yield b"".join(frames)
            frames, size = [], 0
    if frames:
        yield b"".join(frames)
