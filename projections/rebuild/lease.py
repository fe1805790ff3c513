"""The lease of a rebuild: what lets one rebuild at a time write shadow tables."""

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import Any

from stocktrail.ledger.refusal import Refusal
from stocktrail.ledger.store.side_tables.progress import SideTables
from stocktrail.ledger.store.tables import Cursor, ReadModel, TableSet
from stocktrail.projections.folding.shadow_tables import index_statements

LEASES = "read_models.claims"
"""The name under which the database counts how many rebuilds were begun."""

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

    def reading(self) -> AbstractContextManager[Cursor]:
        """Read from one consistent state of the database."""
        return self._progress.reading()

    @contextmanager
    def writing(self) -> Iterator[Any]:
        """Write in a transaction; refuses (``rebuild_overtaken``) once a later rebuild began."""
        with self._progress.writing(synced=False) as cursor:
            if self._progress.positions(cursor, [LEASES]) != [self.number]:
                raise Refusal(
                    "rebuild_overtaken",
                    "Another rebuild of the read models has begun; this one has stopped. The live "
                    "read models are as they were.",
                )
            yield cursor

    def shadow_tables(self) -> TableSet:
        """Return the shadow tables, beside the live ones."""
        return TableSet(self, _SUFFIX)

    def build_indexes(self, models: Sequence[ReadModel]) -> None:
        """Index filled shadow tables, one in each transaction, so that writers get between."""
        for statement in index_statements(models, self.shadow_tables(), f"_{self.number}"):
            with self.writing() as cursor:
                cursor.execute(statement)
