"""A scratch log on top of a ledger: appends are visible while it is open, then discarded.

Dry runs decide on it with the code that also records. It takes no lock on the ledger and keeps its
rows in a temporary file, so a dry run may be as long as a real one.
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
from stocktrail.ledger.store.log_reading import LogReading
from stocktrail.ledger.store.mapper import StoredRow
from stocktrail.ledger.store.outcome import Head, Outcome
from stocktrail.ledger.store.recorder import Append, LedgerRecorder
from stocktrail.ledger.store.sqlite.recorder import ScratchFactory, SQLiteLedgerRecorder


class Overlay(LedgerRecorder):
    """The log of a ledger up to one position, followed by a scratch log."""

    def __init__(self, base: LogReading, scratch: SQLiteLedgerRecorder) -> None:
        self._base = base
        self._scratch = scratch
        scratch.hashes_rows = False
        self._base_head = base.head()
        with scratch.datastore.write_transaction() as cursor:
            cursor.execute(
                "UPDATE ledger_head SET position=?, recorded_at=?, sequence=?", self._base_head
            )

    @contextmanager
    def appending(self) -> Iterator[Append]:
        """Open an append to the scratch log."""
        with self._scratch.appending() as append:
            yield _OverlayAppend(self, append)

    def head(self) -> Head:
        """Return the end of the scratch log."""
        return self._scratch.head()

    def rows(
        self, after: int, limit: int, stop: int | None = None, topics: Sequence[str] = ()
    ) -> list[StoredRow]:
        """Return rows of both logs by position."""
        end = self._base_head.position
        rows = self._base.rows(after, limit, end if stop is None else min(stop, end), topics)
        if len(rows) < limit:
            rows += self._scratch.rows(max(after, end), limit - len(rows), stop, topics)
        return rows

    def events_between(self, after: int, until: int) -> list[tuple[int, bytes]]:
        """Return the events of rows of both logs."""
        end = self._base_head.sequence
        below = self._base.events_between(after, min(until, end))
        return below + self._scratch.events_between(max(after, end), until)

    def stream(
        self, stream: str, after_version: int = 0, up_to_version: int | None = None
    ) -> list[StoredRow]:
        """Return the rows of one stream from both logs."""
        rows = self._base.stream(stream, after_version, up_to_version)
        rows = [row for row in rows if row.id <= self._base_head.position]
        return rows + self._scratch.stream(stream, after_version, up_to_version)

    def histories(
        self, streams: Sequence[str], until: int | None = None
    ) -> tuple[list[StoredEvent], list[StoredRow]]:
        """Load streams from both logs, one after the other; dry runs are not optimised.

        They decide on the end of the log, so ``until`` is not heeded.
        """
        snapshots: list[StoredEvent] = []
        rows: list[StoredRow] = []
        for stream in streams:
            newest = self._snapshot(stream)
            if newest is not None:
                snapshots.append(newest)
            rows += self.stream(stream, newest.originator_version if newest else 0)
        return snapshots, rows

    def _snapshot(self, stream: str) -> StoredEvent | None:
        """Return the newest snapshot of a stream that is not newer than the visible log."""
        newest = self._scratch.snapshot(stream)
        if newest is not None:
            return newest
        return self._base.snapshot(
            stream, self._base.version_at(stream, self._base_head.position)
        )

    def streams(self, category: str) -> Iterator[str]:
        """Yield the names of the streams of both logs in order."""
        below = (
            stream for stream in self._base.streams(category)
            if self._base.version_at(stream, self._base_head.position)
        )
        last = None
        for stream in merge(below, self._scratch.streams(category)):
            if stream != last:
                yield stream
            last = stream

    def outcomes(self, command_ids: Sequence[str]) -> dict[str, Outcome]:
        """Return outcomes of both logs, without what the ledger recorded since it was opened."""
        below = {
            command_id: outcome for command_id, outcome in self._base.outcomes(command_ids).items()
            if outcome.sequence <= self._base_head.sequence
        }
        return {**below, **self._scratch.outcomes(command_ids)}


class _OverlayAppend:
    """An append to the scratch log that knows the outcomes of both logs."""

    def __init__(self, overlay: Overlay, append: Append) -> None:
        self._overlay = overlay
        self.append = append.append

    def begin(self, command_ids: Sequence[str]) -> tuple[Head, dict[str, Outcome]]:
        return self._overlay.head(), self._overlay.outcomes(command_ids)


@contextmanager
def overlay(base: LogReading) -> Iterator[Overlay]:
    """Open a scratch log on top of a ledger, and discard it at the end of the block."""
    try:
        temporary = TemporaryDirectory(prefix="stocktrail-dry-run-")
    except OSError as error:
        raise storage_error(error, "the folder for temporary files") from error
    with temporary as folder:
        env = {ScratchFactory.SQLITE_DBNAME: f"file:{quote(str(Path(folder) / 'scratch.db'))}"}
        factory = ScratchFactory(Environment("scratch", env))
        try:
            recorder = factory.application_recorder()
            factory.aggregate_recorder(purpose="snapshots")
            assert isinstance(recorder, SQLiteLedgerRecorder)
            yield Overlay(base, recorder)
        finally:
            factory.close()
