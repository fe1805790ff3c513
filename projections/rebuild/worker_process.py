"""The second process of a rebuild, as the first one sees it."""

import os
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryFile

from stocktrail.ledger.store import StorageError

WORKER = "stocktrail.projections.rebuild.worker"

_MOST_COMPLAINT = 300


class WorkerProcess:
    """Starts the second process, gives it goals, and waits for it to reach them."""

    def __init__(self, url: str, lease_number: int) -> None:
        root = str(Path(__file__).parents[3])
        known = os.environ.get("PYTHONPATH")
        self._complaints = TemporaryFile()         # noqa: SIM115 - closed by close()
        self._process = subprocess.Popen(
            [sys.executable, "-m", WORKER],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._complaints, text=True,
            env={**os.environ, "PYTHONPATH": os.pathsep.join([root, known] if known else [root])},
        )
        # Not as arguments: every user of the machine can read those, with passwords.
        self._write(f"{url}\n{lease_number}")

    def begin(self, goal: int) -> None:
        """Let it fold up to a position, while this process goes on."""
        self._write(str(goal))

    def _write(self, line: str) -> None:
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(f"{line}\n")
            self._process.stdin.flush()
        except BrokenPipeError:
            return                       # it has ended, which reached() finds

    def reached(self, goal: int) -> bool:
        """Wait until it has folded up to a position; return ``False`` when it ended before."""
        assert self._process.stdout is not None
        return self._process.stdout.readline().strip() == str(goal)

    def failure(self) -> StorageError:
        """Return an error with the last line that it wrote to stderr."""
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
        """Kill it if it runs, and wait until it has ended."""
        if self._process.poll() is None:
            self._process.kill()
        self._process.communicate()
        self._complaints.close()
