"""The interface that every database implements, beyond the library's application recorder."""

import time
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from typing import Any, Protocol
from uuid import UUID

from eventsourcing.persistence import Notification, StoredEvent

from stocktrail.ledger.store.command_row import (
    CommandRow,
    IndexRow,
    entry_of_bytes,
    index_of,
    parts_of,
)
from stocktrail.ledger.store.mapper import SnapshotRow, StoredRow
from stocktrail.ledger.store.outcome import Head, Outcome


class HeadMoved(Exception):
    """Another writer appended first; the group must be decided again."""


class Append(Protocol):
    """A transaction in which a group of commands is decided and recorded."""

    def begin(self, command_ids: Sequence[str]) -> tuple[Head, dict[str, Outcome]]:
        """Return the head that the group is judged against, and the known outcomes of its ids."""

    def append(
        self,
        expected: Head,
        head: Head,
        rows: Sequence[CommandRow],
        index: Sequence[IndexRow],
        snapshots: Sequence[SnapshotRow],
    ) -> None:
        """Move the head from ``expected`` by compare-and-set, and write all rows with it.

        Rows are sealed here. ``index`` says where their events are.

        Raises :class:`HeadMoved` when the head is no longer at ``expected``.
        """


class LedgerRecorder(ABC):
    """Reads and appends the rows of one ledger."""

    @abstractmethod
    def appending(self) -> AbstractContextManager[Append]:
        """Open the transaction of one group, which commits unless the block raises."""

    @abstractmethod
    def head(self) -> Head:
        """Return the end of the log."""

    @abstractmethod
    def rows(
        self, after: int, limit: int, stop: int | None = None, topics: Sequence[str] = ()
    ) -> list[StoredRow]:
        """Return rows by position: above ``after``, up to ``stop``, at most ``limit`` of them.

        With ``topics``, only rows of these topics.
        """

    @abstractmethod
    def events_between(self, after: int, until: int) -> list[tuple[int, bytes]]:
        """Return when commands occurred and the events in their rows, for a range of sequences."""

    @abstractmethod
    def stream(
        self, stream: str, after_version: int = 0, up_to_version: int | None = None
    ) -> list[StoredRow]:
        """Return the rows of one stream in order of version."""

    @abstractmethod
    def histories(
        self, streams: Sequence[str], until: int | None = None
    ) -> tuple[list[StoredEvent], list[StoredRow]]:
        """Return the newest snapshots of many streams, and the rows after those in order.

        With ``until``, the sequence of a row, nothing after that row.
        """

    @abstractmethod
    def streams(self, category: str) -> Iterator[str]:
        """Yield the names of the streams of a category in order."""

    @abstractmethod
    def outcomes(self, command_ids: Sequence[str]) -> dict[str, Outcome]:
        """Return the outcomes of command ids; ids that were never used are left out."""

    def settled_outcomes(self, command_ids: Sequence[str]) -> dict[str, Outcome]:
        """Return outcomes after an append whose reply was lost, such that the answer stays true.

        An id that is found was recorded; one that is not found can no longer be recorded by that
        append.
        """
        return self.outcomes(command_ids)

    # ------------------------------------------------------------------ the library's interface

    def insert_events(
        self, stored_events: Sequence[StoredEvent], **_: Any
    ) -> Sequence[int] | None:
        """Append events of the library's own ``save``, which belong to no command."""
        while stored_events:
            try:
                with self.appending() as append:
                    head, _known = append.begin([])
                    rows, after = rows_of_saved(head, stored_events)
                    append.append(head, after, rows, list(index_of(rows)), [])
                return list(range(head.position + 1, after.position + 1))
            except HeadMoved:
                continue
        return []

    def select_events(
        self,
        originator_id: UUID | str,
        *,
        gt: int | None = None,
        lte: int | None = None,
        desc: bool = False,
        limit: int | None = None,
    ) -> Sequence[StoredEvent]:
        """Return the rows of one stream, as the library's event store does."""
        found = self.stream(_stream_of(originator_id), gt or 0, lte)
        return (found[::-1] if desc else found)[:limit]

    def select_notifications(
        self,
        start: int | None,
        limit: int,
        stop: int | None = None,
        topics: Sequence[str] = (),
        *,
        inclusive_of_start: bool = True,
    ) -> Sequence[Notification]:
        """Return rows by position, as the library's notification log does."""
        after = 0 if start is None else start - 1 if inclusive_of_start else start
        return self.rows(after, limit, stop, topics)


def rows_of_saved(
    head: Head, stored_events: Sequence[StoredEvent]
) -> tuple[list[CommandRow], Head]:
    """Return events of the library's own ``save`` as rows after the head, and the next head."""
    start = max(head.recorded_at + 1, time.time_ns() // 1000)
    entries = [
        entry_of_bytes(
            _stream_of(each.originator_id), each.originator_version, each.topic, each.state,
            start + place if place else None,
        )
        for place, each in enumerate(stored_events)
    ]
    last = head.position + len(entries)
    row = CommandRow(
        head.sequence + 1, head.position + 1, last, start, start, None, b"", "saved", b"{}", b"{}",
        b"",
    )
    rows = list(parts_of(row, entries))
    return rows, Head(last, start + len(entries) - 1, rows[-1].sequence)


def _stream_of(originator_id: UUID | str) -> str:
    return originator_id.hex if isinstance(originator_id, UUID) else originator_id
