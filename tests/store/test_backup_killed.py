"""A backup that is killed at any moment leaves no key of a customer behind, and is swept."""

import random
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Collection
from contextlib import closing, suppress
from pathlib import Path

import pytest

from stocktrail.ledger.store import open_ledger
from stocktrail.ledger.store.portable.backup import back_up
from stocktrail.ledger.store.portable.customer_key_rows import add_keys
from stocktrail.ledger.store.side_tables.progress import SideTables
from tests.interfaces.terminal import ROOT
from tests.store.test_portable import DEEDS, run
from tests.waiting import wait_until

SECRET = "5ec2e7" * 20
WEIGHT = 24 * 1024 * 1024
"""So many bytes stand beside the log, so that a copy takes long enough to be killed midway."""


@pytest.fixture
def heavy(tmp_path: Path) -> Path:
    """Return the file of a ledger that is heavy, with the key of a customer."""
    path = tmp_path / "shop.db"
    chance = random.Random(11)
    with open_ledger(f"sqlite:///{path}") as ledger:
        run(ledger, *DEEDS)
        with SideTables(ledger).writing() as cursor:
            add_keys(cursor, [("ADA", "k1", SECRET)])
    with closing(sqlite3.connect(path)) as beside, beside:
        beside.execute("CREATE TABLE weight (number INTEGER PRIMARY KEY, bytes BLOB)")
        beside.executemany(
            "INSERT INTO weight (bytes) VALUES (?)",
            ([chance.randbytes(65_536)] for _ in range(WEIGHT // 65_536)),
        )
    return path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder for backups."""
    folder = tmp_path / "backups"
    folder.mkdir()
    return folder


def written(folder: Path, before: Collection[Path] = ()) -> int:
    """Count the bytes of what stands in a folder, and did not before."""
    total = 0
    for each in set(folder.iterdir()) - set(before):
        with suppress(FileNotFoundError):       # it was moved to where it belongs meanwhile
            total += each.stat().st_size
    return total


def kill_backup(path: Path, folder: Path, name: str, at: int, *flags: str) -> None:
    """Begin a backup in a process of its own, and kill it when so many bytes are written."""
    before = set(folder.iterdir())
    process = subprocess.Popen(
        [sys.executable, "-m", "stocktrail", "backup", str(folder / name), *flags,
         "--database", f"sqlite:///{path}"],
        cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )
    try:
        wait_until(
            lambda: written(folder, before) >= at or process.poll() is not None,
            "so much is written", pause=0.0005,
        )
        process.send_signal(signal.SIGSTOP)
        assert (folder / name).exists() is False, "it was faster than the test"
    finally:
        process.kill()
        process.wait(30)


def holds_the_key(folder: Path) -> bool:
    """Return whether the key stands in any file of a folder."""
    return any(SECRET.encode() in each.read_bytes() for each in folder.iterdir())


def test_no_key_reaches_a_copy_that_is_not_asked_for_it(heavy: Path, folder: Path) -> None:
    for tenth in (1, 4, 7):
        kill_backup(heavy, folder, f"copy-{tenth}", WEIGHT * tenth // 10)
        assert not holds_the_key(folder)


def test_the_next_run_sweeps_what_killed_ones_left_whatever_they_were_called(
    heavy: Path, folder: Path
) -> None:
    kill_backup(heavy, folder, "monday", WEIGHT // 2, "--keys")
    (folder / ".before.stocktrail-4194303").write_bytes(b"left by an older version")
    assert len(list(folder.iterdir())) >= 3
    with open_ledger(f"sqlite:///{heavy}") as ledger:
        back_up(ledger, folder / "tuesday")
    assert [each.name for each in folder.iterdir()] == ["tuesday"]
    assert not holds_the_key(folder)


def test_what_another_process_is_still_writing_is_left_alone(heavy: Path, folder: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "stocktrail", "backup", str(folder / "slow"), "--database",
         f"sqlite:///{heavy}"], cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )
    try:
        wait_until(lambda: written(folder) > 0, "it has begun", pause=0.0005)
        process.send_signal(signal.SIGSTOP)
        with open_ledger(f"sqlite:///{heavy}") as ledger:
            back_up(ledger, folder / "quick")
        process.send_signal(signal.SIGCONT)
        assert process.wait(60) == 0
    finally:
        process.kill()
    assert sorted(each.name for each in folder.iterdir()) == ["quick", "slow"]
