"""The log in pages, by position: what every subscriber reads to catch up.

A page is read ``after`` a position and says at which position it ends. That position moves over
the events that were left out too, so a subscriber with a narrow selection never reads anything
twice. A page that ended because it was full, or because it had looked at enough, is closed: asked
for again it holds the same for ever. One that ended with the log is open.
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
"""The largest page."""

MAX_BYTES = 4 * 1024 * 1024
"""A page is full when it holds so much, whatever its limit."""

MAX_SCANNED = 20_000
"""A page looks at no more positions than that, however few of them are wanted."""

_ROWS_AT_ONCE = 500


class CursorBeyondLog(Refusal):
    """A subscriber knows of events that this log does not hold (``cursor_beyond_log``).

    The log was restored from a backup, or the subscriber speaks to another ledger. Silence would
    lose every event until the log has grown past the cursor.
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

    ``position`` is the last position that was looked at, ``head`` where the log ended then;
    ``closed`` says that the same question will have the same answer for ever.
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
        """Take what is selected among rows, until the page is full; tell whether it is."""
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
        """Return the page as it is now."""
        return EventPage(tuple(self.events), self.position, max(head, self.position), closed)


class EventLog:
    """The log of one ledger as public events.

    ``source`` names the ledger in its events. Without one it is made of the moment at which the
    first event was recorded: copies of a ledger share it, no two ledgers do.
    """

    def __init__(self, ledger: Ledger, source: str | None = None) -> None:
        self.ledger = ledger
        self._source = source

    @property
    def source(self) -> str:
        """The name of the ledger in its events; a ledger without any has none of its own yet."""
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
        """Return the last position, and raise :class:`CursorBeyondLog` for a cursor beyond it."""
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
        """Read what comes after a position: at most ``limit`` events that are selected.

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
        """Read one stream by its own index: what lies between its events is not looked at."""
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
