"""The tail: one reader of the end of the log for all subscribers of a process.

It reads as soon as it is woken after a commit, and polls for commits of other processes where the
database sends no notifications. Events are buffered for a while, encoded as they will be sent, and
shared by all subscribers; while there are none, only the end of the log is looked at. A subscriber
that is too far behind reads pages of the log until it has caught up, then continues here; positions
have no gaps, so nothing is missed or repeated in between.
"""

import asyncio
import logging
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from typing import NamedTuple, Self, TypeVar

from stocktrail.feeds.cloud_events import PublicEvent
from stocktrail.feeds.event_log import CursorBeyondLog, EventLog, EventPage
from stocktrail.feeds.selection import EVERYTHING, Selection
from stocktrail.feeds.waiting import wait_at_most
from stocktrail.ledger.store import StorageError
from stocktrail.ledger.store.log_reading import MAX_POSITION

_LOG = logging.getLogger(__name__)
_T = TypeVar("_T")

READERS = 2
"""Threads that read pages for subscribers that catch up."""

AT_ONCE = 1000
TICK_SECONDS = 1.0
SECONDS_AFTER_FAILURE = 1.0


class BufferedEvent(NamedTuple):
    """A buffered event: the attributes that filters use, and the event as streams send it."""

    topic: str
    subject: str
    frame: bytes


def frame_of(event: PublicEvent) -> bytes:
    """Return an event as streams send it, with its position as ``id``."""
    return b"id: %d\ndata: %b\n\n" % (event.position, event.body)


class Chunk(NamedTuple):
    """Part of a stream: the bytes to send, and the position that they reach.

    ``last`` is the position of the last event among the bytes, 0 if there is none.
    """

    frames: bytes
    position: int
    last: int


