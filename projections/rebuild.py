"""Rebuild: every read model built anew from the log, beside the live one, and switched at once."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

from ledger.refusal import Refusal
from ledger.store.progress import Progress
from projections.projector import READ_MODELS, Projector
from projections.read_models import (
    REBUILDS,
    ReadModels,
    ReportProgress,
    create_indexes,
    create_tables,
    fold_aside,
)
from projections.tables import Cursor, Place

ASIDE = "_rebuilt"
"""The suffix of the tables that are built beside the live ones."""


CLAIMS = "read_models.claims"
"""The name under which the database counts how often a rebuild was begun."""


class Claim:
    """The database as one rebuild uses it: it stops when another rebuild has begun.

    Nobody can tell a rebuild that runs from one whose process died, so the latest one wins.
    """

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        with progress.writing() as cursor:
            [before] = progress.positions(cursor, [CLAIMS])
            self._number = (before or 0) + 1
            progress.record(cursor, CLAIMS, self._number)

    def reading(self) -> AbstractContextManager[Cursor]:
        """Read from one consistent state of the database."""
        return self._progress.reading()

    @contextmanager
    def writing(self) -> Iterator[Any]:
        """Write; refuses (``rebuild_overtaken``) when another rebuild has begun."""
        with self._progress.writing() as cursor:
            if self._progress.positions(cursor, [CLAIMS]) != [self._number]:
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
    claim = Claim(models.progress)
    place = Place(claim, ASIDE)
    with claim.writing() as cursor:
        for model in READ_MODELS:
            for table in model.tables:
                cursor.execute(place.table(table).drop)
        create_tables(place, cursor)
    projector, position = Projector(place), 0
    while True:
        head = ledger.head().position
        position = fold_aside(ledger, place, projector, position, head, progress)
        if _switch(models, claim, place, position):
            return position


def _switch(models: ReadModels, claim: Claim, place: Place, position: int) -> bool:
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
        create_indexes(models.place, cursor)
        models.progress.record(cursor, REBUILDS, standing.rebuilds + 1)
        return True
