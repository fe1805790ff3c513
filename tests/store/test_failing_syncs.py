"""A disk that fails to sync: nobody is told that something is recorded which is not, or not yet.

What was written before the sync failed may be there after the file is opened again; sending the
same commands again tells which it is, and nothing is counted twice.
"""

import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from eventsourcing.persistence import PersistenceError

from stocktrail.ledger.store import open_ledger
from stocktrail.ledger.store.address import sqlite_path
from stocktrail.ledger.store.sqlite.datastore import SQLiteLedgerDatastore
from tests.store.conftest import Workers
from tests.store.shop import (
    assert_answers_are_recorded,
    assert_log_is_sound,
    numbered,
    order,
    outcomes_of,
    script,
    send,
    sold,
    statuses,
    stocked,
)


def test_a_commit_that_cannot_be_synced_is_not_acknowledged(
    tmp_path: Path, workers: Workers
) -> None:
    url = f"sqlite:///{tmp_path / 'ledger.db'}"
    with open_ledger(url) as ledger:
        send(ledger, stocked("TEA", quantity=1000))
    orders = [order(name, "TEA") for name in numbered("SO", 60)]
    writer = workers.start(url, script(orders), at_once=900, syncs_fail_at=3)
    acknowledged = writer.wait()
    assert writer.failed is not None
    assert writer.failed["failed"] == "storage_failed"
    assert "send the same commands again" in writer.failed["message"]
    assert 0 < len(acknowledged) < 60
    assert_answers_are_recorded(url, acknowledged)

    with open_ledger(url) as ledger:
        again = send(ledger, orders)
        assert set(statuses(again)) == {"duplicate", "accepted"}
        assert statuses(again)[: len(acknowledged)] == ["duplicate"] * len(acknowledged)
        assert sold(ledger, "TEA") == 60
    assert len(outcomes_of(url)) == 2 + 60
    assert_log_is_sound(url)


def test_what_a_failed_sync_left_in_the_file_is_settled_by_sending_it_again(
    tmp_path: Path, workers: Workers
) -> None:
    url = f"sqlite:///{tmp_path / 'ledger.db'}"
    with open_ledger(url) as ledger:
        send(ledger, stocked("TEA", quantity=5))
    orders = [order(name, "TEA") for name in numbered("SO", 9)]
    for _ in range(3):
        writer = workers.start(url, script(orders), syncs_fail_at=1)
        assert writer.wait() == [] or writer.is_done
    with open_ledger(url) as ledger:
        results = send(ledger, orders)
        assert len([result for result in results if result.status == "rejected"]) == 4
        assert sold(ledger, "TEA") == 5
    assert_log_is_sound(url)


def test_after_any_error_the_log_is_written_again_before_anything_is_added(
    sqlite_url: str
) -> None:
    """Closing the last connection copies the log, and does not tell of a sync that failed."""
    with open_ledger(sqlite_url) as ledger:
        send(ledger, stocked("TEA"))
        datastore = ledger.datastore
        assert isinstance(datastore, SQLiteLedgerDatastore)
        log = datastore.write_ahead_log
        with pytest.raises(PersistenceError), datastore.write_transaction() as cursor:
            cursor.execute("INSERT INTO ledger_head SELECT * FROM ledger_head")
        assert not log.is_durable
        assert Path(f"{sqlite_path(sqlite_url)}-wal").stat().st_size
        assert statuses(send(ledger, [order("SO-1", "TEA")])) == ["accepted"]
        assert log.is_durable


def copied(path: Path) -> int:
    """Return how many pages of the log the index says are in the file.

    Another process looks: closing the index here would release the locks of this one.
    """
    code = "import sys; print(*open(sys.argv[1], 'rb').read(100)[96:])"
    found = subprocess.run(
        [sys.executable, "-c", code, f"{path}-shm"], check=True, capture_output=True, text=True
    )
    return int.from_bytes(map(int, found.stdout.split()), sys.byteorder)


def test_who_finds_a_log_has_all_of_it_copied_again(sqlite_url: str) -> None:
    """A part may have been copied whose sync failed in another process."""
    path = sqlite_path(sqlite_url)
    assert path is not None
    with open_ledger(sqlite_url) as ledger, closing(sqlite3.connect(path)) as reader:
        send(ledger, stocked("TEA"))
        reader.execute("BEGIN").execute("SELECT COUNT(*) FROM commands").fetchone()
        send(ledger, [order("SO-1", "TEA")])
        reader.execute("SELECT 1")
        with closing(sqlite3.connect(path)) as other:
            other.execute("PRAGMA wal_checkpoint(PASSIVE)")
        assert copied(Path(path)) > 0
        with open_ledger(sqlite_url) as later:
            send(later, [order("SO-2", "TEA")])
            assert copied(Path(path)) == 0
        reader.rollback()
        send(ledger, [order("SO-3", "TEA")])
    assert_log_is_sound(sqlite_url)


def test_what_is_closed_keeps_no_descriptor(tmp_path: Path) -> None:
    before = len(list(Path("/proc/self/fd").iterdir()))
    for name in numbered("L", 30):
        url = f"sqlite:///{tmp_path / name}.db"
        with open_ledger(url) as ledger:
            send(ledger, stocked("TEA"))
            with open_ledger(url) as other:
                send(other, [order("SO-1", "TEA")])
    assert len(list(Path("/proc/self/fd").iterdir())) <= before
