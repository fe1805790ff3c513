"""What a rebuild leaves free in a SQLite file is given back, in steps: others write between."""

import sqlite3
from pathlib import Path

import pytest

from stocktrail.ledger.store import open_ledger
from stocktrail.ledger.store.sqlite import datastore
from stocktrail.projections import ReadModels
from stocktrail.projections.verify import verify
from tests.store.shop import assert_log_is_sound, send, stocked


def shop_in(path: Path) -> str:
    """Make a ledger that has something to rebuild."""
    url = f"sqlite:///{path}"
    with open_ledger(url) as ledger:
        send(ledger, stocked(*(f"ITEM-{number}" for number in range(300)), quantity=5))
        ReadModels(ledger).catch_up()
    return url


def pages(path: Path) -> tuple[int, int]:
    """Return how many pages a file has, and how many of them are free."""
    connection = sqlite3.connect(path)
    [found] = connection.execute("PRAGMA page_count").fetchone()
    [free] = connection.execute("PRAGMA freelist_count").fetchone()
    connection.close()
    return found, free


def test_a_rebuilt_file_has_no_free_pages(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(datastore, "PAGES_AT_ONCE", 10)
    path = tmp_path / "shop.db"
    url = shop_in(path)
    before, _ = pages(path)
    steps: list[bool] = []
    give_back = datastore.SQLiteLedgerDatastore.give_back_pages

    def step(store: datastore.SQLiteLedgerDatastore) -> bool:
        steps.append(give_back(store))
        return steps[-1]

    monkeypatch.setattr(datastore.SQLiteLedgerDatastore, "give_back_pages", step)
    with open_ledger(url) as ledger:
        ReadModels(ledger).rebuild()
    assert len(steps) > 2, "it is done in several transactions"
    after, free = pages(path)
    assert free == 0
    assert after <= before * 1.1
    with open_ledger(url) as ledger:
        assert verify(ReadModels(ledger)).ok
    assert_log_is_sound(url)


def test_a_file_of_before_keeps_them_until_it_is_vacuumed(tmp_path: Path) -> None:
    path = tmp_path / "shop.db"
    url = shop_in(path)
    connection = sqlite3.connect(path)
    connection.executescript("PRAGMA auto_vacuum=NONE; VACUUM")
    connection.close()
    with open_ledger(url) as ledger:
        ReadModels(ledger).rebuild()
    assert pages(path)[1] > 0
    connection = sqlite3.connect(path)
    connection.executescript("PRAGMA auto_vacuum=INCREMENTAL; VACUUM")
    connection.close()
    with open_ledger(url) as ledger:
        ReadModels(ledger).rebuild()
        assert verify(ReadModels(ledger)).ok
    assert pages(path)[1] == 0
