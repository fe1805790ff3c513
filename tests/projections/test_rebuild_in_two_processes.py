"""A large ledger is rebuilt by two processes, while commands go on; one that dies harms nothing."""

import os
import signal
from collections.abc import Iterator
from contextlib import closing
from threading import Timer

import pytest

from stocktrail.ledger.refusal import Refusal
from stocktrail.ledger.store import StorageError
from stocktrail.projections.rebuild import rebuild, worker_process
from stocktrail.projections.rebuild.lease import RebuildLease, begin_lease
from stocktrail.projections.rebuild.worker import fold_stock
from stocktrail.projections.rebuild.worker_process import WorkerProcess
from stocktrail.projections.verify import verify
from tests.projections.shop import Shop
from tests.projections.test_history import a_busy_week
from tests.projections.test_several_processes import send_unseen
from tests.waiting import PATIENCE_SECONDS


@pytest.fixture(autouse=True)
def always_two(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make a second process worth its while on any ledger."""
    monkeypatch.setattr(rebuild, "WORTH_A_PROCESS", 0)


def unheard(_: int, __: int) -> None:
    """Hear how far it is, and do nothing."""


def begun(shop: Shop) -> RebuildLease:
    """Begin a rebuild: take its lease, with its tables."""
    return begin_lease(shop.models.side_tables)


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
    overtaken = begun(shop)
    begin_lease(shop.models.side_tables)
    with closing(WorkerProcess(database_url, overtaken.number, overtaken.build)) as worker:
        worker.begin(shop.ledger.head().position)
        with pytest.raises(StorageError, match="Another rebuild"):
            worker.finish(shop.ledger.head().position, unheard)


def test_the_second_process_folds_up_to_each_goal_and_stops_when_overtaken(
    shop: Shop, database_url: str
) -> None:
    a_busy_week(shop)
    shop.models.rebuild()
    lease = begun(shop)

    def goals() -> Iterator[str]:
        yield "5"
        yield "8"
        begin_lease(shop.models.side_tables)
        yield "9"

    reached = fold_stock(database_url, lease.number, lease.build, goals(), unheard)
    assert [next(reached), next(reached)] == [5, 8]
    with pytest.raises(Refusal, match="Another rebuild"):
        next(reached)


class Closed(Exception):
    """What whoever follows the read models raises to end a rebuild."""


def test_who_is_closed_does_not_wait_for_a_second_process_and_that_ends(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_busy_week(shop)
    head = shop.ledger.head().position
    started: list[WorkerProcess] = []

    def stopped(worker: WorkerProcess, _: int) -> None:
        started.append(worker)
        os.kill(worker._process.pid, signal.SIGSTOP)
        patience.start()

    def closed(reached: int, _: int) -> None:
        folded.append(reached)
        if folded.count(head) == 100:
            raise Closed

    folded: list[int] = []
    patience = Timer(PATIENCE_SECONDS, lambda: started[0].close())
    with monkeypatch.context() as stopping:
        stopping.setattr(WorkerProcess, "begin", stopped)
        stopping.setattr(worker_process, "_STEP_SECONDS", 0.01)
        with pytest.raises(Closed):
            shop.models.rebuild(closed)
    patience.cancel()
    assert started[0]._process.returncode == -signal.SIGKILL
    shop.models.rebuild()
    assert verify(shop.models).ok

