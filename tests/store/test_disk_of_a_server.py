"""The disk of a PostgreSQL server is full, or cannot be synced: nothing is half done or lost."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path
from tempfile import mkdtemp

import pytest

from stocktrail.ledger.store import Ledger, StorageError, open_ledger
from stocktrail.ledger.store.postgres import datastore as postgres_datastore
from tests.postgres_server import PostgresServer
from tests.store.faults import mounted
from tests.store.shop import (
    assert_log_is_sound,
    numbered,
    order,
    outcomes_of,
    send,
    sold,
    statuses,
    stocked,
)
from tests.store.system_calls import fail_syncs

ORDERS = [order(name, "TEA", customer="C" * 120) for name in numbered("SO", 12_000)]
AT_ONCE = 400
MEGABYTES, LEFT = 96, 12


@pytest.fixture(autouse=True)
def impatience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Return a server up that does not come back at once."""
    monkeypatch.setattr(postgres_datastore, "RECONNECT_SECONDS", 0.5)


@pytest.fixture
def small_disk() -> Iterator[Path]:
    """Mount a disk that holds little more than an empty server, where that is permitted."""
    folder = Path(mkdtemp(prefix="stocktrail-disk-"))
    folder.chmod(0o755)                          # the server runs as another user
    yield from mounted(folder, f"{MEGABYTES}m")
    folder.rmdir()


def send_until_full(ledger: Ledger) -> tuple[int, StorageError]:
    """Place orders until there is no room; give how many were confirmed, and the complaint."""
    answered = 0
    for start in range(0, len(ORDERS), AT_ONCE):
        try:
            answered += len(send(ledger, ORDERS[start : start + AT_ONCE]))
        except StorageError as error:
            return answered, error
    raise AssertionError("the disk is too large")


@pytest.mark.parametrize("log_apart", [True, False])
def test_a_disk_that_is_really_full(small_disk: Path, log_apart: bool) -> None:
    """Without room for its write-ahead log a server stops; without other room it refuses."""
    codes = ["storage_full"] if log_apart else ["storage_full", "storage_failed"]
    small_log = {"max_wal_size": "8MB", "min_wal_size": "8MB"}
    with PostgresServer(True, small_disk, log_apart, **small_log) as server:
        url = server.url("shop")
        with open_ledger(url) as ledger:
            send(ledger, stocked("TEA", quantity=20_000))
            room = os.statvfs(small_disk)
            filler = small_disk / "filler"
            filler.write_bytes(b"x" * (room.f_bavail * room.f_bsize - (LEFT << 20)))
            answered, error = send_until_full(ledger)
            assert error.code in codes, error.message
            assert "send the same commands again" in error.message
            assert 0 < answered < len(ORDERS)
            filler.unlink()
            server.come_back()
        assert len(outcomes_of(url)) == 2 + answered
        assert_log_is_sound(url)
        with open_ledger(url) as ledger:
            again = statuses(send(ledger, ORDERS[: answered + AT_ONCE]))
            assert again == ["duplicate"] * answered + ["accepted"] * AT_ONCE
            assert sold(ledger, "TEA") == answered + AT_ONCE
        assert_log_is_sound(url)


def start_unable_to_sync(server: PostgresServer) -> None:
    """Start a server that cannot sync its disk, so that the first commit to it fails.

    On a busy machine it syncs for a purpose of its own before anybody has sent anything, and gives
    up: then it recovers, and is started again.
    """
    for _ in range(9):
        try:
            server.start(lambda: fail_syncs(of_data_only=True))
        except RuntimeError:
            server.start()
            server.stop()
        else:
            return
    raise AssertionError("it gives up before anybody sends anything")


def test_a_commit_that_the_server_cannot_sync_is_not_confirmed() -> None:
    orders = ORDERS[:20]
    with PostgresServer(autovacuum="off", wal_writer_delay="10s") as server:
        url = server.url("shop")
        with open_ledger(url) as ledger:
            send(ledger, [*stocked("TEA", quantity=100), *orders[:5]])
        server.stop()
        start_unable_to_sync(server)
        with pytest.raises(StorageError) as raised, open_ledger(url) as ledger:
            send(ledger, orders)
        assert raised.value.code == "storage_failed"
        server.stop(signal.SIGQUIT)              # it tries to recover again and again
        server.start()
        assert len(outcomes_of(url)) in (2 + 5, 2 + 20)
        with open_ledger(url) as ledger:
            assert statuses(send(ledger, orders))[:5] == ["duplicate"] * 5
            assert sold(ledger, "TEA") == 20
        assert_log_is_sound(url)
