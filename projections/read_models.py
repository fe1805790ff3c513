"""The read models of one ledger: caught up with the log, rebuilt, verified, and read."""

import gc
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

from stocktrail.ledger.instant import to_iso
from stocktrail.ledger.refusal import Refusal
from stocktrail.ledger.store import Ledger, StorageError
from stocktrail.ledger.store.scratch import ScratchDatabase
from stocktrail.ledger.store.side_tables.progress import SideTables
from stocktrail.ledger.store.tables import Cursor, Place, ReadModel, ShortTransactions
from stocktrail.ledger.store.time_limit import OutOfTime, time_limit, unlimited
from stocktrail.projections.folding.batches import Command, batches, stands_alone
from stocktrail.projections.folding.projector import READ_MODELS, Folding, Projector
from stocktrail.projections.models.parked_items import parked_items

if TYPE_CHECKING:
    from stocktrail.projections.verify.seal import Anchor
    from stocktrail.projections.verify.verification import Verification

EVENTS_PER_BATCH = 4000
"""About how many events are read and folded together, and written in one transaction."""

EVENTS_PER_SAVE = 100_000
"""About how many events are folded aside, where nobody waits, before anything is written."""

REBUILDS = "read_models.rebuilds"
"""The name under which the database counts how often its read models were replaced."""

ReportProgress = Callable[[int, int], None]
"""Told a position that was reached and the one that is the goal."""


class Standing(NamedTuple):
    """Where the live read models stand: their position, and how often they were replaced."""

    position: int | None
    rebuilds: int


class Reading(NamedTuple):
    """One consistent state of the read models, to read from: the position it is at."""

    place: Place
    cursor: Cursor
    position: int


def create_tables(place: Place, cursor: Cursor) -> None:
    """Create the tables of every read model in a place, where they are missing."""
    for model in READ_MODELS:
        for table in model.tables:
            cursor.execute(place.table(table).create)


def indexes_of(models: Sequence[ReadModel], place: Place, mark: str = "") -> list[str]:
    """Write the statements that finish the tables of read models that were filled in a place."""
    tables = [place.table(table) for model in models for table in model.tables]
    return [
        statement for table in tables
        for statement in (*table.create_key(mark), *table.create_indexes(mark))
    ]


def create_indexes(place: Place, cursor: Cursor) -> None:
    """Create the indexes that reports look rows up by, where they are missing."""
    for model in READ_MODELS:
        for table in model.tables:
            for statement in place.table(table).create_indexes():
                cursor.execute(statement)


def fold_into_shadow_tables(
    ledger: Ledger,
    place: Place,
    projector: Folding,
    after: int,
    stop: int,
    progress: ReportProgress | None,
) -> int:
    """Fold the log into tables that nobody reads yet, and give the position that was reached.

    Rows that are touched again and again are written once for many events. Raises
    :class:`~stocktrail.ledger.store.StorageError` when the log ends before its own end.
    """
    position = saved = after

    def save() -> None:
        nonlocal saved
        if position > saved:
            with place.database.writing():
                pass                 # refused when another rebuild has begun, though no row waits
            projector.save(ShortTransactions(place.database))
            saved = position

    with gc_paused():
        while position < stop:
            commands = ledger.read_commands(position, EVENTS_PER_BATCH, stop, projector.categories)
            require_events(commands, ledger, position, stop)
            for batch in batches(commands):
                alone = len(batch) == 1 and stands_alone(batch)
                if alone:
                    save()
                with place.database.reading() as cursor:
                    projector.fold(cursor, batch)
                position = batch[-1][-1].position
                if alone or position - saved >= EVENTS_PER_SAVE:
                    save()
            if progress:
                progress(position, stop)
        save()
    return position


