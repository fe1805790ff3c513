"""Read models in a scratch database: folded up to a position, within the time of a question."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

from stocktrail.ledger.store import Ledger
from stocktrail.ledger.store.scratch import ScratchDatabase
from stocktrail.ledger.store.tables import TableSet
from stocktrail.ledger.store.time_limit import OutOfTime, seconds_left, time_limit, unlimited
from stocktrail.projections.folding.projector import Projector
from stocktrail.projections.folding.shadow_tables import create_tables, fold_into_shadow_tables


class ScratchModels:
    """The read models at one position, folded when asked for and kept until another is asked for.

    When the time of a question is over, what was folded is kept: the next question goes on from
    there. One thread folds at a time; others wait for it, as long as their question may take.
    """

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._finished: tuple[int, TableSet] | None = None
        self._unfinished: _Fold | None = None
        self._lock = Lock()

    def at(self, position: int) -> TableSet:
        """Return the tables of all read models at a position.

        Raises :class:`~stocktrail.ledger.store.time_limit.OutOfTime`.
        """
        with self._turn():
            if self._finished is None or self._finished[0] != position:
                fold, self._unfinished = self._unfinished, None
                if fold is None or fold.position > position:
                    fold = _Fold(TableSet(ScratchDatabase()))
                try:
                    fold.go_on(self._ledger, position)
                except OutOfTime:
                    self._unfinished = fold
                    raise
                self._finished = (position, fold.tables)
            return self._finished[1]

    @contextmanager
    def _turn(self) -> Iterator[None]:
        left = seconds_left()
        if not self._lock.acquire(timeout=-1 if left is None else left):
            raise OutOfTime
        try:
            yield
        finally:
            self._lock.release()


class _Fold:
    """A fold into a scratch database, which can be interrupted after a whole command."""

    def __init__(self, tables: TableSet) -> None:
        self.tables = tables
        self.position = 0
        self._projector = Projector(tables)
        with tables.database.writing() as cursor:
            create_tables(tables, cursor)

    def go_on(self, ledger: Ledger, stop: int) -> None:
        """Fold up to a position; raises ``OutOfTime`` when the time limit is over before."""
        limit = time_limit()

        def reached(position: int, _: int) -> None:
            self.position = position
            if position < stop and limit.is_over():
                raise OutOfTime

        with unlimited():
            fold_into_shadow_tables(
                ledger, self.tables, self._projector, self.position, stop, reached
            )
