"""What tests of the store may ask for: writers in processes of their own, a proxy of the server."""

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from tests.postgres_server import PostgresServer, ServerElsewhere
from tests.store.faults import Proxy
from tests.store.worker import Point

ROOT = Path(__file__).parents[2]
PATIENCE_SECONDS = 90.0


class Sending:
    """A writer at work in another process."""

    def __init__(
        self, connection: socket.socket, job: dict[str, Any], patience: float = PATIENCE_SECONDS
    ) -> None:
        self._connection = connection
        self._patience = patience
        self._lines = connection.makefile("rb")
        connection.sendall(json.dumps(job).encode() + b"\n")
        self.pid: int = json.loads(self._lines.readline())["pid"]
        self.answers: list[dict[str, Any]] = []
        self.failed: dict[str, Any] | None = None
        self.is_done = False
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def kill(self) -> None:
        """Kill the writer, unless it is gone already."""
        try:
            os.kill(self.pid, signal.SIGKILL)
        except ProcessLookupError:
            return

    def stop(self, *, go_on: bool = False) -> None:
        """Freeze the writer where it stands, or let it go on."""
        os.kill(self.pid, signal.SIGCONT if go_on else signal.SIGSTOP)

    def is_at_work(self) -> bool:
        """Return whether the writer has still something to say."""
        return self._reader.is_alive()

    def wait(self) -> list[dict[str, Any]]:
        """Wait until the writer ends, and give all that it answered."""
        self._reader.join(self._patience)
        assert not self._reader.is_alive(), "the writer does not end"
        self._lines.close()
        self._connection.close()
        return self.answers

    def _read(self) -> None:
        with suppress(ConnectionResetError):     # it died before it had read what it was sent
            for line in self._lines:
                if line.endswith(b"\n"):         # or else it died in the middle of an answer
                    self._take(json.loads(line))

    def _take(self, answer: dict[str, Any]) -> None:
        if "done" in answer:
            self.is_done = True
        elif "failed" in answer:
            self.failed = answer
        else:
            self.answers.append(answer)


class Workers:
    """Starts writers in processes of their own."""

    def __init__(self, path: str) -> None:
        self._path = path

    def start(
        self, url: str, script: bytes, *, at_once: int = 1000, mode: str = "continue",
        dies: tuple[Point, int] | None = None, syncs_fail_at: int | None = None,
    ) -> Sending:
        """Let a writer submit a script, read ``at_once`` bytes at a time."""
        return self.send({
            "url": url, "script": script.decode(), "at_once": at_once, "mode": mode, "dies": dies,
            "syncs_fail_at": syncs_fail_at,
        })

    def send(self, job: dict[str, Any], patience: float = PATIENCE_SECONDS) -> Sending:
        """Start a process and tell it what to do; it may be silent for so many seconds."""
        connection = socket.socket(socket.AF_UNIX)
        connection.settimeout(patience)
        connection.connect(self._path)
        return Sending(connection, job, patience)


@contextmanager
def forking_writers(
    program: str = "tests.store.worker", within: Sequence[str] = ()
) -> Iterator[str]:
    """Start a program that forks writers, give the socket on which it is told, and end it.

    ``within`` are words before the command, such as those that enter a network namespace.
    """
    with tempfile.TemporaryDirectory(prefix="writers-") as folder:
        path = f"{folder}/socket"
        with subprocess.Popen(
            [*within, sys.executable, "-m", program, path], cwd=ROOT, stdout=subprocess.PIPE
        ) as process:
            assert process.stdout is not None
            assert process.stdout.readline() == b"ready\n"
            try:
                yield path
            finally:
                process.terminate()


@pytest.fixture(scope="session")
def workers() -> Iterator[Workers]:
    """Start the process that forks writers, and end it after the tests."""
    with forking_writers() as path:
        yield Workers(path)


@pytest.fixture
def proxy(postgres: PostgresServer | ServerElsewhere, postgres_url: str) -> Iterator[Proxy]:
    """Stand between a writer and the server."""
    if isinstance(postgres, ServerElsewhere):
        pytest.skip("the server named in the environment is reached in a way of its own")
    with Proxy(postgres.socket_file) as between:
        yield between
