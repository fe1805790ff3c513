"""Waiting for one's turn to rebuild: until another process is done with it, or has died."""

from time import monotonic, sleep

from stocktrail.ledger.store import StorageError
from stocktrail.ledger.store.side_tables.owners import is_dead
from stocktrail.ledger.store.side_tables.progress import SideTables
from stocktrail.ledger.store.time_limit import seconds_left
from stocktrail.projections.catching_up import ReportCatchingUp
from stocktrail.projections.rebuild.lease import (
    LEASE,
    RebuildLease,
    are_there,
    beat_of,
    lease_row,
    standing_of,
    take_lease,
)

PATIENCE_SECONDS = 20.0
"""How long the owner of a lease may be silent before it is taken for dead.

It is the clock of whoever waits that measures it: no two clocks are compared.
"""

_LOOK_SECONDS = 0.1


def wait_for_turn(
    side_tables: SideTables, waiting: ReportCatchingUp | None
) -> RebuildLease | None:
    """Return the lease once nobody alive has it; ``None`` when there are read models by then.

    Whoever has it is told of by ``waiting`` again and again.
    """
    side_tables.prepare()
    with side_tables.writing() as cursor:
        cursor.execute(LEASE.create)
    heard: tuple[int, int] | None = None
    since = monotonic()
    while True:
        with side_tables.reading() as cursor:
            if are_there(side_tables, cursor):
                return None
            row = lease_row(cursor)
        beat = beat_of(row)
        if beat != heard:
            heard, since = beat, monotonic()
        is_silent = monotonic() - since >= PATIENCE_SECONDS
        if row is None or not row["owner"] or is_dead(row["owner"]) or is_silent:
            lease = _take(side_tables, heard)
            if lease is not None:
                return lease
        elif waiting is not None:
            waiting(standing_of(row))
        seconds_left()
        sleep(_LOOK_SECONDS)


def _take(side_tables: SideTables, heard: tuple[int, int] | None) -> RebuildLease | None:
    """Take the lease, unless its owner was heard of meanwhile, or is done."""
    try:
        with side_tables.writing() as cursor:
            if beat_of(lease_row(cursor)) != heard or are_there(side_tables, cursor):
                return None
            return take_lease(side_tables, cursor)
    except StorageError as error:
        if error.code != "storage_busy":
            raise
        return None                   # who holds the lock for that long is alive
