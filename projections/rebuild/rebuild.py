"""Rebuild: every read model built again from the log, beside the live one, and switched at once.

The two sides of the fold need nothing of each other, so that each gets a process: this one folds
orders and promises, one that it starts (:mod:`stocktrail.projections.rebuild.worker`) folds stock.
Each writes its own tables, in few transactions, between which commands are recorded and read models
read.
"""

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, closing, contextmanager
from typing import Any

from stocktrail.ledger.refusal import Refusal
from stocktrail.ledger.store.in_memory import InMemoryLedger
from stocktrail.ledger.store.side_tables.progress import SideTables
from stocktrail.ledger.store.tables import Cursor, Place, ReadModel
from stocktrail.projections.folding.order_side import OrderProjector
from stocktrail.projections.folding.projector import READ_MODELS, Folding, Projector
from stocktrail.projections.read_models import (
    REBUILDS,
    ReadModels,
    ReportProgress,
    fold_into_shadow_tables,
    indexes_of,
)
from stocktrail.projections.rebuild.worker import WorkerProcess

ASIDE = "_rebuilt"
"""The suffix of the tables that are built beside the live ones."""

CLAIMS = "read_models.claims"
"""The name under which the database counts how often a rebuild was begun."""

WORTH_A_PROCESS = 20_000
"""From how many events on a second process pays for the time that it takes to start."""


class RebuildLease:
    """The database as one rebuild uses it: it stops when another rebuild has begun.

    Nobody can tell a rebuild that runs from one whose process died, so the latest one wins. The
    processes of one rebuild share its ``number``.
    """

    def __init__(self, progress: SideTables, number: int | None = None) -> None:
        self._progress = progress
        if number is not None:
            self.number = number
            return
        with progress.writing() as cursor:
            [before] = progress.positions(cursor, [CLAIMS])
            self.number = (before or 0) + 1
            progress.record(cursor, CLAIMS, self.number)

    def reading(self) -> AbstractContextManager[Cursor]:
        """Read from one consistent state of the database."""
        return self._progress.reading()

    @contextmanager
    def writing(self) -> Iterator[Any]:
        """Write; refuses (``rebuild_overtaken``) when another rebuild has begun."""
        with self._progress.writing(synced=False) as cursor:
            if self._progress.positions(cursor, [CLAIMS]) != [self.number]:
                raise Refusal(
                    "rebuild_overtaken",
                    "Another rebuild of the read models has begun; this one has stopped. The live "
                    "read models are as they were.",
                )
            yield cursor


def rebuild(models: ReadModels, progress: ReportProgress | None = None) -> int:
    """Build every read model beside the live ones, switch in one transaction, give the position.

    Until the switch everybody reads the live tables; what was left over by a rebuild that did not
    finish is thrown away. Nothing happens on a database that cannot be written. Refuses to go on
    (``rebuild_overtaken``) when another rebuild begins meanwhile.
    """
    ledger = models.ledger
    if ledger.read_only:
        return models.position() or 0
    models.progress.prepare()
    claim = RebuildLease(models.progress)
    place = Place(claim, ASIDE)
    with claim.writing() as cursor:
        for model in READ_MODELS:
            for table in model.tables:
                cursor.execute(place.table(table).drop)
        for model in READ_MODELS:
            for table in model.tables:
                cursor.execute(place.table(table).create_to_be_filled)
    if isinstance(ledger, InMemoryLedger) or ledger.head().position < WORTH_A_PROCESS:
        return _fold_until_switched(models, claim, place, Projector(place), progress)
    with closing(WorkerProcess(ledger.url, claim.number)) as worker:
        projector = OrderProjector(place, from_start=True)
        return _fold_until_switched(models, claim, place, projector, progress, worker)


def _fold_until_switched(
    models: ReadModels, claim: RebuildLease, place: Place, projector: Folding,
    progress: ReportProgress | None, worker: WorkerProcess | None = None,
) -> int:
    position = 0
    while True:
        head = models.ledger.head().position
        if worker is not None:
            worker.begin(head)
        first, position = not position, fold_into_shadow_tables(
            models.ledger, place, projector, position, head, progress
        )
        if first:
            create_indexes(claim, place, projector.models)
        if worker is not None and not worker.reached(head):
            with claim.writing():        # says so when it is another rebuild that stopped it
                raise worker.failure()
        if _switch(models, claim, place, position):
            return position


def create_indexes(claim: RebuildLease, place: Place, models: Sequence[ReadModel]) -> None:
    """Index what was built before it goes live, a table at a time, so that writers get between."""
    for statement in indexes_of(models, place, f"_{claim.number}"):
        with claim.writing() as cursor:
            cursor.execute(statement)


def _switch(models: ReadModels, claim: RebuildLease, place: Place, position: int) -> bool:
    """Put the rebuilt tables in place, unless the live ones have come further meanwhile."""
    with claim.writing() as cursor:
        standing = models.standing_in(cursor)
        if position < (standing.position or 0) <= models.ledger.head().position:
            return False
        for model in READ_MODELS:
            for table in model.tables:
                cursor.execute(table.drop)
                cursor.execute(f"ALTER TABLE {place.table(table).name} RENAME TO {table.name}")
            models.progress.forget(cursor, model.tracked_as)
            models.progress.record(cursor, model.tracked_as, position)
        models.progress.record(cursor, REBUILDS, standing.rebuilds + 1)
        return True
