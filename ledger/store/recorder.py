"""What every database must offer the ledger, beyond the library's application recorder."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from typing import Protocol

from eventsourcing.persistence import StoredEvent

from stocktrail.ledger.store.mapper import EventRow, SnapshotRow, StoredRow
from stocktrail.ledger.store.outcome import Head, Outcome, OutcomeRow


class HeadMoved(Exception):
    """Another writer appended first; what was decided must be decided again."""


class Append(Protocol):
    """A transaction in which a group of commands is decided and recorded."""

    def begin(self, command_ids: Sequence[str]) -> tuple[Head, dict[str, Outcome]]:
        """Return the end of the log that the group is judged against, and which ids are known."""

    def append(
        self,
        expected: Head,
        head: Head,
        events: Sequence[EventRow],
        outcomes: Sequence[OutcomeRow],
        snapshots: Sequence[SnapshotRow],
    ) -> None:
        """Move the head from ``expected`` by compare-and-set, and write everything beside it.

        Rows are tuples in the order of the table's columns: this is the hottest path there is.

        Raises :class:`HeadMoved` when the head is no longer where it was expected.
        """


class LedgerRecorder(ABC):
    """Reads and appends the rows of one ledger."""

    @abstractmethod
    def appending(self) -> AbstractContextManager[Append]:
        """Open the transaction of one group; it commits at the end unless there was an error."""

    @abstractmethod
    def head(self) -> Head:
        """Return the end of the log."""

    @abstractmethod
    def rows(self, after: int, limit: int, stop: int | None = None) -> list[StoredRow]:
        """Read rows by position: above ``after``, at most ``stop``, at most ``limit`` of them."""

    @abstractmethod
    def stream(
        self, stream: str, after_version: int = 0, up_to_version: int | None = None
    ) -> list[StoredRow]:
        """Read the rows of one stream in order of version."""

    @abstractmethod
    def snapshot(self, stream: str, up_to_version: int | None = None) -> StoredEvent | None:
        """Read the newest snapshot of a stream, or ``None`` when none was taken."""

    @abstractmethod
    def histories(self, streams: Sequence[str]) -> tuple[list[StoredEvent], list[StoredRow]]:
        """Read many streams at once: their newest snapshots, and the rows after those in order."""

    @abstractmethod
    def version_at(self, stream: str, position: int) -> int:
        """Return the last version of a stream at or before a position, 0 when there is none."""

    @abstractmethod
    def position_at(self, recorded_at: int) -> int:
        """Return the last position recorded at or before an instant, 0 when there is none."""

    @abstractmethod
    def streams(self, category: str) -> Iterator[str]:
        """Return the streams of a category in order."""

    @abstractmethod
    def outcomes(self, command_ids: Sequence[str]) -> dict[str, Outcome]:
        """Look up what became of commands, by id; ids that were never used are left out."""

    def settled_outcomes(self, command_ids: Sequence[str]) -> dict[str, Outcome]:
        """Look up outcomes after an append whose reply never came, so that the answer stays true.

        What is found was recorded, and what is not found can never be recorded any more by that
        append, wherever it still is.
        """
        return self.outcomes(command_ids)

    @abstractmethod
    def outcomes_after(self, sequence: int, limit: int) -> list[tuple[int, Outcome]]:
        """Read outcomes in the order in which the commands were decided."""
