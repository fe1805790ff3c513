"""R25: a former release writes, is killed or goes on, while the present one upgrades its ledger.

The code of that release is taken out of the history of the repository, and runs in a process of its
own with the packages that are installed. What it has answered must be there afterwards; the same
script is then sent to the present version, and the log must be the one that it writes by itself.
"""

import json
import os
import random
import subprocess
import sys
import tarfile
import time
from contextlib import suppress
from io import BytesIO
from pathlib import Path
from threading import Thread
from types import TracebackType
from typing import Any, Self

from stocktrail.ledger.store import StorageError, open_ledger
from stocktrail.ledger.store.upgrade_ledger import upgrade_ledger
from stocktrail.projections import ReadModels
from stocktrail.projections.verify import verify
from tests.interfaces.terminal import ROOT
from tests.reliability.trial import FreshDatabase, ReliabilityTrial
from tests.store.shop import (
    assert_answers_are_recorded,
    assert_log_is_sound,
    events_of,
    script,
    send,
)
from tests.store.test_kills import a_script, opening
from tests.waiting import PATIENCE_SECONDS, wait_until

RELEASES = {"cf38ea0": "interfaces.cli", "62ca9e2": "stocktrail.interfaces.cli"}
"""Commits before the rules of issue 11, and before a row was a command; and their doors."""

COMMANDS = 250
AT_ONCE = 400
"""Bytes of the script that are sent at once."""


def former_releases(seed: int, database: FreshDatabase, folder: Path) -> int:
    """Let a former release write a ledger, and upgrade it meanwhile: one upgrade a round."""
    chance = random.Random(seed)
    sent = script(opening()) + a_script(
        chance, "SO", with_ids=chance.random() < 0.5, count=COMMANDS
    )
    calm = f"sqlite:///{folder / 'calm.db'}"
    with open_ledger(calm) as ledger:
        send(ledger, sent)
    with WriterOfFormerRelease(chance.choice([*RELEASES]), folder, database.url, sent) as writer:
        goal = chance.uniform(0, 0.7) * sent.count(b"\n")
        wait_until(lambda: writer.has_ended() or len(writer.answers) > goal, "it has answered")
        if chance.random() < 0.4:
            writer.kill()
        _upgrade(database.url)
        writer.end()
    assert writer.answers
    assert_answers_are_recorded(database.url, writer.answers)
    with open_ledger(database.url) as ledger:
        send(ledger, sent)
        assert verify(ReadModels(ledger)).exit_status == 0
    assert_log_is_sound(database.url)
    assert events_of(database.url) == events_of(calm)
    return 1


def _upgrade(url: str) -> None:
    """Upgrade, as often as it takes where the ledger is busy or not yet there."""
    def upgraded() -> bool:
        try:
            upgrade_ledger(url)
        except StorageError as error:
            if error.code not in ("ledger_not_found", "storage_busy"):
                raise
            return False
        return True

    wait_until(upgraded, "the ledger is upgraded")


class WriterOfFormerRelease:
    """A former release that submits a script, in a process of its own."""

    def __init__(self, release: str, folder: Path, url: str, sent: bytes) -> None:
        self.answers: list[dict[str, Any]] = []
        code = _code_of(release, folder)
        self._process = subprocess.Popen(
            [sys.executable, "-c", f"from {RELEASES[release]} import main; main()",
             "submit", "-", "--json", "--database", url],
            cwd=code, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            env={**os.environ, "PYTHONPATH": str(code)},
        )
        self._threads = [
            Thread(target=self._send, args=(sent,), daemon=True),
            Thread(target=self._listen, daemon=True),
        ]
        for each in self._threads:
            each.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.kill()

    def has_ended(self) -> bool:
        """Return whether it has nothing more to say."""
        return not self._threads[-1].is_alive()

    def kill(self) -> None:
        """Kill it where it stands."""
        self._process.kill()
        self.end()

    def end(self) -> None:
        """Wait for its end: it has sent everything, or found no ledger that it knows."""
        self._process.wait(PATIENCE_SECONDS)
        for each in self._threads:
            each.join(PATIENCE_SECONDS)

    def _send(self, sent: bytes) -> None:
        assert self._process.stdin is not None
        with suppress(BrokenPipeError), self._process.stdin as script:
            for start in range(0, len(sent), AT_ONCE):
                script.write(sent[start : start + AT_ONCE])
                script.flush()
                time.sleep(0.002)

    def _listen(self) -> None:
        assert self._process.stdout is not None
        with self._process.stdout as lines:
            for line in lines:
                if line.endswith(b"\n"):
                    self.answers.append(json.loads(line))


def _code_of(release: str, folder: Path) -> Path:
    """Take the code of a release out of the history."""
    archive = subprocess.run(
        ["git", "archive", release], cwd=ROOT, capture_output=True, check=True
    ).stdout
    with tarfile.open(fileobj=BytesIO(archive)) as files:
        files.extractall(folder / release, filter="data")
    return folder / release


TRIALS = [
    ReliabilityTrial(
        "R25", "A former release writes while the present one upgrades its ledger",
        "what was answered is there; the log is the one that the present version writes",
        "upgrades", 100, former_releases,
        played_by=("tests/store/test_upgrade.py", "tests/store/test_upgrade_killed.py"),
    ),
]
