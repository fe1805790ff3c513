"""The read models of one ledger: caught up with the log, rebuilt, and read."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

from stocktrail.ledger.instant import to_iso
from stocktrail.ledger.refusal import Refusal
from stocktrail.ledger.store import Ledger
from stocktrail.ledger.store.side_tables.progress import SideTables
from stocktrail.ledger.store.tables import Cursor, TableSet
from stocktrail.projections.catching_up import ReportCatchingUp
from stocktrail.projections.folding.batches import Batch, batches
from stocktrail.projections.folding.projector import READ_MODELS, Projector
from stocktrail.projections.folding.scratch_models import ScratchModels
from stocktrail.projections.folding.shadow_tables import (
    EVENTS_PER_BATCH,
    ReportProgress,
    create_indexes,
    create_tables,
    gc_paused,
    require_events,
)
from stocktrail.projections.kept_moments import KeptMoments
from stocktrail.projections.model_version import ModelVersion, model_version
from stocktrail.projections.models.parked_items import parked_items
from stocktrail.projections.models.version import TRACKED_AS, TRACKED_BEFORE, VERSION
from stocktrail.projections.recorded_together import join_groups

WORTH_A_REBUILD = 20_000
"""From how many events on read models that are not there yet are rebuilt, not followed.

At 1 million events that takes 66 instead of 81 s of processor, and one process of several does it.
"""


class Reading(NamedTuple):
    """One consistent state of the read models: where their tables are, and their position."""

    place: TableSet
    cursor: Cursor
    position: int


class ReadModels:
    """The read models of one ledger.

    Questions read them; call :meth:`catch_up` before, or they answer as of an earlier position and
    say so. Where the database cannot be written, missing events are folded in a scratch database.
    """

    def __init__(self, ledger: Ledger, moments: KeptMoments | None = None) -> None:
        self.ledger = ledger
        self.moments: KeptMoments = KeptMoments() if moments is None else moments
        self.side_tables: SideTables = SideTables(ledger)
        self.place: TableSet = TableSet(self.side_tables)
        self._scratch = ScratchModels(ledger)
        self._last: tuple[ModelVersion, int, Projector] | None = None
        self._held: Reading | None = None

    # ------------------------------------------------------------------ catching up

    def catch_up(
        self, progress: ReportProgress | None = None, waiting: ReportCatchingUp | None = None
    ) -> int:
        """Fold the events that the log has gained, and return the position of the read models.

        Where there are none of this version they are rebuilt, by one process at a time: whoever
        comes second waits for it, and is told by ``waiting`` how far it is.

        Rows and position of a batch are written in one transaction, so after a crash folding goes
        on where it was. Several processes may call this at once: a batch that another one wrote is
        skipped. Does nothing on a database that cannot be written.
        """
        if self.ledger.read_only:
            return self.position() or 0
        while True:
            version = self.version()
            if version.position is None:
                if not self._create():
                    self._rebuild_in_turn(progress, waiting)
                continue
            head = self.ledger.head().position
            if version.position >= head:
                return version.position
            self._fold_until(head, version, progress)

    def _fold_until(
        self, head: int, version: ModelVersion, progress: ReportProgress | None
    ) -> None:
        """Fold up to a position, or until another process has changed the read models.

        A batch is folded before the write lock is taken, so that it is held only while rows are
        written. The projector of the last call is used again when nothing has changed since; after
        any error it is dropped, because its state may be ahead of the database, and after a new
        connection, because that may lead to another database.
        """
        last, self._last = self._last, None
        connections = self.ledger.datastore.connections_made
        is_same = last is not None and last[:2] == (version, connections)
        projector = last[2] if last and is_same else Projector(self.place)
        with gc_paused():
            while (position := version.position or 0) < head:
                commands = self.ledger.read_commands(position, EVENTS_PER_BATCH)
                require_events(commands, self.ledger, position, head)
                for batch in batches(join_groups(commands)):
                    reached = self._fold(projector, version, batch)
                    if reached is None:
                        return
                    version = reached
                if progress:
                    progress(version.position or 0, max(version.position or 0, head))
        self._last = (version, connections, projector)

    def _fold(
        self, projector: Projector, version: ModelVersion, batch: Batch
    ) -> ModelVersion | None:
        """Fold and write one batch; return ``None`` when the read models have another version."""
        with self.side_tables.reading() as cursor:
            if model_version(self.side_tables, cursor) != version:
                return None
            projector.fold(cursor, batch)
        position = batch[-1][-1].position
        with self.side_tables.writing(synced=False) as cursor:
            if model_version(self.side_tables, cursor) != version:
                return None
            projector.save(cursor)
            self.side_tables.record(cursor, TRACKED_AS, position)
        return ModelVersion(position, version.rebuilds)

    def _create(self) -> bool:
        """Create empty read models, unless some are there; return ``False`` for a rebuild to do it.

        That replaces those of another release, and is the shorter way through a long log.
        """
        self.side_tables.prepare()
        is_long = self.ledger.head().position >= WORTH_A_REBUILD
        with self.side_tables.writing() as cursor:
            if model_version(self.side_tables, cursor).position is not None:
                return True
            earlier = self.side_tables.positions(cursor, TRACKED_BEFORE)
            if is_long or any(position is not None for position in earlier):
                return False
            for model in READ_MODELS:
                for table in model.tables:
                    cursor.execute(table.drop)
            create_tables(self.place, cursor)
            create_indexes(self.place, cursor)
            self.side_tables.record(cursor, TRACKED_AS, 0)
            return True

    def _rebuild_in_turn(
        self, progress: ReportProgress | None, waiting: ReportCatchingUp | None
    ) -> None:
        from stocktrail.projections.rebuild.rebuild import rebuild_in_turn

        rebuild_in_turn(self.ledger, progress, waiting)

    def rebuild(self, progress: ReportProgress | None = None, *, from_start: bool = False) -> int:
        """Rebuild every read model beside the live ones, switch to them; return their position.

        Takes over from whoever rebuilds, and begins with the first event; where none of this
        version are live yet it goes on where that was, unless ``from_start``. Does nothing on a
        database that cannot be written.
        """
        from stocktrail.projections.rebuild.rebuild import rebuild

        if self.ledger.read_only:
            return self.position() or 0
        return rebuild(self.ledger, progress, from_start=from_start)

    # ------------------------------------------------------------------ reading

    def version(self) -> ModelVersion:
        """Return the version of the live read models."""
        with self.side_tables.reading() as cursor:
            return model_version(self.side_tables, cursor)

    def position(self) -> int | None:
        """Return the position of the live read models, ``None`` when there are none."""
        return self.version().position

    @contextmanager
    def reading(self) -> Iterator[Reading]:
        """Read from one consistent state of the read models.

        They are where :meth:`catch_up` left them. Where the database cannot be written and its read
        models lag, the log is folded in a scratch database first.
        """
        if self._held is not None:
            yield self._held
            return
        with self.side_tables.reading() as cursor:
            position = model_version(self.side_tables, cursor).position
            lags = position is None or (
                self.ledger.read_only and position < self.ledger.head().position
            )
            if not lags:
                yield Reading(self.place, cursor, position or 0)
                return
        with self._reading_scratch(self.ledger.head().position) as reading:
            yield reading

    @contextmanager
    def in_one_state(self) -> Iterator[None]:
        """Read everything within the block from one consistent state.

        Only for whoever alone asks these read models: one thread.
        """
        with self.reading() as reading:
            self._held = reading
            try:
                yield
            finally:
                self._held = None

    @contextmanager
    def _reading_scratch(self, position: int) -> Iterator[Reading]:
        tables = self._scratch.at(position)
        with tables.database.reading() as cursor:
            yield Reading(tables, cursor, position)

    def require_position(self, as_of: int) -> None:
        """Refuse a position that the log has not reached."""
        head = self.ledger.head().position
        if not 0 <= as_of <= head:
            raise Refusal(
                "unknown_position",
                f"The ledger ends at position {head}; nothing is known of position {as_of}.",
                position=as_of, head=head,
            )

    def reach(self, as_of: int) -> None:
        """Catch up if the read models are before a position; refuses one beyond the log."""
        self.require_position(as_of)
        if as_of > (self.position() or 0):
            self.catch_up()

    # ------------------------------------------------------------------ status

    def status(self) -> dict[str, Any]:
        """Return the head of the log, and the position and lag of each read model.

        ``lag`` counts events, ``lag_seconds`` is how long the first of them has been waiting;
        ``parked`` lists the items that cannot be folded.
        """
        with self.side_tables.reading() as cursor:
            head = self.ledger.head()
            known = model_version(self.side_tables, cursor).position
            parked = [] if known is None else parked_items(self.place, cursor)
        position = known or 0
        lag_seconds = self._waiting_since(position)
        return {
            "head": head.position,
            "recorded_at": to_iso(head.recorded_at) if head.position else None,
            "parked": [each.as_json() for each in parked],
            "read_models": [
                {
                    "name": model.name, "version": VERSION, "position": position,
                    "lag": head.position - position, "lag_seconds": lag_seconds,
                }
                for model in READ_MODELS
            ],
        }

    def _waiting_since(self, position: int) -> float:
        """Return for how many seconds the first event after a position has been in the log."""
        following = self.ledger.read(position, 1)
        if not following:
            return 0.0
        return max(self.ledger.clock() - following[0].recorded_at, 0) / 1_000_000
