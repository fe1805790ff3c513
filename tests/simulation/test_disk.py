"""The simulated disk: SQLite runs on it as on a real one, and loses what was not synced."""

import random
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from simulation.disk.files import Disk
from simulation.disk.one_process import LoneProcess, OneProcess
from simulation.disk.quiet import QuietSurroundings
from simulation.disk.vfs import mounted
from simulation.surroundings import Fault
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


def test_what_is_left_of_it_is_read_from_real_files_too(
    disk: Disk, sqlite_url: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    with open_ledger(sqlite_url) as ledger:
        send(ledger, [*stocked("LAMP"), order("SO-1", "LAMP")])
        disk.power_cut()
    folder = tmp_path_factory.mktemp("left")
    disk.dump(folder)
    assert (folder / "stocktrail.db-wal").stat().st_size
    with open_ledger(f"sqlite:///{folder / 'stocktrail.db'}", create=False) as ledger:
        assert ledger.outcome("SO-1") is not None
    assert_log_is_sound(f"sqlite:///{folder / 'stocktrail.db'}")


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


def test_one_connection_writes_at_a_time_and_readers_read_on(disk: Disk, tmp_path: Path) -> None:
    first, second = connect(tmp_path / "any.db"), connect(tmp_path / "any.db")
    with closing(first), closing(second):
        first.execute("PRAGMA journal_mode=wal")
        first.execute("CREATE TABLE kept (number)")
        first.execute("BEGIN IMMEDIATE")
        first.execute("INSERT INTO kept VALUES (1)")
        assert second.execute("SELECT COUNT(*) FROM kept").fetchone() == (0,)
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            second.execute("BEGIN IMMEDIATE")
        first.execute("COMMIT")
        assert second.execute("SELECT COUNT(*) FROM kept").fetchone() == (1,)
        second.execute("BEGIN IMMEDIATE")


def test_without_a_write_ahead_log_a_reader_keeps_the_writer_waiting(
    disk: Disk, tmp_path: Path
) -> None:
    first, second = connect(tmp_path / "any.db"), connect(tmp_path / "any.db")
    with closing(first), closing(second):
        first.execute("CREATE TABLE kept (number)")
        second.execute("BEGIN")
        second.execute("SELECT COUNT(*) FROM kept").fetchone()
        first.execute("BEGIN IMMEDIATE")
        first.execute("INSERT INTO kept VALUES (1)")
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            first.execute("COMMIT")
        second.execute("ROLLBACK")
        first.execute("COMMIT")
        assert second.execute("SELECT COUNT(*) FROM kept").fetchone() == (1,)


def test_who_was_killed_holds_no_locks_and_writes_nothing_more(tmp_path: Path) -> None:
    killed, alive = LoneProcess("killed"), LoneProcess("alive")
    surroundings = OneProcess(lambda _: Fault.NONE)
    surroundings.lone_process = killed
    with mounted(Disk(random.Random(1), surroundings), tmp_path) as disk:
        writing = connect(tmp_path / "any.db")
        writing.execute("PRAGMA journal_mode=wal")
        writing.execute("CREATE TABLE kept (number)")
        writing.execute("BEGIN IMMEDIATE")
        writing.execute("INSERT INTO kept VALUES (1)")
        killed.is_alive = False
        disk.release(killed)
        surroundings.lone_process = alive
        with closing(connect(tmp_path / "any.db")) as other:
            other.execute("BEGIN IMMEDIATE")
            with pytest.raises(sqlite3.OperationalError, match="I/O error"):
                writing.execute("COMMIT")
            writing.close()
            other.execute("INSERT INTO kept VALUES (2)")
            other.execute("COMMIT")
            assert other.execute("SELECT number FROM kept").fetchall() == [(2,)]
        assert disk.errors == []


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
    assert image("eighth", 8) != image("ninth", 9)


@pytest.mark.parametrize("level", ["OFF", "FULL"])
def test_power_cuts_lose_commits_only_where_nothing_is_synced(
    disk: Disk, tmp_path: Path, level: str
) -> None:
    lost = 0
    for cut in range(30):
        path = tmp_path / f"{cut}.db"
        connection = connect(path)
        connection.execute("PRAGMA journal_mode=wal")
        connection.execute("CREATE TABLE kept (number)")
        connection.execute(f"PRAGMA synchronous={level}")
        for number in range(10):
            connection.execute("INSERT INTO kept VALUES (?)", (number,))
        disk.power_cut()
        connection.close()
        with closing(connect(path)) as after:
            try:
                kept = after.execute("SELECT number FROM kept").fetchall()
            except sqlite3.DatabaseError:
                kept = []
        lost += kept != [(number,) for number in range(10)]
    assert lost > 5 if level == "OFF" else lost == 0


def test_a_torn_commit_is_not_there_and_those_before_it_are(disk: Disk, tmp_path: Path) -> None:
    found = set()
    for cut in range(40):
        path = tmp_path / f"{cut}.db"
        connection = connect(path)
        connection.execute("PRAGMA journal_mode=wal")
        connection.execute("CREATE TABLE kept (text)")
        connection.execute("INSERT INTO kept VALUES (?)", ("first",))
        connection.execute("PRAGMA synchronous=NORMAL")
        connection.execute("INSERT INTO kept VALUES (?)", ("x" * 20_000,))
        disk.power_cut()
        connection.close()
        with closing(connect(path)) as after:
            found.add(tuple(after.execute("SELECT length(text) FROM kept")))
            assert after.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert found == {((5,),), ((5,), (20_000,))}
