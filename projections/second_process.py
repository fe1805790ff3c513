"""A second process of this program, for work that the first one waits for at its end."""

import os
import selectors
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryFile

_MOST_COMPLAINT = 300


class SecondProcess:
    """Runs a module beside this process, and talks with it in lines.

    It is told what to work on through its standard input, not by arguments: every user of the
    machine can read those, with passwords. It ends when its input does.
    """

    def __init__(self, module: str, *lines: str) -> None:
        root = str(Path(__file__).parents[2])
        known = os.environ.get("PYTHONPATH")
        self._complaints = TemporaryFile()         # noqa: SIM115 - closed by close()
        self._process = subprocess.Popen(
            [sys.executable, "-m", module],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._complaints, text=True,
            env={**os.environ, "PYTHONPATH": os.pathsep.join([root, known] if known else [root])},
        )
        for line in lines:
            self.write(line)

    def write(self, line: str) -> None:
        """Send a line."""
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(f"{line}\n")
            self._process.stdin.flush()
        except BrokenPipeError:
            return                       # it has ended, which read() finds

    def has_answered(self, seconds: float) -> bool:
        """Wait for a time at most; return whether :meth:`read` would no longer have to wait."""
        assert self._process.stdout is not None
        with selectors.DefaultSelector() as selector:
            selector.register(self._process.stdout, selectors.EVENT_READ)
            return bool(selector.select(seconds))

    def read(self) -> str:
        """Wait for the next line, and return it; an empty text when the process has ended."""
        assert self._process.stdout is not None
        return self._process.stdout.readline().rstrip("\n")

    def complaint(self) -> str:
        """Wait until the process has ended, and return the last line that it wrote to stderr."""
        self._process.wait()
        self._complaints.seek(0)
        written = self._complaints.read().decode(errors="replace").strip()
        return written.rpartition("\n")[2][:_MOST_COMPLAINT].rstrip(".")

    def close(self) -> None:
        """Kill it if it runs, and wait until it has ended."""
        if self._process.poll() is None:
            self._process.kill()
        self._process.communicate()
        self._complaints.close()