@contextmanager
def gc_paused() -> Iterator[None]:
    """Let the interpreter look for garbage no more while the log is folded.

    Folding makes many small objects and no cycles; looking through all of them took a tenth of it.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def require_events(
    commands: Sequence[object], ledger: Ledger, position: int, head: int
) -> None:
    """Raise a :class:`~stocktrail.ledger.store.StorageError` where the log is not whole."""
    if not commands:
        raise StorageError(
            "ledger_damaged",
            f"{ledger.where} is damaged: its log ends after position {position}, where it should "
            f"go on to {head}. Run `stocktrail verify`, and restore a copy.",
        )


class _Begun:
    """Read models that are folded aside, as far as there was time for.

    Whoever is broken off leaves them at the end of a whole command, for the next one to go on.
    """

    def __init__(self, place: Place) -> None:
        self.place = place
        self.position = 0
        self._projector = Projector(place)
        with place.database.writing() as cursor:
            create_tables(place, cursor)

    def fold(self, ledger: Ledger, stop: int, keep: Callable[["_Begun"], None]) -> None:
        """Fold on up to a position, or as long as there is time; then they are kept."""
        limit = time_limit()

        def reached(position: int, _: int) -> None:
            self.position = position
            if position < stop and limit.is_over():
                keep(self)
                raise OutOfTime

        with unlimited():
            place, begin = self.place, self.position
            fold_into_shadow_tables(ledger, place, self._projector, begin, stop, reached)


class ReadModels:
    """Everything that follows from a ledger's log.

    Reports read them; call :meth:`catch_up` before, or they answer as of an earlier position and
    say so. On a database that cannot be written, what is missing is folded in a scratch database.
    """

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger
        self.progress = SideTables(ledger)
        self.place = Place(self.progress)
        self._aside: tuple[int, Place] | None = None
        self._begun: _Begun | None = None
        self._kept: tuple[Standing, Projector] | None = None

    # ------------------------------------------------------------------ catching up

    def catch_up(self, progress: ReportProgress | None = None) -> int:
        """Fold what the log has gained, and give the position that the read models are at now.

        Rows and position of a batch are one transaction, so after a crash it goes on where it
        was. Several processes may do this at once: a batch that another one wrote is passed over.
        On a database that cannot be written nothing happens.
        """
        if self.ledger.read_only:
            return self.position() or 0
        while True:
            standing = self.standing()
            if standing.position is None:
                if not self._begin():
                    self.rebuild(progress)
                continue
            head = self.ledger.head().position
            if standing.position >= head:
                return standing.position
            self._go_on(standing, head, progress)

    def _go_on(self, standing: Standing, head: int, progress: ReportProgress | None) -> None:
        """Fold what is missing, with what is in memory of the last time if it is still true.

        A batch is folded before the lock is taken that others write under: it is held no longer
        than rows are written. Whatever goes wrong, memory is forgotten, for it may be ahead.
        """
        kept, self._kept = self._kept, None
        projector = kept[1] if kept and kept[0] == standing else Projector(self.place)
        with gc_paused():
            while (position := standing.position or 0) < head:
                commands = self.ledger.read_commands(position, EVENTS_PER_BATCH)
                require_events(commands, self.ledger, position, head)
                for batch in batches(commands):
                    reached = self._fold(projector, standing, batch)
                    if reached is None:
                        return
                    standing = reached
                if progress:
                    progress(standing.position or 0, max(standing.position or 0, head))
        self._kept = (standing, projector)

    def _fold(
        self, projector: Projector, standing: Standing, batch: Sequence[Command]
    ) -> Standing | None:
        """Fold and write one batch; ``None`` when the read models stand elsewhere by now."""
        with self.progress.reading() as cursor:
            if self.standing_in(cursor) != standing:
                return None
            projector.fold(cursor, batch)
        position = batch[-1][-1].position
        with self.progress.writing(synced=False) as cursor:
            if self.standing_in(cursor) != standing:
                return None
            projector.save(cursor)
            for model in READ_MODELS:
                self.progress.record(cursor, model.tracked_as, position)
        return Standing(position, standing.rebuilds)

    def _begin(self) -> bool:
        """Make room for read models where none ever were; say whether that was so."""
        self.progress.prepare()
        with self.progress.writing() as cursor:
            if self.standing_in(cursor).position is not None:
                return True
            names = [model.tracked_as for model in READ_MODELS]
            if any(position is not None for position in self.progress.positions(cursor, names)):
                return False
            create_tables(self.place, cursor)
            create_indexes(self.place, cursor)
            for name in names:
                self.progress.record(cursor, name, 0)
            return True

    def rebuild(self, progress: ReportProgress | None = None) -> int:
        """Build every read model again beside the live ones and switch; return the position."""
        from stocktrail.projections.rebuild.rebuild import rebuild

        return rebuild(self, progress)

    def verify(
        self, progress: ReportProgress | None = None, given: Sequence["Anchor"] = ()
    ) -> "Verification":
        """Check the log, and that the read models are exactly what follows from it.

        It must extend the checkpoints that were kept beside it, and those that are given.
        """
        from stocktrail.projections.verify.verification import verify

        return verify(self, progress, given)

    # ------------------------------------------------------------------ reading

    def position(self) -> int | None:
        """Return the position that the live read models are at, ``None`` when there are none."""
        return self.standing().position

    @contextmanager
    def reading(self) -> Iterator[Reading]:
        """Read from one consistent state of the read models.

        They stand where :meth:`catch_up` left them; on a database that cannot be written and whose
        read models lag, the log is folded in a scratch database first, once.
        """
        with self.progress.reading() as cursor:
            standing = self.standing_in(cursor)
            lags = standing.position is None or (
                self.ledger.read_only and standing.position < self.ledger.head().position
            )
            if not lags:
                yield Reading(self.place, cursor, standing.position or 0)
                return
        position, place = self._folded_aside()
        with place.database.reading() as aside:
            yield Reading(place, aside, position)

    @contextmanager
    def reading_at(self, as_of: int | None) -> Iterator[Reading]:
        """Read the read models as they stood at a position, or as they stand (``None``).

        For an earlier position the log is folded up to there in a scratch database, once. Refuses
        a position that the log has not reached.
        """
        if as_of is not None:
            self.require_position(as_of)
        if as_of is None or as_of == self.position():
            with self.reading() as reading:
                yield reading
            return
        position, place = self._folded_aside(as_of)
        with place.database.reading() as aside:
            yield Reading(place, aside, position)

    def _folded_aside(self, stop: int | None = None) -> tuple[int, Place]:
        stop = self.ledger.head().position if stop is None else stop
        if self._aside is None or self._aside[0] != stop:
            begun, self._begun = self._begun, None
            if begun is None or begun.position > stop:
                begun = _Begun(Place(ScratchDatabase()))
            begun.fold(self.ledger, stop, self._keep)
            self._aside = (stop, begun.place)
        return self._aside

    def _keep(self, begun: "_Begun") -> None:
        self._begun = begun

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
        """Fold the log as far as a position, if it is not folded that far yet.

        Refuses a position that the log has not reached.
        """
        self.require_position(as_of)
        if as_of > (self.position() or 0):
            self.catch_up()

    def standing(self) -> Standing:
        """Return where the live read models stand."""
        with self.progress.reading() as cursor:
            return self.standing_in(cursor)

    def standing_in(self, cursor: Any) -> Standing:
        """Return where the live read models stand, as a transaction sees it."""
        names = [*(model.tracked_as for model in READ_MODELS), REBUILDS]
        *positions, rebuilds = self.progress.positions(cursor, names)
        known = [position for position in positions if position is not None]
        together = len(known) == len(positions) and len(set(known)) == 1
        return Standing(known[0] if together else None, rebuilds or 0)

    # ------------------------------------------------------------------ the whole

    def status(self) -> dict[str, Any]:
        """Return the head of the log, and the position and lag of each read model.

        ``lag`` counts events, ``lag_seconds`` says how long the first of them has been waiting;
        ``parked`` items are those that cannot be folded.
        """
        with self.progress.reading() as cursor:
            head = self.ledger.head()
            names = [model.tracked_as for model in READ_MODELS]
            positions = self.progress.positions(cursor, names)
            parked = [] if None in positions else parked_items(self.place, cursor)
        waiting = {known: self._waiting_since(known) for known in {each or 0 for each in positions}}
        return {
            "head": head.position,
            "recorded_at": to_iso(head.recorded_at) if head.position else None,
            "parked": [each.as_json() for each in parked],
            "read_models": [
                {
                    "name": model.name, "version": model.version, "position": position or 0,
                    "lag": head.position - (position or 0),
                    "lag_seconds": waiting[position or 0],
                }
                for model, position in zip(READ_MODELS, positions, strict=True)
            ],
        }

    def _waiting_since(self, position: int) -> float:
        """Return for how many seconds the first event after a position has been in the log."""
        following = self.ledger.read(position, 1)
        if not following:
            return 0.0
        return max(self.ledger.clock() - following[0].recorded_at, 0) / 1_000_000
