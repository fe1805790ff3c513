"""The log in pages, by position: what every subscriber reads to catch up.

A page is read ``after`` a position, and ``position`` is where it ends. That position moves past
filtered-out events too, so a subscriber with a narrow filter never scans anything twice. What is
selected is found by an index (:mod:`stocktrail.projections.event_search`), but for what the read
models have not folded yet.

A page says two things of how it ended. It is ``closed`` when there may be more: whoever catches up
asks for the next one at once. It is ``full`` when it has as many events or bytes as it may have:
then it is the same forever, and kept by caches. A page that has scanned much of what is not folded
yet is closed and not full: it is longer once that is folded. One that reached the end of the log is
neither. Every full page is closed.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from stocktrail.feeds.cloud_events import PublicEvent, public_event
from stocktrail.feeds.selection import EVERYTHING, Selection
from stocktrail.ledger.refusal import Refusal
from stocktrail.ledger.store import Ledger
from stocktrail.ledger.store.command_row import stored_rows
from stocktrail.ledger.store.errors import translate_errors
from stocktrail.ledger.store.mapper import StoredRow
from stocktrail.ledger.store.outcome import Head
from stocktrail.projections.event_search.search import EventSearch

MAX_EVENTS = 10_000
"""The maximum of events in a page."""

MAX_BYTES = 4 * 1024 * 1024
"""A page is full when it has this many bytes, whatever its limit."""

MAX_SCANNED = 20_000
"""About how many events a page looks at, however few of them are selected."""

_ROWS_AT_ONCE = 500


class CursorBeyondLog(Refusal):
    """A subscriber has seen events that this log does not contain (``cursor_beyond_log``).

    The log was restored from a backup, or the subscriber asks another ledger. Without this error it
    would miss every event until the log has grown past its cursor.
    """

    def __init__(self, after: int, head: int) -> None:
        super().__init__(
            "cursor_beyond_log",
            f"You ask for what comes after position {after}, but this log ends at {head}. It is "
            "another ledger, or was restored from a backup: compare what you hold with it, and "
            "begin again from a position that both share.",
            after=after, head=head,
        )


@dataclass(frozen=True, slots=True)
class EventPage:
    """Some events of the log in order, and where to read on.

    ``position`` is the last position that was scanned, ``head`` the end of the log at that time. A
    ``closed`` page may have ended before it; a ``full`` one is the same whenever it is requested.
    """

    events: tuple[PublicEvent, ...]
    position: int
    head: int
    closed: bool
    full: bool = False


class _PageBuilder:
    """A page while it is being filled."""

    def __init__(
        self, source: str, selection: Selection, limit: int, max_bytes: int, after: int
    ) -> None:
        self.events: list[PublicEvent] = []
        self.position = after
        self._source, self._selection = source, selection
        self._limit, self._left = limit, max_bytes

    def add(self, rows: Iterable[StoredRow]) -> bool:
        """Add the selected events of rows until the page is full; return whether it is."""
        all_of_them = self._selection.wants_everything
        for row in rows:
            self.position = row.id
            if all_of_them or self._selection.wants(row.topic, str(row.originator_id)):
                event = public_event(row, self._source)
                self.events.append(event)
                self._left -= len(event.body)
                if len(self.events) == self._limit or self._left <= 0:
                    return True
        return False

    def page(self, head: int, *, closed: bool, full: bool = False) -> EventPage:
        """Return the page."""
        return EventPage(tuple(self.events), self.position, max(head, self.position), closed, full)


class EventLog:
    """The log of one ledger as public events.

    ``source`` is the name of the ledger in its events. By default it is derived from the time at
    which the first event was recorded: copies of a ledger share it, different ledgers do not.
    """

    def __init__(self, ledger: Ledger, source: str | None = None) -> None:
        self.ledger = ledger
        self._search = EventSearch(ledger)
        self._source = source

    @property
    def source(self) -> str:
        """The name of the ledger in its events; an empty ledger has no unique one yet."""
        if self._source is None:
            rows = self._rows(0, 1)
            if not rows:
                return "urn:stocktrail:ledger"
            self._source = f"urn:stocktrail:ledger:{rows[0].recorded_at}"
        return self._source

    def head(self) -> int:
        """Return the last position of the log."""
        return self.ledger.head().position

    def require(self, after: int) -> int:
        """Return the last position, or raise :class:`CursorBeyondLog` for a cursor beyond it."""
        return self._head_beyond(after).position

    def _head_beyond(self, after: int) -> Head:
        head = self.ledger.head()
        if after > head.position:
            raise CursorBeyondLog(after, head.position)
        return head

    def page(
        self,
        after: int,
        limit: int = 1000,
        selection: Selection = EVERYTHING,
        *,
        max_bytes: int = MAX_BYTES,
    ) -> EventPage:
        """Return the page after a position: at most ``limit`` selected events.

        Raises :class:`CursorBeyondLog`, or a :class:`~stocktrail.ledger.store.StorageError`.
        """
        head = self._head_beyond(after)
        builder = _PageBuilder(self.source, selection, limit, max_bytes, after)
        if not selection.wants_everything:
            return self._page_of_selected(builder, selection, after, head)
        while True:
            at_once = min(_ROWS_AT_ONCE, limit - len(builder.events))
            rows = self._rows(builder.position, at_once)
            if builder.add(rows):
                return builder.page(head.position, closed=True, full=True)
            if len(rows) < at_once:
                return builder.page(head.position, closed=False)

    def _page_of_selected(
        self, builder: _PageBuilder, selection: Selection, after: int, head: Head
    ) -> EventPage:
        """Return a page of what is selected, without reading the events between."""
        looked_at = 0
        for rows in self._search.forwards(selection.wanted, after, head.sequence):
            for row in rows:
                events = [event for event in stored_rows(row) if event.id > after]
                if builder.add(events):
                    return builder.page(head.position, closed=True, full=True)
                looked_at += len(events)
            if looked_at >= MAX_SCANNED:
                return builder.page(head.position, closed=True)
        builder.position = head.position
        return builder.page(head.position, closed=False)

    def _rows(self, after: int, limit: int) -> list[StoredRow]:
        with translate_errors(self.ledger.where):
            return self.ledger.log_recorder.rows(after, limit)
