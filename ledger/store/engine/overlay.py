"""A scratch log laid over a ledger: what is appended to it is seen, and gone when it is closed.

Dry runs decide on it with the same code that records for real. It takes no lock of the ledger and
keeps what it is given in a temporary file, so a dry run may be as long as a real one.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from heapq import merge
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import quote

from eventsourcing.persistence import StoredEvent
from eventsourcing.utils import Environment

from stocktrail.ledger.store.errors import storage_error
from stocktrail.ledger.store.mapper import StoredRow
from stocktrail.ledger.store.outcome import Head, Outcome
from stocktrail.ledger.store.recorder import Append, LedgerRecorder
from stocktrail.ledger.store.sqlite.recorder import Factory, SQLiteLedgerRecorder


class Overlay(LedgerRecorder):
    """The log up to one position, and a scratch log after it."""

    def __init__(self, base: LedgerRecorder, scratch: SQLiteLedgerRecorder) -> None:
        self._base = base
        self._scratch = scratch
        scratch.seals = False
        self._from = base.head()
        with scratch.datastore.write_transaction() as cursor:
            cursor.execute("UPDATE ledger_head SET position=?, recorded_at=?", list(self._from))

    @contextmanager
    def appending(self) -> Iterator[Append]:
        """Append to the scratch log."""
        with self._scratch.appending() as append:
            yield _OverlayAppend(self, append)

    def head(self) -> Head:
        """Return the end of the scratch log."""
        return self._scratch.head()

    def rows(self, after: int, limit: int, stop: int | None = None) -> list[StoredRow]:
        """Read rows of both logs by position."""
        end = self._from.position
        rows = self._base.rows(after, limit, end if stop is None else min(stop, end))
        if len(rows) < limit:
            rows += self._scratch.rows(max(after, end), limit - len(rows), stop)
        return rows

    def stream(
        self, stream: str, after_version: int = 0, up_to_version: int | None = None
    ) -> list[StoredRow]:
        """Read the rows of one stream from both logs."""
        rows = self._base.stream(stream, after_version, up_to_version)
        rows = [row for row in rows if row.id <= self._from.position]
        return rows + self._scratch.stream(stream, after_version, up_to_version)

    def snapshot(self, stream: str, up_to_version: int | None = None) -> StoredEvent | None:
        """Read the newest snapshot of a stream that is not newer than what is seen."""
        newest = self._scratch.snapshot(stream, up_to_version)
        if newest is not None:
            return newest
        seen = self._base.version_at(stream, self._from.position)
        return self._base.snapshot(
            stream, seen if up_to_version is None else min(seen, up_to_version)
        )

    def histories(self, streams: Sequence[str]) -> tuple[list[StoredEvent], list[StoredRow]]:
        """Read streams from both logs, one after the other: a dry run is in no hurry."""
        snapshots: list[StoredEvent] = []
        rows: list[StoredRow] = []
        for stream in streams:
            newest = self.snapshot(stream)
            if newest is not None:
                snapshots.append(newest)
            rows += self.stream(stream, newest.originator_version if newest else 0)
        return snapshots, rows

    def version_at(self, stream: str, position: int) -> int:
        """Return the last version of a stream at or before a position."""
        return self._scratch.version_at(stream, position) or self._base.version_at(
            stream, min(position, self._from.position)
        )

    def position_at(self, recorded_at: int) -> int:
        """Return the last position recorded at or before an instant, in the ledger below."""
        return min(self._base.position_at(recorded_at), self._from.position)

    def streams(self, category: str) -> Iterator[str]:
        """Return the streams of both logs in order."""
        below = (
            stream for stream in self._base.streams(category)
            if self._base.version_at(stream, self._from.position)
        )
        last = None
        for stream in merge(below, self._scratch.streams(category)):
            if stream != last:
                yield stream
            last = stream

    def outcomes(self, command_ids: Sequence[str]) -> dict[str, Outcome]:
        """Look up outcomes in both logs; what others recorded below since is not seen."""
        below = {
            command_id: outcome for command_id, outcome in self._base.outcomes(command_ids).items()
            if outcome.last_position <= self._from.position
        }
        return {**below, **self._scratch.outcomes(command_ids)}

    def outcomes_after(self, sequence: int, limit: int) -> list[tuple[int, Outcome]]:
        """Read the outcomes of the scratch log."""
        return self._scratch.outcomes_after(sequence, limit)


class _OverlayAppend:
    """Appends to the scratch log, and knows the outcomes of both."""

    def __init__(self, overlay: Overlay, append: Append) -> None:
        self._overlay = overlay
        self.append = append.append

    def begin(self, command_ids: Sequence[str]) -> tuple[Head, dict[str, Outcome]]:
        return self._overlay.head(), self._overlay.outcomes(command_ids)


@contextmanager
def overlay(base: LedgerRecorder) -> Iterator[Overlay]:
    """Lay a scratch log over a ledger, and throw it away at the end."""
    try:
        temporary = TemporaryDirectory(prefix="stocktrail-dry-run-")
    except OSError as error:
        raise storage_error(error, "the folder for temporary files") from error
    with temporary as folder:
        env = {Factory.SQLITE_DBNAME: f"file:{quote(str(Path(folder) / 'scratch.db'))}"}
        factory = Factory(Environment("scratch", env))
        try:
            recorder = factory.application_recorder()
            factory.aggregate_recorder(purpose="snapshots")
            assert isinstance(recorder, SQLiteLedgerRecorder)
            yield Overlay(base, recorder)
        finally:
            factory.close()