class Tail:
    """The end of the log, shared by all subscribers of a process.

    An asynchronous context manager: it reads while it is open, and ends its streams when closed.
    ``poll_seconds`` is how soon commits of other processes are noticed, ``gather_seconds`` how long
    events are collected during a burst. At most ``max_events`` and ``max_bytes`` are buffered.
    ``generation`` changes when the log was replaced by a shorter one: streams end then.
    """

    def __init__(
        self,
        log: EventLog,
        *,
        poll_seconds: float = 0.25,
        gather_seconds: float = 0.02,
        max_events: int = 10_000,
        max_bytes: int = 16 * 1024 * 1024,
    ) -> None:
        self.log = log
        self.is_closing: bool = False
        self.generation: int = 0
        self._subscribers = self._polls = 0
        self._poll_seconds, self._gather_seconds = poll_seconds, gather_seconds
        self._most_events, self._most_bytes = max_events, max_bytes
        self._buffer: dict[int, BufferedEvent] = {}
        self._first = self._end = 0
        self._bytes = 0
        # Most subscribers want everything from the same position, and share one chunk: of 100 each
        # takes 0.3 instead of 66 us (`python -m benchmarks.fast_paths share`, 2026-11-29).
        self._shared: tuple[tuple[int, int, int], Chunk] | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._task: asyncio.Task[None] | None = None
        self._readers = ThreadPoolExecutor(READERS, thread_name_prefix="feeds")
        self._own_reader = ThreadPoolExecutor(1, thread_name_prefix="tail")

    async def __aenter__(self) -> Self:
        """Start to read at the end of the log."""
        self._loop = asyncio.get_running_loop()
        self._commit, self._change = asyncio.Event(), asyncio.Event()
        self._first = self._end = await self.in_thread(self.log.head)
        self._task = asyncio.create_task(self._follow_or_close(), name="tail of the log")
        return self

    async def __aexit__(self, *_: object) -> None:
        """End the streams and stop reading."""
        self.close()
        if self._task is not None:
            await self._task
        self._readers.shutdown(wait=False)
        self._own_reader.shutdown(wait=False)

    def wake(self, position: int = MAX_POSITION) -> None:
        """Signal that the log was written up to a position; may be called from any thread."""
        loop = self._loop
        if loop is not None and self._is_awaited and position > self._end and not self.is_closing:
            loop.call_soon_threadsafe(self._commit.set)

    @property
    def _is_awaited(self) -> bool:
        return self._subscribers > 0 or self._polls > 0

    @contextmanager
    def subscription(self) -> Iterator[None]:
        """Count a subscriber for as long as it listens."""
        self._subscribers += 1
        self._commit.set()         # nobody was woken for what came last
        try:
            yield
        finally:
            self._subscribers -= 1

    @property
    def subscribers(self) -> int:
        """How many streams listen."""
        return self._subscribers

    def close(self) -> None:
        """End all streams and stop; to be called in the server's loop, before it waits for them."""
        if not self.is_closing:
            self.is_closing = True
            if self._loop is not None:
                self._commit.set()
                self._notify()

    @property
    def end(self) -> int:
        """The position up to which the tail has read."""
        return self._end

    @property
    def buffered_bytes(self) -> int:
        """The size of the buffer."""
        return self._bytes

    @property
    def change(self) -> asyncio.Event:
        """The event that is set at the next change, at least once a second.

        Take it before you look at the tail, and wait for it afterwards.
        """
        return self._change

    async def in_thread(self, read: Callable[[], _T]) -> _T:
        """Run a read of the database in one of the reader threads."""
        return await asyncio.get_running_loop().run_in_executor(self._readers, read)

    def read_chunk(self, after: int, selection: Selection, max_bytes: int) -> Chunk | None:
        """Return the selected events after a position; ``None`` if they left the buffer."""
        if after < self._first:
            return None
        if not selection.wants_everything:
            return self._collect(after, selection, max_bytes)
        asked = (after, self._end, max_bytes)
        if self._shared is None or self._shared[0] != asked:
            self._shared = asked, self._collect(after, selection, max_bytes)
        return self._shared[1]

    def _collect(self, after: int, selection: Selection, max_bytes: int) -> Chunk:
        frames: list[bytes] = []
        size = last = 0
        position = after
        all_of_them = selection.wants_everything
        while position < self._end and size < max_bytes:
            position += 1
            event = self._buffer[position]
            if all_of_them or selection.wants(event.topic, event.subject):
                frames.append(event.frame)
                size += len(event.frame)
                last = position
        return Chunk(b"".join(frames), position, last)

    async def page(
        self, after: int, limit: int, selection: Selection = EVERYTHING, wait_seconds: float = 0.0
    ) -> EventPage:
        """Return a page; while it is empty, wait for as long as asked (long poll)."""
        until = asyncio.get_running_loop().time() + wait_seconds
        self._polls += 1
        try:
            while True:
                change = self._change
                page = await self.in_thread(partial(self.log.page, after, limit, selection))
                if page.events or page.closed or self.is_closing:
                    return page
                after = page.position
                while self._end <= after and not self.is_closing:
                    left = until - asyncio.get_running_loop().time()
                    if left <= 0:
                        return page
                    await wait_at_most(change, left)
                    change = self._change
        finally:
            self._polls -= 1

    # ------------------------------------------------------------------ reading

    async def _follow_or_close(self) -> None:
        try:
            await self._follow()
        finally:
            self.close()           # end streams that would get no more events

    async def _follow(self) -> None:
        loop = asyncio.get_running_loop()
        told, pause = loop.time(), self._poll_seconds
        while not self.is_closing:
            await wait_at_most(self._commit, pause)
            self._commit.clear()
            found = await self._read_on()
            if found or loop.time() - told >= TICK_SECONDS:
                self._notify()
                told = loop.time()
            if not self._is_awaited:
                pause = self._poll_seconds
            elif found:          # commits come in bursts: poll again soon, then less often
                pause = self._gather_seconds
                await asyncio.sleep(self._gather_seconds)
            else:
                pause = min(pause * 2, self._poll_seconds)

    async def _read_on(self) -> bool:
        loop = asyncio.get_running_loop()
        try:
            if not self._subscribers:
                return self._begin_at(
                    await loop.run_in_executor(self._own_reader, self.log.require, self._end)
                )
            page = await loop.run_in_executor(
                self._own_reader, self.log.page, self._end, AT_ONCE
            )
        except StorageError as error:
            _LOG.warning("The tail of the log cannot be read: %s", error.message)
            await asyncio.sleep(SECONDS_AFTER_FAILURE)
            return False
        except CursorBeyondLog as error:
            # The log was replaced by a shorter one: subscribers beyond its end must get an error.
            _LOG.warning("The log has become shorter. %s", error.message)
            self.generation += 1
            return self._begin_at(int(error.details["head"]))
        for event in page.events:
            frame = frame_of(event)
            self._buffer[event.position] = BufferedEvent(event.topic, event.subject, frame)
            self._bytes += len(frame)
        self._end = page.position
        self._evict()
        if page.closed:
            self._commit.set()
        return bool(page.events)

    def _begin_at(self, position: int) -> bool:
        """Drop what is buffered, and go on from a position; return whether it is another one."""
        if position == self._end:
            return False
        self._buffer.clear()
        self._shared = None
        self._first = self._end = position
        self._bytes = 0
        return True

    def _evict(self) -> None:
        while len(self._buffer) > self._most_events or self._bytes > self._most_bytes:
            self._first += 1
            self._bytes -= len(self._buffer.pop(self._first).frame)

    def _notify(self) -> None:
        change, self._change = self._change, asyncio.Event()
        change.set()
