"""Read models follow from the log, so they do not wait for the disk; everything else does."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from stocktrail.ledger.store import Ledger, StorageError, open_ledger
from stocktrail.ledger.store.side_tables.progress import SideTables
from stocktrail.projections import ReadModels
from stocktrail.projections.questions.stock import stock
from tests.store.shop import order, send, stocked
from tests.store.system_calls import fail_syncs

HOW_COMMITS_WAIT = {"sqlite": "PRAGMA synchronous", "postgresql": "SHOW synchronous_commit"}
WAITS, DOES_NOT = ("on", "2"), ("off", "1")


def on_a_broken_disk(work: Callable[[], object]) -> None:
    """Do something in a thread for which the disk fails to sync."""
    with ThreadPoolExecutor(1, initializer=fail_syncs) as thread:
        thread.submit(work).result(60)


def test_read_models_catch_up_although_the_disk_does_not_sync(tmp_path: Path) -> None:
    with open_ledger(f"sqlite:///{tmp_path / 'shop.db'}") as ledger:
        models = ReadModels(ledger)
        send(ledger, stocked("TEA", quantity=3))
        models.catch_up()
        send(ledger, [order("SO-1", "TEA")])
        on_a_broken_disk(models.catch_up)
        assert models.position() == ledger.head().position
        assert stock(models, "TEA")["demand"] == 1
        with pytest.raises(StorageError):
            on_a_broken_disk(lambda: send(ledger, [order("SO-2", "TEA")]))


def how_commits_wait(ledger: Ledger, *, synced: bool) -> str:
    """Ask the database, in a transaction, whether its commit will wait for the disk."""
    kind = "sqlite" if ledger.url.startswith("sqlite") else "postgresql"
    with SideTables(ledger).writing(synced=synced) as cursor:
        cursor.execute(HOW_COMMITS_WAIT[kind])
        [value] = dict(cursor.fetchone()).values()
        return str(value)


def test_what_does_not_follow_from_the_log_waits_for_the_disk(ledger: Ledger) -> None:
    for _ in range(3):
        assert how_commits_wait(ledger, synced=False) in DOES_NOT
        assert how_commits_wait(ledger, synced=True) in WAITS


def test_a_write_that_fails_changes_nothing_for_the_next(ledger: Ledger) -> None:
    def fail() -> None:
        with SideTables(ledger).writing(synced=False):
            raise KeyError("not what was asked for")

    for _ in range(2):
        with pytest.raises(KeyError):
            fail()
        assert how_commits_wait(ledger, synced=True) in WAITS
