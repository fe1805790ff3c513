"""The second process of a rebuild: it folds stock while the first one folds orders.

The two talk in lines: the first names a position, the second answers with it once it has folded the
log up to there. It ends with its input, so it never outlives the process that started it for long.
"""

import os
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from tempfile import TemporaryFile

from stocktrail.ledger.store import StorageError, open_ledger
from stocktrail.ledger.store.side_tables.progress import SideTables
from stocktrail.ledger.store.tables import Place
from stocktrail.projections.folding.stock_side import StockProjector
from stocktrail.projections.read_models import fold_into_shadow_tables

_PROGRAM = (
    "import sys; from stocktrail.projections.rebuild.worker import fold_stock\n"
    "url, claim = sys.stdin.readline().rstrip('\\n'), int(sys.stdin.readline())\n"
    "for reached in fold_stock(url, claim, sys.stdin):\n"
    "    print(reached, flush=True)"
)
_MOST_COMPLAINT = 300


def fold_stock(url: str, claim: int, goals: Iterable[str]) -> Iterator[int]:
    """Fold the stock side of a rebuild up to each goal, and give the position that was reached.

    Refuses with ``rebuild_overtaken`` once the claim is no longer the latest.
    """
    from stocktrail.projections.rebuild.rebuild import ASIDE, RebuildLease, create_indexes

    with open_ledger(url, create=False) as ledger:
        same = RebuildLease(SideTables(ledger), claim)
        place = Place(same, ASIDE)
        projector, position = StockProjector(place), 0
        for goal in goals:
            first = not position
            position = fold_into_shadow_tables(ledger, place, projector, position, int(goal), None)
            if first:
                create_indexes(same, place, projector.models)
            yield position


class WorkerProcess:
    """The second process as the first one sees it."""

    def __init__(self, url: str, claim: int) -> None:
        root = str(Path(__file__).parents[3])
        known = os.environ.get("PYTHONPATH")
        self._complaints = TemporaryFile()         # noqa: SIM115 - closed by close()
        self._process = subprocess.Popen(
            [sys.executable, "-c", _PROGRAM],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._complaints, text=True,
            env={**os.environ, "PYTHONPATH": os.pathsep.join([root, known] if known else [root])},
        )
        self._tell(f"{url}\n{claim}")    # not as arguments: everybody sees those, with passwords

    def begin(self, goal: int) -> None:
        """Send it the position to fold up to; it does so while this process goes on."""
        self._tell(str(goal))

    def _tell(self, what: str) -> None:
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(f"{what}\n")
            self._process.stdin.flush()
        except BrokenPipeError:
            return                       # it has ended, as is found when its answer is waited for

    def reached(self, goal: int) -> bool:
        """Wait until it has folded up to a position; ``False`` when it ended before."""
        assert self._process.stdout is not None
        return self._process.stdout.readline().strip() == str(goal)

    def failure(self) -> StorageError:
        """Return the complaint with which it ended."""
        self._process.wait()
        self._complaints.seek(0)
        complaint = self._complaints.read().decode(errors="replace").strip().rpartition("\n")[2]
        return StorageError(
            "rebuild_stopped",
            "The second process of the rebuild ended before it was done"
            + (f" ({complaint[:_MOST_COMPLAINT].rstrip('.')})" if complaint else "")
            + ". The live read models are as they were; run `stocktrail rebuild` again.",
        )

    def close(self) -> None:
        """End it, and wait until it has ended."""
        if self._process.poll() is None:
            self._process.kill()
        self._process.communicate()
        self._complaints.close()
