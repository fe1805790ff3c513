"""The second process of a rebuild, as the first one sees it."""

from stocktrail.ledger.store import StorageError
from stocktrail.projections.second_process import SecondProcess

WORKER = "stocktrail.projections.rebuild.worker"


class WorkerProcess(SecondProcess):
    """Starts the second process, gives it goals, and waits for it to reach them."""

    def __init__(self, url: str, lease_number: int) -> None:
        super().__init__(WORKER, url, str(lease_number))

    def begin(self, goal: int) -> None:
        """Let it fold up to a position, while this process goes on."""
        self.write(str(goal))

    def reached(self, goal: int) -> bool:
        """Wait until it has folded up to a position; return ``False`` when it ended before."""
        return self.read() == str(goal)

    def failure(self) -> StorageError:
        """Return an error with the last line that it wrote to stderr."""
        complaint = self.complaint()
        return StorageError(
            "rebuild_stopped",
            "The second process of the rebuild ended before it was done"
            + (f" ({complaint})" if complaint else "")
            + ". The live read models are as they were; run `stocktrail rebuild` again.",
        )
