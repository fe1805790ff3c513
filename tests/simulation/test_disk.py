"""The simulated disk: SQLite runs on it as on a real one, and loses what was not synced."""

import random
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from simulation.disk.files import Disk
from simulation.disk.quiet import QuietSurroundings
from simulation.disk.vfs import mounted
from stocktrail.ledger.store import open_ledger
from tests.store.shop import assert_log_is_sound, order, send, statuses, stocked


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    with mounted(Disk(random.Random(1), QuietSurroundings()), tmp_path) as disk:
        yield disk
    assert disk.errors == []


def connect(path: Path, **options: float) -> sqlite3.Connection:
    return sqlite3.connect(path, isolation_level=None, timeout=options.get("timeout", 0))


def test_a_ledger_is_kept_there_and_not_in_a_real_file(disk: Disk, sqlite_url: str) -> None:
    with open_ledger(sqlite_url) as ledger:
        sent = send(ledger, [*stocked("LAMP"), order("SO-1", "LAMP")])
        path = Path(ledger.where)
        assert [each.stat().st_size for each in (path, Path(f"{path}-wal"))] == [0, 0]
    assert set(statuses(sent)) == {"accepted"}
    assert disk.image()[path.name].startswith(b"SQLite format 3")
    with open_ledger(sqlite_url, create=False) as ledger:
        assert ledger.outcome("SO-1") is not None
    assert_log_is_sound(sqlite_url)


def test_what_was_acknowledged_is_there_after_a_power_cut(disk: Disk, sqlite_url: str) -> None:
    acknowledged = []
    for number in range(40):
        with open_ledger(sqlite_url) as ledger:
            sent = send(ledger, [*stocked("LAMP"), order(f"SO-{number}", "LAMP")])
            acknowledged.append(sent[-1].id)
            disk.power_cut()
        with open_ledger(sqlite_url, create=False) as ledger:
            assert all(ledger.outcome(str(each)) for each in acknowledged)
        assert_log_is_sound(sqlite_url)


def test_a_file_elsewhere_is_a_real_one(
    disk: Disk, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("elsewhere") / "real.db"
    with closing(connect(path)) as connection:
        connection.execute("CREATE TABLE kept (number)")
    assert path.read_bytes().startswith(b"SQLite format 3")
    assert not disk.image()


@pytest.mark.parametrize("mode", ["wal", "delete", "truncate", "persist"])
def test_every_way_of_journalling_works(disk: Disk, tmp_path: Path, mode: str) -> None:
    with closing(connect(tmp_path / "any.db")) as connection:
        assert connection.execute(f"PRAGMA journal_mode={mode}").fetchone() == (mode,)
        connection.execute("CREATE TABLE kept (number, text)")
        for number in range(100):
            connection.execute("INSERT INTO kept VALUES (?, ?)", (number, "x" * 1_000))
        connection.execute("DELETE FROM kept WHERE number % 2")
        connection.execute("VACUUM")
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    with closing(connect(tmp_path / "any.db")) as connection:
        assert connection.execute("SELECT COUNT(*) FROM kept").fetchone() == (50,)


def test_the_same_seed_leaves_the_same_image(tmp_path: Path) -> None:
    def image(name: str, seed: int) -> dict[str, bytes]:
        folder = tmp_path / name
        folder.mkdir()
        with mounted(Disk(random.Random(seed), QuietSurroundings()), folder) as disk:
            connection = connect(folder / "any.db")
            connection.execute("PRAGMA journal_mode=wal")
            connection.execute("CREATE TABLE kept (number)")
            connection.execute("PRAGMA synchronous=OFF")
            for number in range(20):
                connection.execute("INSERT INTO kept VALUES (?)", (number,))
            disk.power_cut()
            connection.close()
        return dict(disk.image())

    assert image("first", 7) == image("again", 7)
    assert image("first-8", 8) != image("again-9", 9)
