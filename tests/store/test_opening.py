"""Opening a ledger: what a URL names, and a sentence with a code for all that cannot be opened."""

import os
import shutil
import sqlite3
import tempfile
import threading
import traceback
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from eventsourcing.persistence import InterfaceError

from stocktrail.ledger.store import StorageError, open_ledger
from stocktrail.ledger.store.sqlite.datastore import SQLiteLedgerDatastore
from stocktrail.ledger.store.sqlite.schema import APPLICATION_ID, SCHEMA_VERSION
from tests.store.shop import (
    assert_log_is_sound,
    beside,
    order,
    send,
    statuses,
    stocked,
    table,
)

IS_ROOT = os.geteuid() == 0
NOBODY = 65534


def refused(url: str, code: str, *, read_only: bool = False, create: bool = True) -> str:
    """Expect that a URL is refused with a code and a sentence, and give the sentence."""
    with pytest.raises(StorageError) as raised:
        open_ledger(url, read_only=read_only, create=create)
    assert raised.value.code == code, raised.value.message
    assert raised.value.message.endswith(".")
    assert str(raised.value) == raised.value.message
    return raised.value.message


def another_program(path: Path, *, journal: str) -> None:
    """Make a database that is not ours."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(f"PRAGMA journal_mode={journal}")
        connection.execute("CREATE TABLE recipes (name TEXT)")
        connection.commit()


@pytest.mark.parametrize("url", [
    "postgres://localhost/shop", "shop.db", "", "sqlite://", "sqlite:///", "sqlite://host/shop.db",
    "sqlite:shop.db", "sqlite:/shop.db", "sqlite:///a\0b", "sqlite:///a%00b", "sqlite:///shop#1.db",
    "sqlite:///shop.db?mode=rw", "SQLITE:///shop.db ", "sqlite:///caf\udce9.db",
])
def test_not_a_database_url(url: str) -> None:
    assert "sqlite:///file.db" in refused(url, "bad_database_url")


def test_a_name_with_every_odd_character(tmp_path: Path) -> None:
    path = tmp_path / "a b?c#d%41&mode=ro'ü.db"
    url = f"sqlite:///{str(path).replace('%', '%25').replace('?', '%3F').replace('#', '%23')}"
    with open_ledger(url) as ledger:
        send(ledger, stocked("TEA"))
        assert statuses(send(ledger, [order("SO-1", "TEA")], dry_run=True)) == ["accepted"]
    assert beside(path) == [path.name]


@pytest.mark.parametrize("journal", ["wal", "delete"])
def test_the_database_of_another_program_is_left_as_it_is(tmp_path: Path, journal: str) -> None:
    path = tmp_path / "recipes.db"
    another_program(path, journal=journal)
    before = (path.read_bytes(), beside(path))
    for read_only, create in ((False, True), (True, True), (False, False)):
        assert "another program" in refused(
            f"sqlite:///{path}", "not_a_ledger", read_only=read_only, create=create
        )
    assert (path.read_bytes(), beside(path)) == before


def test_not_a_database(tmp_path: Path) -> None:
    path = tmp_path / "letter.txt"
    path.write_text("Dear Sir or Madam, " * 100)
    refused(f"sqlite:///{path}", "not_a_ledger")
    assert beside(path) == ["letter.txt"]


def test_a_later_version(tmp_path: Path) -> None:
    path = tmp_path / "later.db"
    open_ledger(f"sqlite:///{path}").close()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(f"PRAGMA user_version={SCHEMA_VERSION + 1}")
    assert "Upgrade" in refused(f"sqlite:///{path}", "ledger_too_new")


def test_a_folder_a_missing_folder_and_a_missing_file(tmp_path: Path) -> None:
    refused(f"sqlite:///{tmp_path}", "not_a_ledger")
    refused(f"sqlite:///{tmp_path}/nowhere/shop.db", "ledger_not_found")
    refused(f"sqlite:///{tmp_path}/shop.db", "ledger_not_found", read_only=True)
    refused(f"sqlite:///{tmp_path}/shop.db", "ledger_not_found", create=False)
    assert list(tmp_path.iterdir()) == []


def test_a_name_that_is_too_long_and_a_device(tmp_path: Path) -> None:
    refused(f"sqlite:///{tmp_path}/{'x' * 3000}.db", "storage_failed")
    refused("sqlite:////dev/null", "storage_failed" if IS_ROOT else "not_a_ledger")


def test_an_empty_file_is_no_ledger_yet_and_becomes_one(tmp_path: Path) -> None:
    path = tmp_path / "empty.db"
    path.touch()
    for read_only in (True, False):
        told = refused(f"sqlite:///{path}", "ledger_not_found", read_only=read_only, create=False)
        assert "There is no ledger at" in told
    with open_ledger(f"sqlite:///{path}") as ledger:
        assert statuses(send(ledger, stocked("TEA"))) == ["accepted"] * 2


def test_only_its_owner_may_read_a_ledger_that_is_made_here(tmp_path: Path) -> None:
    before = os.umask(0o022)
    try:
        with open_ledger(f"sqlite:///{tmp_path / 'shop.db'}") as ledger:
            send(ledger, stocked("TEA"))
            modes = {each.name: each.stat().st_mode & 0o777 for each in tmp_path.iterdir()}
    finally:
        os.umask(before)
    assert modes == {"shop.db": 0o600, "shop.db-wal": 0o600, "shop.db-shm": 0o600}


def test_a_file_that_was_there_keeps_its_mode(tmp_path: Path) -> None:
    path = tmp_path / "shared.db"
    path.touch()
    path.chmod(0o660)
    with open_ledger(f"sqlite:///{path}") as ledger:
        send(ledger, stocked("TEA"))
    assert path.stat().st_mode & 0o777 == 0o660


def test_a_damaged_file_fails_in_sentences(tmp_path: Path) -> None:
    path = tmp_path / "damaged.db"
    url = f"sqlite:///{path}"
    with open_ledger(url) as ledger:
        send(ledger, stocked(*(f"SKU-{number}" for number in range(300))))
    with path.open("r+b") as file:
        file.seek(4096 * 2)
        file.write(os.urandom(path.stat().st_size - 4096 * 3))
    with pytest.raises(StorageError) as raised, open_ledger(url) as ledger:
        ledger.read(0, 1000)
    assert raised.value.code == "not_a_ledger"
    assert "damaged" in raised.value.message


def test_a_file_that_cannot_be_read_is_closed_again(tmp_path: Path) -> None:
    path = tmp_path / "text.db"
    path.write_text("no database" * 1000)
    store = SQLiteLedgerDatastore(f"file:{path}?mode=rwc")
    with pytest.raises(sqlite3.DatabaseError) as raised:
        store.pool.get_connection(is_writer=True)
    opened = {os.path.realpath(each) for each in Path("/proc/self/fd").iterdir()}
    assert str(path) not in opened, raised.value
    store.close()


def test_the_file_says_what_it_is_and_every_connection_is_durable(sqlite_url: str) -> None:
    with (
        open_ledger(sqlite_url) as ledger,
        ledger.datastore.write_transaction() as writing,
        ledger.datastore.reading_models() as reading,
    ):
        assert table(sqlite_url, "PRAGMA application_id") == [(APPLICATION_ID,)]
        assert table(sqlite_url, "PRAGMA user_version") == [(SCHEMA_VERSION,)]
        for cursor in (writing, reading):
            cursor.execute("PRAGMA journal_mode")
            assert cursor.fetchone()[0] == "wal"
            cursor.execute("PRAGMA synchronous")
            assert cursor.fetchone()[0] == 3, "EXTRA: FULL, and the folder once a journal is gone"


def test_what_a_crash_interrupted_before_there_was_a_log_is_rolled_back(tmp_path: Path) -> None:
    there, found = tmp_path / "there.db", tmp_path / "shop.db"
    with closing(sqlite3.connect(there, isolation_level=None)) as creating:
        creating.execute("PRAGMA cache_size=1")
        creating.execute("BEGIN")
        for number in range(20):
            creating.execute(f"CREATE TABLE half_{number} (text TEXT)")
            creating.execute(f"INSERT INTO half_{number} VALUES (?)", ["x" * 5000])
        for suffix in ("", "-journal"):
            shutil.copy(f"{there}{suffix}", f"{found}{suffix}")
        creating.execute("ROLLBACK")
    assert found.stat().st_size
    with open_ledger(f"sqlite:///{found}") as ledger:
        assert ledger.head().position == 0
        assert statuses(send(ledger, stocked("TEA"))) == ["accepted", "accepted"]


def test_closing_takes_no_connection_from_a_thread_that_reads(sqlite_url: str) -> None:
    ledger = open_ledger(sqlite_url)
    begun = threading.Event()
    counted: list[int] = []

    def count() -> None:
        with ledger.datastore.reading_models() as cursor:
            begun.set()
            cursor.execute(
                "WITH RECURSIVE number(n) AS (SELECT 1 UNION ALL SELECT n+1 FROM number LIMIT "
                "500000) SELECT COUNT(*) FROM number"
            )
            counted.append(cursor.fetchone()[0])

    thread = threading.Thread(target=count)
    thread.start()
    begun.wait()
    ledger.close()
    thread.join()
    assert counted == [500_000]


def test_a_ledger_to_be_read_only_is_not_written(database_url: str) -> None:
    with open_ledger(database_url) as ledger:
        send(ledger, stocked("TEA"))
    with open_ledger(database_url, read_only=True) as ledger:
        assert (ledger.read_only, ledger.head().position) == (True, 2)
        assert ledger.aggregate("stock/TEA").version == 2
        with pytest.raises(StorageError) as raised:
            send(ledger, [order("SO-1", "TEA")])
        assert raised.value.code == "storage_read_only"
        assert statuses(send(ledger, [order("SO-1", "TEA")], dry_run=True)) == ["accepted"]
        with open_ledger(database_url) as writing:
            send(writing, [order("SO-2", "TEA")])
        assert ledger.head().position == 4, "it sees what others write"
    assert assert_log_is_sound(database_url) == 4


@pytest.fixture
def shared_folder() -> Iterator[Path]:
    """Return a folder that every user of this machine may enter."""
    folder = Path(tempfile.mkdtemp(prefix="stocktrail-shared-", dir="/tmp"))
    folder.chmod(0o755)
    yield folder
    folder.chmod(0o755)
    shutil.rmtree(folder)


def as_nobody(scene: Callable[[], None]) -> None:
    """Play a scene as a user without rights: root may write whatever its mode says."""
    if not IS_ROOT:
        scene()
        return
    child = os.fork()
    if child == 0:
        status = 1
        try:
            os.setgroups([])
            os.setgid(NOBODY)
            os.setuid(NOBODY)
            scene()
            status = 0
        finally:
            if status:
                traceback.print_exc()
            os._exit(status)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


@pytest.mark.parametrize("folder_mode", [0o555, 0o777])
def test_a_file_without_write_permission_is_read_and_not_written(
    shared_folder: Path, folder_mode: int
) -> None:
    path = shared_folder / "shop.db"
    url = f"sqlite:///{path}"
    with open_ledger(url) as ledger:
        send(ledger, stocked("TEA"))
    path.chmod(0o444)
    shared_folder.chmod(folder_mode)

    def scene() -> None:
        with open_ledger(url) as ledger:
            assert (ledger.read_only, ledger.head().position) == (True, 2)
            assert ledger.outcome("receive-TEA") is not None
            with pytest.raises(StorageError) as raised:
                send(ledger, [order("SO-1", "TEA")])
            assert raised.value.code == "storage_read_only"
            assert statuses(send(ledger, [order("SO-1", "TEA")], dry_run=True)) == ["accepted"]

    as_nobody(scene)
    shared_folder.chmod(0o755)
    path.chmod(0o644)
    with open_ledger(url) as ledger:
        assert statuses(send(ledger, [order("SO-1", "TEA")])) == ["accepted"]
    assert assert_log_is_sound(url) == 4


def test_places_that_nobody_may_enter_or_write(shared_folder: Path) -> None:
    closed = shared_folder / "closed"
    closed.mkdir(mode=0o700)
    secret = shared_folder / "secret.db"
    open_ledger(f"sqlite:///{secret}").close()
    secret.chmod(0o000)
    if not IS_ROOT:
        closed.chmod(0o000)
    shared_folder.chmod(0o555)

    def scene() -> None:
        refused(f"sqlite:///{closed}/shop.db", "storage_failed")
        refused(f"sqlite:///{closed}/shop.db", "storage_failed", create=False)
        refused(f"sqlite:///{shared_folder}/new.db", "storage_read_only")
        refused(f"sqlite:///{secret}", "storage_failed")

    as_nobody(scene)


def test_a_reader_in_a_fixed_folder_sees_a_writer_that_comes_later(shared_folder: Path) -> None:
    path = shared_folder / "shop.db"
    with open_ledger(f"sqlite:///{path}") as ledger:
        send(ledger, stocked("TEA"))
    store = SQLiteLedgerDatastore(f"file:{path}?mode=ro", read_only=True, in_read_only_folder=True)

    def head() -> int:
        with store.reading() as cursor:
            cursor.execute("SELECT position FROM ledger_head")
            return int(cursor.fetchone()[0])

    assert head() == 2
    with open_ledger(f"sqlite:///{path}") as ledger:
        send(ledger, [order("SO-1", "TEA")])
        assert head() == 4
    assert head() == 4
    store.close()
    gone = SQLiteLedgerDatastore("file:/nowhere/at/all.db?mode=ro", read_only=True)
    with pytest.raises(InterfaceError):
        gone.pool.get_connection()
