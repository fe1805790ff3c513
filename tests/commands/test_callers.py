"""Callers on threads and event loops: they share commits, and each gets its one answer."""

import asyncio
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import pytest

from stocktrail.commands.model import COMMANDS, Command
from stocktrail.commands.scripts.concurrent import GroupedSubmission
from stocktrail.commands.scripts.reading import read_json_lines
from stocktrail.commands.scripts.results import Result
from stocktrail.commands.scripts.submission import submit_one
from stocktrail.ledger.base.decision import Decision
from stocktrail.ledger.store import Ledger, StorageError
from stocktrail.ledger.store.engine.group_commit import Committed
from stocktrail.ledger.store.engine.unit_of_work import UnitOfWork
from stocktrail.ledger.store.recorder import Append
from tests.store.shop import Trickle, order, script
from tests.waiting import wait_until

PATIENCE = 30


class Gate:
    """Stands before every commit; ``reached`` says that one waits there until it is opened.

    With ``before_turns`` it stands where a writer waits for its turn.
    """

    def __init__(
        self, ledger: Ledger, monkeypatch: pytest.MonkeyPatch, *, before_turns: bool = False
    ) -> None:
        self.opened, self.reached = threading.Event(), threading.Event()
        appending = ledger.log_recorder.appending

        @contextmanager
        def gated() -> Iterator[Append]:
            if before_turns:
                self._wait()
            with appending() as append:
                yield append
                if not before_turns:
                    self._wait()

        monkeypatch.setattr(ledger.log_recorder, "appending", gated)

    def _wait(self) -> None:
        self.reached.set()
        assert self.opened.wait(PATIENCE)


@pytest.fixture
def shop(ledger: Ledger) -> Ledger:
    """Return a ledger with 100 units of TEA."""
    submit_one(ledger, COMMANDS["register-product"].model_validate({"sku": "TEA"}))
    submit_one(ledger, COMMANDS["receive-stock"].model_validate({"sku": "TEA", "quantity": 100}))
    return ledger


@pytest.fixture
def gate(shop: Ledger, monkeypatch: pytest.MonkeyPatch) -> Gate:
    """Return the gate before the commits of the shop."""
    return Gate(shop, monkeypatch)


def place(name: str) -> Command:
    """Order one unit of TEA."""
    row = order(name, "TEA")
    return COMMANDS["place-order"].model_validate(
        {field: value for field, value in row.items() if field != "command"}
    )


def test_16_threads_sell_100_units_and_not_one_more(shop: Ledger) -> None:
    with GroupedSubmission(shop) as submitter, ThreadPoolExecutor(16) as threads:
        results = list(threads.map(lambda n: submitter.submit(place(f"SO-{n}")), range(160)))
    assert [result.status for result in results].count("accepted") == 100
    assert [result.status for result in results].count("rejected") == 60
    positions = [result.position for result in results if result.status == "accepted"]
    assert len(set(positions)) == 100
    assert shop.head().position == 2 + 200


def ten_callers(shop: Ledger, gate: Gate) -> list[Committed]:
    """Let nine callers come while the first is held at a gate; return what was committed."""
    groups: list[Committed] = []
    submitter = GroupedSubmission(shop, listener=groups.append)
    with submitter, ThreadPoolExecutor(10) as threads:
        first = threads.submit(submitter.submit, place("SO-first"))
        assert gate.reached.wait(PATIENCE)
        others = [threads.submit(submitter.submit, place(f"SO-{n}")) for n in range(9)]
        wait_until(lambda: submitter.waiting == 9, "9 wait")
        gate.opened.set()
        assert {each.result(PATIENCE).status for each in [first, *others]} == {"accepted"}
    return groups


def test_the_next_group_forms_while_the_last_commit_runs(shop: Ledger, gate: Gate) -> None:
    groups = ten_callers(shop, gate)
    assert [group.requests for group in groups] == [1, 9]
    assert [group.head for group in groups][-1] == shop.head()


