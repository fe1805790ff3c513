"""Rebuild: every read model folded again into shadow tables, which replace the live ones at once.

The two sides of the fold are independent, so that each can have a process of its own: this one
folds orders and promises, :mod:`stocktrail.projections.rebuild.worker` folds stock. Each writes its
own tables in short transactions, between which commands are recorded and read models are read.
"""

from contextlib import closing

from stocktrail.ledger.store import Ledger
from stocktrail.ledger.store.in_memory import InMemoryLedger
from stocktrail.ledger.store.side_tables.progress import SideTables
from stocktrail.projections.folding.order_side import OrderProjector
from stocktrail.projections.folding.projector import READ_MODELS, Folding, Projector
from stocktrail.projections.folding.shadow_tables import ReportProgress, fold_into_shadow_tables
from stocktrail.projections.model_version import REBUILDS, model_version
from stocktrail.projections.models.version import TRACKED_AS, TRACKED_BEFORE, earlier_names
from stocktrail.projections.rebuild.lease import RebuildLease
from stocktrail.projections.rebuild.worker_process import WorkerProcess

WORTH_A_PROCESS = 20_000
"""From how many events on a second process saves more time than it takes to start."""


def rebuild(ledger: Ledger, progress: ReportProgress | None = None) -> int:
    """Rebuild every read model, switch to them in one transaction, and return their position.

    Until the switch everybody reads the live tables; what an unfinished rebuild left behind is
    dropped. Refuses to go on (``rebuild_overtaken``) when another rebuild begins meanwhile. The
    ledger's database must be writable.
    """
    side_tables = SideTables(ledger)
    side_tables.prepare()
    lease = RebuildLease(side_tables)
    _drop_those_of_earlier_versions(lease, side_tables)
    tables = lease.shadow_tables()
    with lease.writing() as cursor:
        for model in READ_MODELS:
            for table in model.tables:
                cursor.execute(tables.table(table).drop)
        for model in READ_MODELS:
            for table in model.tables:
                cursor.execute(tables.table(table).create_to_be_filled)
    if isinstance(ledger, InMemoryLedger) or ledger.head().position < WORTH_A_PROCESS:
        return _fold_and_switch(ledger, lease, Projector(tables), progress)
    with closing(WorkerProcess(ledger.url, lease.number)) as worker:
        projector = OrderProjector(tables)
        return _fold_and_switch(ledger, lease, projector, progress, worker)


def _drop_those_of_earlier_versions(lease: RebuildLease, side_tables: SideTables) -> None:
    """Drop the tables of earlier versions, once those of this one are live.

    Not before: until then a program of before may still be running that answers from them.
    """
    with lease.writing() as cursor:
        if model_version(side_tables, cursor).position is None:
            return
        for name in TRACKED_BEFORE:
            side_tables.forget(cursor, name)
        for model in READ_MODELS:
            for table in model.tables:
                for name in earlier_names(table.name):
                    cursor.execute(table.named(name).drop)


def _fold_and_switch(
    ledger: Ledger, lease: RebuildLease, projector: Folding, progress: ReportProgress | None,
    worker: WorkerProcess | None = None,
) -> int:
    tables, position, is_indexed = lease.shadow_tables(), 0, False
    while True:
        head = ledger.head().position
        if worker is not None:
            worker.begin(head)
        position = fold_into_shadow_tables(ledger, tables, projector, position, head, progress)
        if not is_indexed:
            lease.build_indexes(projector.models)
            is_indexed = True
        if worker is not None and not worker.reached(head):
            with lease.writing():        # raises rebuild_overtaken if that is what stopped it
                raise worker.failure()
        if _switch(ledger, lease, position):
            return position


def _switch(ledger: Ledger, lease: RebuildLease, position: int) -> bool:
    """Replace the live tables, unless those have gone further meanwhile, or are being read."""
    side_tables, tables = SideTables(ledger), lease.shadow_tables()
    with lease.writing() as cursor:
        live = model_version(side_tables, cursor)
        if position < (live.position or 0) <= ledger.head().position:
            return False
        if not side_tables.exclude_readers(cursor):
            return False
        for model in READ_MODELS:
            for table in model.tables:
                cursor.execute(table.drop)
                cursor.execute(f"ALTER TABLE {tables.table(table).name} RENAME TO {table.name}")
        side_tables.forget(cursor, TRACKED_AS)
        side_tables.record(cursor, TRACKED_AS, position)
        side_tables.record(cursor, REBUILDS, live.rebuilds + 1)
        lease.finish(cursor)
        return True
