"""Rebuild: every read model built anew from the log, beside the live one, and switched at once."""

from projections.projector import READ_MODELS, Projector
from projections.read_models import (
    REBUILDS,
    ReadModels,
    ReportProgress,
    create_tables,
    fold_aside,
)
from projections.tables import Place

ASIDE = "_rebuilt"
"""The suffix of the tables that are built beside the live ones."""


def rebuild(models: ReadModels, progress: ReportProgress | None = None) -> int:
    """Build every read model beside the live ones, switch in one transaction, give the position.

    Until the switch everybody reads the live tables; what was left over by a rebuild that did not
    finish is thrown away. Nothing happens on a database that cannot be written.
    """
    ledger = models.ledger
    if ledger.read_only:
        return models.position() or 0
    models.progress.prepare()
    place = Place(models.progress, ASIDE)
    with models.progress.writing() as cursor:
        for model in READ_MODELS:
            for table in model.tables:
                cursor.execute(place.table(table).drop)
        create_tables(place, cursor)
    projector, position = Projector(place), 0
    while True:
        head = ledger.head().position
        position = fold_aside(ledger, place, projector, position, head, progress)
        if _switch(models, place, position):
            return position


def _switch(models: ReadModels, place: Place, position: int) -> bool:
    """Put the rebuilt tables in place, unless the live ones have come further meanwhile."""
    with models.progress.writing() as cursor:
        standing = models.standing_in(cursor)
        if (standing.position or 0) > position:
            return False
        for model in READ_MODELS:
            for table in model.tables:
                cursor.execute(table.drop)
                cursor.execute(f"ALTER TABLE {place.table(table).name} RENAME TO {table.name}")
            models.progress.forget(cursor, model.tracked_as)
            models.progress.record(cursor, model.tracked_as, position)
        models.progress.record(cursor, REBUILDS, standing.rebuilds + 1)
        return True
