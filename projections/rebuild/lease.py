"""The lease of a rebuild: what lets one rebuild at a time write shadow tables."""

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from time import monotonic, sleep
from typing import Any

from stocktrail.ledger.refusal import Refusal
from stocktrail.ledger.store.datastore import DatabaseCursor
from stocktrail.ledger.store.side_tables.progress import SideTables
from stocktrail.ledger.store.tables import Cursor, ReadModel, TableSet
from stocktrail.ledger.store.time_limit import seconds_left
from stocktrail.projections.folding.shadow_tables import index_statements

LEASES = "read_models.claims"
"""The name under which the database counts how many rebuilds were begun."""

STEPS = "read_models.rebuild_steps"
"""The name under which a rebuild counts its transactions for as long as it is not done."""

OVERTAKEN = "rebuild_overtaken"
"""The code of the refusal when a later rebuild has begun."""

PATIENCE_SECONDS = 20.0
"""How long a rebuild may take no step before its process is taken for dead."""

_LOOK_SECONDS = 0.1
_SUFFIX = "_rebuilt"


class RebuildLease:
    """The database as one rebuild writes it, for as long as no later rebuild has begun.

    A rebuild that runs cannot be told from one whose process died, so the latest one wins. The
    processes of one rebuild share its ``number``.
    """

    def __init__(self, progress: SideTables, number: int | None = None) -> None:
        self._progress = progress
        if number is not None:
            self.number = number
            return
        with progress.writing() as cursor:
            [before] = progress.positions(cursor, [LEASES])
            self.number = (before or 0) + 1
            progress.record(cursor, LEASES, self.number)
            self._take_step(cursor)

    def reading(self) -> AbstractContextManager[Cursor]:
        """Read from one consistent state of the database."""
        return self._progress.reading()

    @contextmanager
    def writing(self) -> Iterator[Any]:
        """Write in a transaction; refuses (``rebuild_overtaken``) once a later rebuild began."""
        with self._progress.writing(synced=False) as cursor:
            if self._progress.positions(cursor, [LEASES]) != [self.number]:
                raise Refusal(
                    OVERTAKEN,
                    "Another rebuild of the read models has begun; this one has stopped. The live "
                    "read models are as they were.",
                )
            self._take_step(cursor)
            yield cursor

    def _take_step(self, cursor: DatabaseCursor) -> None:
        [before] = self._progress.positions(cursor, [STEPS])
        self._progress.record(cursor, STEPS, (before or 0) + 1)

    def finish(self, cursor: DatabaseCursor) -> None:
        """Let nobody wait for this rebuild any more, once the transaction commits."""
        self._progress.forget(cursor, STEPS)

    def shadow_tables(self) -> TableSet:
        """Return the shadow tables, beside the live ones."""
        return TableSet(self, _SUFFIX)

    def build_indexes(self, models: Sequence[ReadModel]) -> None:
        """Index filled shadow tables, one in each transaction, so that writers get between."""
        for statement in index_statements(models, self.shadow_tables(), f"_{self.number}"):
            with self.writing() as cursor:
                cursor.execute(statement)


def wait_for_rebuild(side_tables: SideTables) -> None:
    """Wait while another process rebuilds: until it is done, or takes no step any more."""
    before, since = None, monotonic()
    while True:
        with side_tables.reading() as cursor:
            number, steps = side_tables.positions(cursor, [LEASES, STEPS])
        if (number, steps) != before:
            before, since = (number, steps), monotonic()
        if steps is None or monotonic() - since >= PATIENCE_SECONDS:
            return
        seconds_left()
        sleep(_LOOK_SECONDS)