def test_what_comes_while_a_writer_waits_for_its_turn_joins_its_group(
    shop: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate = Gate(shop, monkeypatch, before_turns=True)
    groups = ten_callers(shop, gate)
    assert [group.requests for group in groups] == [10]


def test_tasks_of_an_event_loop_share_commits_and_the_loop_goes_on(
    shop: Ledger, gate: Gate
) -> None:
    groups: list[Committed] = []

    async def run(submitter: GroupedSubmission) -> list[Result]:
        first = asyncio.create_task(submitter.submit_async(place("SO-first")))
        while not gate.reached.is_set():
            await asyncio.sleep(0.001)
        tasks = [asyncio.create_task(submitter.submit_async(place(f"SO-{n}"))) for n in range(49)]
        while submitter.waiting < 49:
            await asyncio.sleep(0.001)
        gate.opened.set()
        return await asyncio.gather(first, *tasks)

    with GroupedSubmission(shop, listener=groups.append) as submitter:
        results = asyncio.run(run(submitter))
    assert [result.status for result in results] == ["accepted"] * 50
    assert [group.requests for group in groups] == [1, 49]


def test_callers_are_held_back_while_the_queue_is_full(shop: Ledger, gate: Gate) -> None:
    async def run(submitter: GroupedSubmission) -> list[Result]:
        first = asyncio.create_task(submitter.submit_async(place("SO-first")))
        while not gate.reached.is_set():
            await asyncio.sleep(0.001)
        tasks = [asyncio.create_task(submitter.submit_async(place(f"SO-{n}"))) for n in range(20)]
        for _ in range(50):
            await asyncio.sleep(0.001)
            assert submitter.waiting <= 2
        gate.opened.set()
        return await asyncio.gather(first, *tasks)

    with GroupedSubmission(shop, queue_size=2) as submitter:
        results = asyncio.run(run(submitter))
    assert [result.status for result in results] == ["accepted"] * 21


def test_threads_are_held_back_too(shop: Ledger, gate: Gate) -> None:
    with GroupedSubmission(shop, queue_size=1) as submitter, ThreadPoolExecutor(4) as threads:
        first = threads.submit(submitter.submit, place("SO-first"))
        assert gate.reached.wait(PATIENCE)
        others = [threads.submit(submitter.submit, place(f"SO-{n}")) for n in range(3)]
        wait_until(lambda: submitter.waiting == 1, "1 wait")
        assert not any(each.done() for each in others)
        gate.opened.set()
        assert {each.result(PATIENCE).status for each in [first, *others]} == {"accepted"}


def test_who_gives_up_in_time_is_not_recorded_and_later_it_is(shop: Ledger, gate: Gate) -> None:
    async def run(submitter: GroupedSubmission) -> None:
        begun = asyncio.create_task(submitter.submit_async(place("SO-begun"), id="begun"))
        while not gate.reached.is_set():
            await asyncio.sleep(0.001)
        queued = asyncio.create_task(submitter.submit_async(place("SO-queued"), id="queued"))
        while not submitter.waiting:
            await asyncio.sleep(0.001)
        for task in (begun, queued):
            task.cancel()
        for task in (begun, queued):
            with pytest.raises(asyncio.CancelledError):
                await task
        gate.opened.set()

    with GroupedSubmission(shop) as submitter:
        asyncio.run(run(submitter))
    assert shop.outcome("queued") is None
    assert shop.outcome("begun") is not None
    with GroupedSubmission(shop) as submitter:
        assert submitter.submit(place("SO-begun"), id="begun").status == "duplicate"
        assert submitter.submit(place("SO-queued"), id="queued").status == "accepted"


def test_closing_writes_what_still_waits_and_lets_nobody_in(shop: Ledger, gate: Gate) -> None:
    submitter = GroupedSubmission(shop)
    with ThreadPoolExecutor(6) as threads:
        first = threads.submit(submitter.submit, place("SO-first"))
        assert gate.reached.wait(PATIENCE)
        others = [threads.submit(submitter.submit, place(f"SO-{n}")) for n in range(4)]
        wait_until(lambda: submitter.waiting == 4, "4 wait")
        closing = threads.submit(submitter.close)
        gate.opened.set()
        closing.result(PATIENCE)
        assert {each.result(PATIENCE).status for each in [first, *others]} == {"accepted"}
    with pytest.raises(StorageError, match="being closed"):
        submitter.submit(place("SO-late"))


def test_a_broken_command_does_not_hurt_its_neighbours(
    shop: Ledger, gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    decide = COMMANDS["place-order"].decide

    def breaking(command: Any, work: UnitOfWork) -> Decision:
        if command.order == "SO-3":
            raise ZeroDivisionError
        return decide(command, work)

    monkeypatch.setattr(COMMANDS["place-order"], "decide", breaking)
    with GroupedSubmission(shop) as submitter, ThreadPoolExecutor(6) as threads:
        sent = [threads.submit(submitter.submit, place(f"SO-{n}")) for n in range(6)]
        wait_until(gate.reached.is_set, "the gate is reached")
        gate.opened.set()
        errors = [each.exception(PATIENCE) for each in sent]
    assert isinstance(errors[3], ZeroDivisionError)
    assert [error for number, error in enumerate(errors) if number != 3] == [None] * 5


def test_everybody_hears_of_a_database_that_fails(
    shop: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing() -> Any:
        raise StorageError("storage_failed", "The disk is gone.")

    with GroupedSubmission(shop) as submitter, ThreadPoolExecutor(4) as threads:
        with monkeypatch.context() as patched:
            patched.setattr(shop.log_recorder, "appending", failing)
            sent = [threads.submit(submitter.submit, place(f"SO-{n}")) for n in range(4)]
            errors = [each.exception(PATIENCE) for each in sent]
        assert {str(error) for error in errors} == {"The disk is gone."}
        assert submitter.submit(place("SO-0")).status == "accepted"


def test_a_script_shares_commits_and_its_modes_hold(shop: Ledger) -> None:
    rows = [order("SO-1", "TEA"), order("SO-2", "NONE"), order("SO-3", "TEA")]
    with GroupedSubmission(shop) as submitter:
        lines = read_json_lines(Trickle(script(rows), 1 << 18))
        stopped = list(submitter.submit_rows(lines, mode="stop"))
        assert [result.status for result in stopped] == ["accepted", "rejected", "skipped"]
        dry = submitter.submit(place("SO-4"), dry_run=True)
        assert (dry.status, dry.judged_at) == ("accepted", shop.head().position)
