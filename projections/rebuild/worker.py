"""What the second process of a rebuild runs: it folds the stock side of the read models.

The two processes talk in lines: the first names a position, the second answers with it once it has
folded the log up to there. It ends when its input does, so it does not outlive the first for long.
"""

import sys
from collections.abc import Iterable, Iterator

from stocktrail.ledger.store import open_ledger
from stocktrail.ledger.store.side_tables.progress import SideTables
from stocktrail.projections.folding.shadow_tables import fold_into_shadow_tables
from stocktrail.projections.folding.stock_side import StockProjector
from stocktrail.projections.rebuild.lease import RebuildLease


def fold_stock(url: str, lease_number: int, goals: Iterable[str]) -> Iterator[int]:
    """Fold the stock side of a rebuild up to each goal, and yield the position that was reached.

    Refuses (``rebuild_overtaken``) once a later rebuild has begun.
    """
    with open_ledger(url, create=False) as ledger:
        lease = RebuildLease(SideTables(ledger), lease_number)
        tables = lease.shadow_tables()
        projector, position = StockProjector(tables), 0
        for goal in goals:
            first = not position
            position = fold_into_shadow_tables(
                ledger, tables, projector, position, int(goal), None
            )
            if first:
                lease.build_indexes(projector.models)
            yield position


def main() -> None:
    """Read the URL, the number of the lease and goals from stdin; write positions to stdout."""
    url, number = sys.stdin.readline().rstrip("\n"), int(sys.stdin.readline())
    for reached in fold_stock(url, number, sys.stdin):
        print(reached, flush=True)


if __name__ == "__main__":
    main()
