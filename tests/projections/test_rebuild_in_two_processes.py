"""A large ledger is rebuilt by two processes, while commands go on; one that dies harms nothing."""

import os
import signal
from collections.abc import Iterator
from contextlib import closing

import pytest

from stocktrail.ledger.refusal import Refusal
from stocktrail.ledger.store import StorageError
from stocktrail.projections.folding.shadow_tables import create_tables
from stocktrail.projections.rebuild import rebuild
from stocktrail.projections.rebuild.lease import RebuildLease
from stocktrail.projections.rebuild.worker import fold_stock
from stocktrail.projections.rebuild.worker_process import WorkerProcess
from stocktrail.projections.verify import verify
from tests.projections.shop import Shop
from tests.projections.test_history import a_busy_week
from tests.projections.test_several_processes import send_unseen


@pytest.fixture(autouse=True)
def always_two(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make a second process worth its while on any ledger."""
    monkeypatch.setattr(rebuild, "WORTH_A_PROCESS", 0)


def begun(shop: Shop) -> RebuildLease:
    """Begin a rebuild: take its lease, and make its tables."""
    lease = RebuildLease(shop.models.side_tables)
    with lease.writing() as cursor:
        create_tables(lease.shadow_tables(), cursor)
    return lease


def test_what_two_processes_rebuild_is_what_one_has_folded(shop: Shop) -> None:
    a_busy_week(shop)
    live = verify(shop.models).digests
    assert shop.models.rebuild() == shop.ledger.head().position
    assert verify(shop.models).digests == live


def test_commands_that_come_meanwhile_are_in_it(shop: Shop) -> None:
    a_busy_week(shop)
    seen: list[int] = []

    def meanwhile(reached: int, _: int) -> None:
        if not seen:
            send_unseen(shop.ledger, 3)
            shop.models.catch_up()
        seen.append(reached)

    assert shop.models.rebuild(meanwhile) == shop.ledger.head().position
    assert seen == sorted(seen)
    assert seen[0] < seen[-1]
    assert verify(shop.models).ok


def test_a_second_process_that_dies_is_named_and_the_live_ones_stay(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_busy_week(shop)

    def killed(worker: WorkerProcess, _: int) -> None:
        os.kill(worker._process.pid, signal.SIGKILL)
        worker._process.wait()

    with monkeypatch.context() as dying:
        dying.setattr(WorkerProcess, "begin", killed)
        with pytest.raises(StorageError, match="run `stocktrail rebuild` again") as raised:
            shop.models.rebuild()
    assert raised.value.code == "rebuild_stopped"
    assert verify(shop.models).ok
    shop.models.rebuild()
    assert verify(shop.models).ok


def test_a_second_process_says_why_it_stopped(shop: Shop, database_url: str) -> None:
    shop.carry("A", 1)
    overtaken = begun(shop).number
    RebuildLease(shop.models.side_tables)
    with closing(WorkerProcess(database_url, overtaken)) as worker:
        worker.begin(shop.ledger.head().position)
        assert not worker.reached(shop.ledger.head().position)
        worker.begin(1)
        assert "Another rebuild" in worker.failure().message


def test_the_second_process_folds_up_to_each_goal_and_stops_when_overtaken(
    shop: Shop, database_url: str
) -> None:
    a_busy_week(shop)
    shop.models.rebuild()
    lease = begun(shop)

    def goals() -> Iterator[str]:
        yield "5"
        yield "8"
        RebuildLease(shop.models.side_tables)
        yield "9"

    reached = fold_stock(database_url, lease.number, goals())
    assert [next(reached), next(reached)] == [5, 8]
    with pytest.raises(Refusal, match="Another rebuild"):
        next(reached)
