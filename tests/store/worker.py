"""Writers in processes of their own, made to be killed.

One process imports the program once and forks a writer for every script that it is sent, so a
writer is at work within milliseconds. Every answer is sent as soon as it is there: what was
received before a writer died was acknowledged. Run as ``python -m tests.store.worker SOCKET``.
"""

import json
import os
import signal
import socketserver
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Literal

from stocktrail.commands.scripts.reading import read_json_lines
from stocktrail.commands.scripts.submission import submit
from stocktrail.ledger.store import Ledger, StorageError, open_ledger
from stocktrail.ledger.store.recorder import Append
from tests.store.shop import Trickle
from tests.store.system_calls import fail_syncs

Point = Literal["before deciding", "before the commit", "after the commit"]


class Writer(socketserver.StreamRequestHandler):
    """One writer: it is sent a script, submits it, and answers line by line."""

    def handle(self) -> None:
        """Do one job and end with ``done``, or with the code of what failed."""
        self.answer({"pid": os.getpid()})
        job = json.loads(self.rfile.readline())
        try:
            self.work(job)
        except StorageError as error:
            self.answer({"failed": error.code, "message": error.message})
        else:
            self.answer({"done": True})

    def work(self, job: Mapping[str, Any]) -> None:
        """Submit one script, and answer as soon as there is something to say."""
        script = Trickle(job["script"].encode(), job["at_once"])
        with open_ledger(job["url"]) as ledger:
            if job["dies"]:
                _die_at(ledger, *job["dies"])
            if job["syncs_fail_at"]:
                _fail_syncs_at(ledger, job["syncs_fail_at"])
            for result in submit(ledger, read_json_lines(script), mode=job["mode"]):
                self.answer(result.as_json())

    def answer(self, answer: dict[str, Any]) -> None:
        """Send one answer."""
        self.wfile.write(json.dumps(answer).encode() + b"\n")


def _die_at(ledger: Ledger, point: Point, number: int) -> None:
    """Kill this process at a named point of its commits, counted from one."""
    recorder = ledger.log_recorder
    appending = recorder.appending
    commits = 0

    def here(name: Point) -> None:
        if (name, commits) == (point, number):
            os.kill(os.getpid(), signal.SIGKILL)

    @contextmanager
    def watched() -> Iterator[Append]:
        nonlocal commits
        commits += 1
        with appending() as append:
            here("before deciding")
            yield append
            here("before the commit")
        here("after the commit")

    recorder.appending = watched  # type: ignore[method-assign]


def _fail_syncs_at(ledger: Ledger, number: int) -> None:
    """Let the disk fail from a commit on, counted from one."""
    recorder = ledger.log_recorder
    appending = recorder.appending
    commits = 0

    @contextmanager
    def watched() -> Iterator[Append]:
        nonlocal commits
        commits += 1
        with appending() as append:
            if commits == number:
                fail_syncs()
            yield append

    recorder.appending = watched  # type: ignore[method-assign]


class Server(socketserver.ForkingMixIn, socketserver.UnixStreamServer):
    """Forks a writer for every connection."""

    request_queue_size = 64
    block_on_close = False
    parent = os.getppid()

    def service_actions(self) -> None:
        """End when the tests that started this process are gone without a word."""
        super().service_actions()
        if os.getppid() != self.parent:
            os._exit(1)


if __name__ == "__main__":
    with Server(sys.argv[1], Writer) as server:
        print("ready", flush=True)
        server.serve_forever(poll_interval=0.05)
