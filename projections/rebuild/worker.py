"""What the second process of a rebuild runs: it folds the stock side of the read models.

The two processes talk in lines: the first names a position, the second answers with it once it has
folded the log up to there. It ends when its input does, and after the next batch when the first has
died.
"""

import os
import sys
from collections.abc import Iterable, Iterator

from stocktrail.ledger.store import open_ledger
from stocktrail.ledger.store.side_tables.progress import SideTables
from stocktrail.projections.folding.shadow_tables import ReportProgress
from stocktrail.projections.rebuild.lease import RebuildLease
from stocktrail.projections.rebuild.rebuild import ShadowSide


def fold_stock(
    url: str, number: int, build: int, goals: Iterable[str], progress: ReportProgress
) -> Iterator[int]:
    """Fold the stock side of a rebuild up to each goal, and yield the position that was reached.

    Goes on where its shadow tables are; what ``progress`` raises ends it. Refuses
    (``rebuild_overtaken``) once another rebuild has taken over.
    """
    with open_ledger(url, create=False) as ledger:
        side = ShadowSide(ledger, RebuildLease(SideTables(ledger), number, build), "stock")
        for goal in goals:
            side.finish(int(goal), progress)
            yield side.position


def main() -> None:
    """Read the URL, the lease and goals from stdin; write positions to stdout."""
    parent = os.getppid()

    def end_with_parent(_: int, __: int) -> None:
        if os.getppid() != parent:
            sys.exit(1)

    url = sys.stdin.readline().rstrip("\n")
    number, build = int(sys.stdin.readline()), int(sys.stdin.readline())
    for reached in fold_stock(url, number, build, sys.stdin, end_with_parent):
        print(reached, flush=True)


if __name__ == "__main__":
    main()
