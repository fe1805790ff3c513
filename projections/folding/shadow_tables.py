"""Shadow tables: read models that are folded where nobody reads yet, in a database or beside it.

A rebuild folds into tables beside the live ones, a question about the past and a verification into
a scratch database. No reader waits for them, so rows that many events touch are written once.
"""

import gc
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from stocktrail.ledger.store import Ledger, StorageError
from stocktrail.ledger.store.tables import Cursor, ReadModel, ShortTransactions, TableSet
from stocktrail.projections.folding.batches import batches, stands_alone
from stocktrail.projections.folding.projector import READ_MODELS, Folding
from stocktrail.projections.recorded_together import join_groups

EVENTS_PER_BATCH = 4000
"""About how many events are read and folded together, and written in one transaction."""

EVENTS_PER_SAVE = 100_000
"""About how many events are folded into shadow tables before their rows are written."""

EVENTS_PER_RECORD = 30_000
"""About how many it is where rows and their position are written together.

Nobody else writes meanwhile, and this is what a rebuild that is killed may lose.
"""

ReportProgress = Callable[[int, int], None]
"""Called with the position that was reached and the one that is the goal."""

RecordPosition = Callable[[Cursor, int], None]
"""Called in the transaction that writes rows, with the position that they stand for."""


def create_tables(tables: TableSet, cursor: Cursor) -> None:
    """Create the tables of every read model, where they are missing."""
    for model in READ_MODELS:
        for table in model.tables:
            cursor.execute(tables.table(table).create)


def create_indexes(tables: TableSet, cursor: Cursor) -> None:
    """Create the indexes that questions look rows up by, where they are missing."""
    for model in READ_MODELS:
        for table in model.tables:
            for statement in tables.table(table).create_indexes():
                cursor.execute(statement)


def index_statements(models: Sequence[ReadModel], tables: TableSet, mark: str = "") -> list[str]:
    """Return the statements that add keys and indexes to shadow tables once they are filled.

    The ``mark`` makes the names of indexes differ from those of the live tables.
    """
    named = [tables.table(table) for model in models for table in model.tables]
    return [
        statement for table in named
        for statement in (*table.create_key(mark), *table.create_indexes(mark))
    ]


def fold_into_shadow_tables(
    ledger: Ledger,
    tables: TableSet,
    projector: Folding,
    after: int,
    stop: int,
    progress: ReportProgress | None,
    record: RecordPosition | None = None,
) -> int:
    """Fold the log from one position to another into shadow tables; return the position reached.

    Rows are written in short transactions, so that writers of the log get between. With ``record``
    those of one position are one transaction, and there are fewer of them at a time: whoever finds
    the tables later can go on. Raises :class:`~stocktrail.ledger.store.StorageError` when the log
    ends before its own end.
    """
    events_per_save = EVENTS_PER_SAVE if record is None else EVENTS_PER_RECORD
    position = saved = after

    def save() -> None:
        nonlocal saved
        if position > saved:
            if record is None:
                projector.save(ShortTransactions(tables.database))
            else:
                with tables.database.writing() as cursor:
                    projector.save(cursor)
                    record(cursor, position)
            saved = position

    with gc_paused():
        while position < stop:
            commands = ledger.read_commands(position, EVENTS_PER_BATCH, stop)
            require_events(commands, ledger, position, stop)
            for batch in batches(join_groups(commands)):
                alone = len(batch) == 1 and stands_alone(batch)
                if alone:
                    save()
                with tables.database.reading() as cursor:
                    projector.fold(cursor, batch)
                position = batch[-1][-1].position
                if alone or position - saved >= events_per_save:
                    save()
            if progress:
                progress(position, stop)
        save()
    return position


@contextmanager
def gc_paused() -> Iterator[None]:
    """Pause the garbage collector while the log is folded.

    Folding makes many small objects and no cycles. An event takes 51 instead of 77 us of processor
    (``python -m benchmarks.fast_paths folding``, 2026-11-29).
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
    """Raise :class:`~stocktrail.ledger.store.StorageError` when the log lacks events it must have.

    ``commands`` are those read after ``position``, of a log that goes on to ``head``.
    """
    if not commands:
        raise StorageError(
            "ledger_damaged",
            f"{ledger.where} is damaged: its log ends after position {position}, where it should "
            f"go on to {head}. Run `stocktrail verify`, and restore a copy.",
        )
