"""Rebuild: every read model folded again into shadow tables, which replace the live ones at once.

The two sides of the fold are independent, so that each can have a process of its own: this one
folds orders and promises, :mod:`stocktrail.projections.rebuild.worker` folds stock. Each writes its
own tables in short transactions, between which commands are recorded and read models are read, and
with them the position that they stand for: a rebuild whose process dies goes on there.
"""

from contextlib import closing
from functools import partial
from typing import Protocol

from stocktrail.ledger.refusal import Refusal
from stocktrail.ledger.store import Ledger
from stocktrail.ledger.store.in_memory import InMemoryLedger
from stocktrail.ledger.store.side_tables.progress import SideTables
from stocktrail.projections.catching_up import Pace, ReportCatchingUp
from stocktrail.projections.folded_settings import folded_settings
from stocktrail.projections.folding.order_side import OrderProjector
from stocktrail.projections.folding.projector import READ_MODELS, Folding
from stocktrail.projections.folding.shadow_tables import ReportProgress, fold_into_shadow_tables
from stocktrail.projections.folding.stock_side import StockProjector
from stocktrail.projections.model_version import REBUILDS, model_version
from stocktrail.projections.models.version import TRACKED_AS, TRACKED_BEFORE, earlier_names
from stocktrail.projections.rebuild.lease import OVERTAKEN, RebuildLease, Side, begin_lease
from stocktrail.projections.rebuild.turn import wait_for_turn
from stocktrail.projections.rebuild.worker_process import WorkerProcess

WORTH_A_PROCESS = 20_000
"""From how many events on a second process saves more time than it takes to start."""


def rebuild(
    ledger: Ledger, progress: ReportProgress | None = None, *, from_start: bool = False
) -> int:
    """Rebuild every read model, switch to them in one transaction, and return their position.

    Until the switch everybody reads the live tables. Takes over from whoever rebuilds, alive or
    dead, and begins with the first event. Only where no read models of this version are live yet it
    goes on where that was, unless it is to begin ``from_start``. Refuses to go on
    (``rebuild_overtaken``) when another call of this function takes over. The ledger's database
    must be writable.
    """
    lease = begin_lease(SideTables(ledger), from_start=from_start)
    return _rebuild_as_owner(ledger, lease, progress)


def rebuild_in_turn(
    ledger: Ledger, progress: ReportProgress | None, waiting: ReportCatchingUp | None
) -> None:
    """Rebuild unless another process does: that one is waited for, until it is done or has died.

    There are read models of this version afterwards.
    """
    while (lease := wait_for_turn(SideTables(ledger), waiting)) is not None:
        try:
            _rebuild_as_owner(ledger, lease, progress)
        except Refusal as refusal:
            if refusal.code != OVERTAKEN:
                raise


def _rebuild_as_owner(
    ledger: Ledger, lease: RebuildLease, progress: ReportProgress | None
) -> int:
    pace = Pace()

    def report(position: int, goal: int) -> None:
        lease.tell(pace.reach(position, goal))
        if progress is not None:
            progress(position, goal)

    position = _rebuild_within(ledger, lease, report)
    SideTables(ledger).give_back_pages(lambda: report(position, position))
    return position


def _rebuild_within(ledger: Ledger, lease: RebuildLease, report: ReportProgress) -> int:
    with lease.kept():
        _drop_those_of_earlier_versions(lease, SideTables(ledger))
        orders = ShadowSide(ledger, lease, "orders")
        if isinstance(ledger, InMemoryLedger) or ledger.head().position < WORTH_A_PROCESS:
            stock = ShadowSide(ledger, lease, "stock")
            return _fold_and_switch(ledger, lease, orders, stock, report)
        with closing(WorkerProcess(ledger.url, lease.number, lease.build)) as worker:
            return _fold_and_switch(ledger, lease, orders, worker, report)


class OtherSide(Protocol):
    """The side of stock, folded in this process or in another one."""

    def begin(self, goal: int) -> None:
        """Begin to fold up to a position."""

    def finish(self, goal: int, progress: ReportProgress) -> None:
        """Return once it has come to a position; raises what stopped it.

        Calls ``progress`` again and again meanwhile, and is ended by whatever that raises.
        """


class ShadowSide:
    """One side of a rebuild: its projector, and the position that its shadow tables stand for."""

    def __init__(self, ledger: Ledger, lease: RebuildLease, side: Side) -> None:
        tables = lease.shadow_tables()
        self._projector: Folding = (
            OrderProjector(tables, partial(folded_settings, ledger)) if side == "orders"
            else StockProjector(tables)
        )
        self._ledger, self._lease, self._side = ledger, lease, side
        self._is_indexed = False
        self.position: int = lease.position(side)

    def begin(self, goal: int) -> None:
        """Do nothing: in this process all is done by :meth:`finish`."""

    def finish(self, goal: int, progress: ReportProgress) -> None:
        """Fold up to a position, and index the tables when that is done for the first time.

        Calls ``progress`` after each batch and before each index; what it raises ends this.
        Refuses (``rebuild_overtaken``) once another rebuild has taken over.
        """
        self.position = fold_into_shadow_tables(
            self._ledger, self._lease.shadow_tables(), self._projector, self.position, goal,
            progress, lambda cursor, reached: self._lease.record(cursor, self._side, reached),
        )
        if not self._is_indexed:
            self._lease.build_indexes(self._projector.models, lambda: progress(goal, goal))
            self._is_indexed = True


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
    ledger: Ledger, lease: RebuildLease, orders: ShadowSide, stock: OtherSide,
    report: ReportProgress,
) -> int:
    """Fold both sides up to the end of the log, until they are switched to.

    How far that is is told by the orders; while stock is folded it is told again and again, so that
    whoever has ended the work by raising from ``report`` need not wait for any side.
    """
    while True:
        head = ledger.head().position
        report(orders.position, head)
        stock.begin(head)
        try:
            orders.finish(head, report)
            stock.finish(head, lambda _, goal: report(orders.position, goal))
        except Exception:
            with lease.writing():        # raises rebuild_overtaken if that is what stopped it
                raise
        if _switch(ledger, lease, orders.position):
            return orders.position


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
