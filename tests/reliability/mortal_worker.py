"""Processes of all kinds that are made to be killed at a named point of their work.

Like the writers of ``tests.store.worker``, and forked as they are: run as ``python -m
tests.reliability.mortal_worker SOCKET``.
"""

import asyncio
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from stocktrail.feeds.webhooks.sending import Limits
from stocktrail.feeds.webhooks.worker import WebhookWorker
from stocktrail.ledger.store import open_ledger
from stocktrail.ledger.store.engine import commit_group
from stocktrail.ledger.store.portable.backup import back_up
from stocktrail.ledger.store.upgrade_ledger import upgrade_ledger
from stocktrail.projections import ReadModels
from tests.reliability.named_points import NamedPoint, Task, die_at
from tests.reliability.traders import trade
from tests.store.conftest import Sending, Workers, forking_writers
from tests.store.worker import Server, Writer

SNAPSHOT_AFTER = -1_000
"""Snapshots are taken at every change, so that there are some to be killed at."""

SILENT_SECONDS = 500.0
"""Traders say nothing until they are done, which takes minutes where the machine is busy."""

PATIENT = Limits(connect_seconds=60, total_seconds=60)
"""Nobody is given up because the machine is busy: what failed would be due a minute later."""


class MortalWriter(Writer):
    """One process: does its task, unless it is killed before."""

    def work(self, job: Mapping[str, Any]) -> None:
        """Do one task, armed with a point."""
        if "trade" in job:
            trade(job["url"], Path(job["file"]), **job["trade"])
            return
        if "task" not in job:
            super().work(job)
            return
        if job["point"]:
            commit_group.SNAPSHOT_AFTER = SNAPSHOT_AFTER
            die_at(job["point"], job["number"])
        if job["task"] in ("write", "create"):
            super().work(job)
        else:
            _TASKS[job["task"]](job["url"], job["file"])


def _follow(url: str, _: str) -> None:
    with open_ledger(url) as ledger:
        ReadModels(ledger).catch_up()


def _rebuild(url: str, _: str) -> None:
    with open_ledger(url) as ledger:
        ReadModels(ledger).rebuild()


def _deliver(url: str, _: str) -> None:
    with open_ledger(url) as ledger:
        asyncio.run(WebhookWorker(ledger, limits=PATIENT).until_idle())


def _upgrade(url: str, _: str) -> None:
    upgrade_ledger(url)


def _back_up(url: str, file: str) -> None:
    with open_ledger(url) as ledger:
        back_up(ledger, Path(file))


_TASKS: dict[Task, Callable[[str, str], None]] = {
    "follow": _follow, "rebuild": _rebuild, "deliver": _deliver, "upgrade": _upgrade,
    "back up": _back_up,
}


class MortalWorkers(Workers):
    """Starts processes that do one task, and are killed at a point."""

    def begin(
        self, task: Task, url: str, point: NamedPoint | None = None, number: int = 1, *,
        script: bytes = b"", at_once: int = 400, file: Path | None = None,
    ) -> Sending:
        """Let a process do a task, armed with a point, or with none.

        A script is read ``at_once`` bytes at a time.
        """
        return self.send({
            "task": task, "url": url, "point": point and point.name, "number": number,
            "script": script.decode(), "at_once": at_once, "mode": "continue", "dies": None,
            "syncs_fail_at": None, "file": str(file),
        })

    def trade(
        self, url: str, file: Path, name: str, *, seed: int, threads: int, commands: int
    ) -> Sending:
        """Let a process of several threads trade, and write down in a file what it saw."""
        traded = {"name": name, "seed": seed, "threads": threads, "commands": commands}
        return self.send({"url": url, "file": str(file), "trade": traded}, SILENT_SECONDS)


@contextmanager
def mortal_workers() -> Iterator[MortalWorkers]:
    """Start the process that forks them, and end it."""
    with forking_writers("tests.reliability.mortal_worker") as path:
        yield MortalWorkers(path)


if __name__ == "__main__":
    with Server(sys.argv[1], MortalWriter) as server:
        print("ready", flush=True)
        server.serve_forever(poll_interval=0.05)
