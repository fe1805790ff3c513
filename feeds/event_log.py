"""The log in pages, by position: what every subscriber reads to catch up.

A page is read ``after`` a position, and ``position`` is where it ends. That position moves past
filtered-out events too, so a subscriber with a narrow filter never scans anything twice. A page
that ended because it was full, or because it had scanned enough, is closed: requested again, it is
the same forever. A page that ended at the end of the log is open.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from stocktrail.feeds.cloud_events import PublicEvent, public_event
from stocktrail.feeds.selection import EVERYTHING, Selection
from stocktrail.ledger.refusal import Refusal
from stocktrail.ledger.store import Ledger
from stocktrail.ledger.store.errors import translate_errors
from stocktrail.ledger.store.mapper import StoredRow

MAX_EVENTS = 10_000
"""The maximum of events in a page."""

MAX_BYTES = 4 * 1024 * 1024
"""A page is full when it has this many bytes, whatever its limit."""

MAX_SCANNED = 20_000
"""The maximum of positions that a page scans, however few of them are selected."""

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

    ``position`` is the last position that was scanned, ``head`` the end of the log at that time; a
    ``closed`` page is the same whenever it is requested.
    """

    events: tuple[PublicEvent, ...]
    position: int
    head: int
    closed: bool


class _PageBuilder:
    """A page while it is being filled."""

    def __init__(
        self, source: str, selection: Selection, limit: int, max_bytes: int, after: int
    ) -> None:
        self.events: list[PublicEvent] = []
        self.position = after
        self._source, self._selection = source, selection
        self._limit, self._left = limit, max_bytes

    def add(self, rows: Sequence[StoredRow]) -> bool:
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

    def page(self, head: int, *, closed: bool) -> EventPage:
        """Return the page."""
        return EventPage(tuple(self.events), self.position, max(head, self.position), closed)


class EventLog:
    """The log of one ledger as public events.

    ``source`` is the name of the ledger in its events. By default it is derived from the time at
    which the first event was recorded: copies of a ledger share it, different ledgers do not.
    """

    def __init__(self, ledger: Ledger, source: str | None = None) -> None:
        self.ledger = ledger
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
        head = self.head()
        if after > head:
            raise CursorBeyondLog(after, head)
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
        head = self.require(after)
        builder = _PageBuilder(self.source, selection, limit, max_bytes, after)
        if selection.stream is not None:
            return self._page_of_stream(selection.stream, builder, head)
        stop = after + MAX_SCANNED
        while builder.position < stop:
            least = limit - len(builder.events) if selection.wants_everything else _ROWS_AT_ONCE
            at_once = min(_ROWS_AT_ONCE, least, stop - builder.position)
            rows = self._rows(builder.position, at_once)
            if builder.add(rows):
                return builder.page(head, closed=True)
            if len(rows) < at_once:
                return builder.page(head, closed=False)
        return builder.page(head, closed=True)

    def _page_of_stream(self, stream: str, builder: "_PageBuilder", head: int) -> EventPage:
        """Return a page of one stream by its index, without scanning the positions between."""
        with translate_errors(self.ledger.where):
            version = self.ledger.log_recorder.version_at(stream, builder.position)
            rows = self.ledger.log_recorder.stream(stream, version, version + _ROWS_AT_ONCE)
        if builder.add(rows) or len(rows) == _ROWS_AT_ONCE:
            return builder.page(head, closed=True)
        builder.position = max(builder.position, head)
        return builder.page(head, closed=False)

    def _rows(self, after: int, limit: int) -> list[StoredRow]:
        with translate_errors(self.ledger.where):
            return self.ledger.log_recorder.rows(after, limit)
