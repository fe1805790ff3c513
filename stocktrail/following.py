"""Reading the log forward from a position, and waiting for what is committed next."""

import asyncio
import threading
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager, suppress

from stocktrail.feeds.event_log import EventLog
from stocktrail.feeds.selection import Selection, select
from stocktrail.feeds.waiting import wait_at_most
from stocktrail.ledger.base.aggregate import RecordedEvent
from stocktrail.ledger.base.event import Event
from stocktrail.ledger.store import Ledger
from stocktrail.ledger.store.errors import CLOSED_MEANWHILE

POLL_SECONDS = 0.25
"""How often the log is looked at for commits of other processes, which SQLite does not announce."""

EVENTS_PER_PAGE = 500


class LogReader:
    """Reads the log page by page from a position, leaving out what is not selected.

    Raises :class:`~stocktrail.feeds.event_log.CursorBeyondLog` when the log ends before ``after``,
    and later when it was replaced by a shorter one.
    """

    def __init__(self, ledger: Ledger, after: int, selection: Selection) -> None:
        self._log = EventLog(ledger)
        self._log.require(after)
        self._selection = selection
        self.position: int = after
        self.is_at_end: bool = False

    def next_page(self) -> list[RecordedEvent]:
        """Return the events selected among the next page of the log, and move the position."""
        page = self._log.ledger.read(self.position, EVENTS_PER_PAGE)
        self.is_at_end = len(page) < EVENTS_PER_PAGE
        if page:
            self.position = page[-1].position
        else:
            self._log.require(self.position)
        wants = self._selection.wants
        return [event for event in page if wants(event.payload.topic, event.originator_id)]


def selection_of(types: Collection[type[Event] | str], subject: str | None) -> Selection:
    """Return the selection of these event classes (or names) and this subject.

    Refuses a name that is not in the catalogue (``unknown_type``).
    """
    return select((each if isinstance(each, str) else each.topic for each in types), subject)


@contextmanager
def ended_by_closing(is_closed: Callable[[], bool]) -> Iterator[None]:
    """End the block, without an error, where what it reads is closed meanwhile by another thread.

    What was closed before the block began is an error like any other.
    """
    was_closed = is_closed()
    try:
        yield
    except CLOSED_MEANWHILE:
        if was_closed or not is_closed():
            raise


class CommitSignal:
    """Wakes threads and tasks that wait for the next commit.

    ``count`` grows with every commit: read it before looking at the log, and wait with it, so that
    a commit in between is not missed.
    """

    def __init__(self) -> None:
        self.count: int = 0
        self._changed = threading.Condition()
        self._tasks: set[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = set()

    def notify(self) -> None:
        """Wake whoever waits; from any thread."""
        with self._changed:
            self.count += 1
            self._changed.notify_all()
            tasks = list(self._tasks)
        for loop, woken in tasks:
            with suppress(RuntimeError):            # the loop has been closed meanwhile
                loop.call_soon_threadsafe(woken.set)

    def wait(self, count: int, seconds: float) -> None:
        """Block until there was a commit after ``count``, or the time is over."""
        with self._changed:
            self._changed.wait_for(lambda: self.count != count, seconds)

    async def wait_async(self, count: int, seconds: float) -> None:
        """Wait like :meth:`wait`, without holding up the event loop."""
        task = (asyncio.get_running_loop(), asyncio.Event())
        with self._changed:
            if self.count != count:
                return
            self._tasks.add(task)
        try:
            await wait_at_most(task[1], seconds)
        finally:
            with self._changed:
                self._tasks.discard(task)
