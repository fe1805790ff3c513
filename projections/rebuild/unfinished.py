"""What a ledger knows of a rebuild that is not done: at work, or interrupted, with tables left."""

from typing import NamedTuple

from stocktrail.ledger.store import StorageError
from stocktrail.ledger.store.side_tables.customer_keys import is_missing
from stocktrail.ledger.store.side_tables.owners import is_dead
from stocktrail.ledger.store.side_tables.progress import SideTables
from stocktrail.projections.catching_up import CatchingUp
from stocktrail.projections.rebuild.lease import lease_row, standing_of


class UnfinishedRebuild(NamedTuple):
    """A rebuild that has begun and is not done, and how far it is.

    It counts as running until its owner is known to be dead, which of another machine nobody knows.
    """

    is_running: bool
    standing: CatchingUp

    def as_json(self) -> dict[str, object]:
        """Return it as a JSON object."""
        return {"running": self.is_running, **self.standing.as_json()}

    def sentence(self) -> str:
        """Return how far it is, and what there is to do."""
        if self.is_running:
            return f"A rebuild of the read models is at work: {self.standing.sentence}."
        return (
            f"A rebuild of the read models was interrupted at {self.standing.percent} %, and its "
            "tables take up room. They are gone when `stocktrail rebuild` has run to its end."
        )


def unfinished_rebuild(side_tables: SideTables, head: int) -> UnfinishedRebuild | None:
    """Return the rebuild of a log up to ``head`` that is not done, ``None`` when there is none."""
    try:
        with side_tables.reading() as cursor:
            row = lease_row(cursor)
    except StorageError as error:
        if not is_missing(error):
            raise
        return None                       # there was never a rebuild
    if row is None or not row["build"]:
        return None
    standing = standing_of(row)
    return UnfinishedRebuild(
        bool(row["owner"]) and not is_dead(row["owner"]),
        standing if standing.goal else standing._replace(goal=head),
    )
