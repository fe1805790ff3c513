"""A ledger in memory does what one in a file does, as long as it is open."""

import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from eventsourcing.persistence import PersistenceError

from stocktrail.commands.model import COMMANDS, Command
from stocktrail.commands.scripts.concurrent import GroupedSubmission
from stocktrail.commands.scripts.submission import submit_one
from stocktrail.ledger.store import Ledger
from stocktrail.ledger.store.in_memory import open_in_memory
from stocktrail.ledger.store.sqlite.datastore import SQLiteLedgerDatastore
from stocktrail.projections import ReadModels
from stocktrail.projections.questions.stock import stock
from stocktrail.projections.rebuild import rebuild as rebuilding
from stocktrail.projections.verify.verification import verify

SKU = "LAMP"


def receive(quantity: int = 1) -> Command:
    """Receive units of the item."""
    return COMMANDS["receive-stock"].model_validate({"sku": SKU, "quantity": quantity})


@pytest.fixture
def ledger() -> Iterator[Ledger]:
    """Open a ledger in memory that knows one item."""
    with open_in_memory() as opened:
        submit_one(opened, COMMANDS["register-product"].model_validate({"sku": SKU}))
        yield opened


def test_each_is_another_one_and_none_leaves_a_file(
    ledger: Ledger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with open_in_memory() as other:
        assert submit_one(other, receive()).code == "unknown_sku"
        assert submit_one(ledger, receive()).status == "accepted"
        assert other.head().position == 0
    assert list(tmp_path.iterdir()) == []


def test_it_is_gone_when_it_is_closed() -> None:
    ledger = open_in_memory()
    assert isinstance(ledger.datastore, SQLiteLedgerDatastore)
    name = str(ledger.datastore.pool.db_name)
    ledger.close()
    reopened = sqlite3.connect(name, uri=True)
    assert reopened.execute("SELECT COUNT(*) FROM sqlite_master").fetchone() == (0,)
    reopened.close()


def test_threads_write_ask_and_try_at_the_same_time(ledger: Ledger) -> None:
    models = ReadModels(ledger)
    models.catch_up()

    def work(submission: GroupedSubmission) -> None:
        for _ in range(10):
            submission.submit(receive())
            submission.submit(receive(), dry_run=True)
            models.catch_up()
            stock(models, SKU)

    with GroupedSubmission(ledger) as submission, ThreadPoolExecutor(8) as threads:
        list(threads.map(work, [submission] * 8))
    models.catch_up()
    assert stock(models, SKU)["supply"] == 80


def test_it_outlives_a_connection_that_failed(ledger: Ledger) -> None:
    with pytest.raises(PersistenceError), ledger.datastore.write_transaction() as cursor:
        cursor.execute("SELECT 1 FROM nowhere")
    assert ledger.head().position == 1
    assert submit_one(ledger, receive()).position == 2


def test_it_is_verified_and_rebuilt_by_its_own_process(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    submit_one(ledger, receive(3))
    models = ReadModels(ledger)
    models.catch_up()
    monkeypatch.setattr(rebuilding, "WORTH_A_PROCESS", 1)       # no other process could open it
    assert models.rebuild() == 2
    assert verify(models).ok
    assert stock(models, SKU)["supply"] == 3


def test_an_earlier_moment_can_be_asked_about(ledger: Ledger) -> None:
    submit_one(ledger, receive(3))
    submit_one(ledger, receive(4))
    assert stock(ReadModels(ledger), SKU, as_of=2)["supply"] == 3
