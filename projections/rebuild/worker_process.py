"""The second process of a rebuild, as the first one sees it."""

from stocktrail.ledger.store import StorageError
from stocktrail.projections.folding.shadow_tables import ReportProgress
from stocktrail.projections.second_process import SecondProcess

WORKER = "stocktrail.projections.rebuild.worker"

_STEP_SECONDS = 0.2
"""How long it is waited for between two reports."""


class WorkerProcess(SecondProcess):
    """Starts the second process, gives it goals, and waits for it to reach them."""

    def __init__(self, url: str, number: int, build: int) -> None:
        super().__init__(WORKER, url, str(number), str(build))

    def begin(self, goal: int) -> None:
        """Let it fold up to a position, while this process goes on."""
        self.write(str(goal))

    def finish(self, goal: int, progress: ReportProgress) -> None:
        """Wait until it has folded up to a position; raises what ``progress`` raises meanwhile.

        Raises :class:`~stocktrail.ledger.store.StorageError` when it ended before.
        """
        while not self.has_answered(_STEP_SECONDS):
            progress(goal, goal)
        if int(self.read() or -1) < goal:
            raise self.failure()

    def failure(self) -> StorageError:
        """Return an error with the last line that it wrote to stderr."""
        complaint = self.complaint()
        return StorageError(
            "rebuild_stopped",
            "The second process of the rebuild ended before it was done"
            + (f" ({complaint})" if complaint else "")
            + ". The live read models are as they were; run `stocktrail rebuild` again.",
        )
