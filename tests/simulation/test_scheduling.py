"""Simulated threads and time: the program runs on them as on real ones, the same for each seed."""

import logging
import os
import random
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from queue import Queue

import pytest

from simulation.scheduling import Deadlock, Killed, Process, Scheduler, Stuck, Task, installed
from stocktrail.commands.model import COMMANDS
from stocktrail.commands.scripts.concurrent import GroupedSubmission
from stocktrail.ledger.store.in_memory import open_in_memory

START = 1_700_000_000_000_000


def everybody(scheduler: Scheduler, *calls: Callable[[], object]) -> list[Task]:
    """Run calls as tasks of one process until all have ended, and show what went wrong."""
    process = scheduler.process("shop")
    tasks = [scheduler.spawn(process, f"task {at}", call) for at, call in enumerate(calls)]
    assert scheduler.run(lambda: all(task.is_done for task in tasks), seconds=10_000)
    for task in scheduler.failed:
        assert task.exception is not None
        raise task.exception
    return tasks


def eight_callers(seed: int) -> tuple[str, list[int], list[str]]:
    """Let eight threads write in groups; return the digest, the groups, and who was served when."""
    scheduler = Scheduler(seed, START)
    groups: list[int] = []
    served: list[str] = []

    def caller(submission: GroupedSubmission, name: int) -> None:
        for again in range(3):
            receipt = COMMANDS["receive-stock"].model_validate({"sku": "TEA", "quantity": 1})
            result = submission.submit(receipt, id=f"{name}/{again}")
            served.append(f"{result.id} {result.status}")

    def shop() -> None:
        with open_in_memory() as ledger, GroupedSubmission(
            ledger, listener=lambda committed: groups.append(committed.requests)
        ) as submission:
            submission.submit(COMMANDS["register-product"].model_validate({"sku": "TEA"}))
            threads = [
                threading.Thread(target=caller, args=(submission, name)) for name in range(8)
            ]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            served.append(f"position {ledger.writer.head().position}")

    with installed(scheduler):
        everybody(scheduler, shop)
    return scheduler.trace_digest, groups, served


def test_group_commit_runs_the_same_for_the_same_seed_and_otherwise_for_others() -> None:
    runs = {seed: eight_callers(seed) for seed in range(6)}
    assert {seed: eight_callers(seed) for seed in range(6)} == runs
    assert len({digest for digest, _, _ in runs.values()}) == 6
    assert len({tuple(groups) for _, groups, _ in runs.values()}) > 1
    for _, groups, served in runs.values():
        assert sum(groups) == 25
        assert len([each for each in served if each.endswith(" accepted")]) == 24


def test_an_hour_passes_in_no_time_and_in_the_order_of_the_clock() -> None:
    scheduler = Scheduler(1, START)
    woke: list[int] = []

    def sleeper(seconds: int) -> None:
        time.sleep(seconds)
        woke.append(seconds)

    began = time.monotonic()
    with installed(scheduler):
        everybody(scheduler, *(lambda each=each: sleeper(each) for each in (3_600, 5, 60)))
    assert woke == [5, 60, 3_600]
    assert time.monotonic() - began < 60
    assert 3_600_000_000 <= scheduler.now - START < 3_601_000_000


def test_a_wake_up_that_is_lost_is_found() -> None:
    scheduler = Scheduler(1, START)
    changed = []

    def waits_for_ever() -> None:
        condition = threading.Condition()
        changed.append(condition)
        with condition:
            condition.wait()

    with installed(scheduler):
        scheduler.spawn(scheduler.process("shop"), "clerk", waits_for_ever)
        with pytest.raises(Deadlock, match=r"shop/clerk waits for a condition\n.*waits_for_ever"):
            scheduler.run(lambda: False, seconds=10)


def test_two_locks_taken_in_both_orders_block_each_other_for_some_seeds_only() -> None:
    def is_deadlocked(seed: int) -> bool:
        scheduler = Scheduler(seed, START)
        with installed(scheduler):
            left, right = threading.Lock(), threading.Lock()

            def both(first: threading.Lock, second: threading.Lock) -> None:
                with first, second:
                    pass

            try:
                everybody(scheduler, lambda: both(left, right), lambda: both(right, left))
            except Deadlock:
                return True
        return False

    assert {is_deadlocked(seed) for seed in range(15)} == {True, False}


def test_the_tasks_of_a_killed_process_unwind_and_others_go_on() -> None:
    scheduler = Scheduler(3, START)
    told: list[str] = []
    lock = threading.Lock()

    def victim(name: str) -> None:
        try:
            with lock:
                told.append(f"{name} works")
            time.sleep(100)
            told.append(f"{name} must not come here")
        finally:
            told.append(f"{name} ends")

    def stubborn() -> None:
        while True:
            try:
                time.sleep(100)
            except Killed:
                continue

    def killer(process: Process) -> None:
        time.sleep(10)
        process.kill()
        told.append("killed")
        time.sleep(10)
        told.append("goes on")

    with installed(scheduler):
        dying = scheduler.process("dying")
        tasks = [
            scheduler.spawn(dying, "clerk", lambda: victim("clerk")),
            scheduler.spawn(dying, "stubborn", stubborn),
        ]
        everybody(scheduler, lambda: killer(dying))
    assert told == ["clerk works", "clerk ends", "killed", "goes on"]
    assert not dying.is_alive
    assert all(isinstance(task.exception, Killed) for task in tasks)


def test_a_process_may_be_killed_by_itself_and_from_outside() -> None:
    scheduler = Scheduler(4, START)
    with installed(scheduler):
        first = scheduler.process("first")
        by_itself = scheduler.spawn(first, "clerk", first.kill)
        waits = scheduler.spawn(first, "idle", lambda: time.sleep(1_000))
        assert scheduler.run(lambda: by_itself.is_done and waits.is_done, seconds=1)
        again = scheduler.process("first")
        assert again is not first
        waits = scheduler.spawn(again, "idle", lambda: time.sleep(1_000))
        assert not scheduler.run(lambda: waits.is_done, seconds=1)
        again.kill()
        assert isinstance(waits.exception, Killed)


def test_a_frozen_process_stands_still_while_others_run() -> None:
    scheduler = Scheduler(5, START)
    seen: dict[str, list[int]] = {"frozen": [], "free": []}

    def every_second(name: str) -> None:
        for _ in range(10):
            time.sleep(1)
            seen[name].append((scheduler.now - START) // 1_000_000)

    with installed(scheduler):
        frozen, free = scheduler.process("frozen"), scheduler.process("free")
        tasks = [
            scheduler.spawn(frozen, "clerk", lambda: every_second("frozen")),
            scheduler.spawn(free, "clerk", lambda: every_second("free")),
        ]
        scheduler.run(lambda: len(seen["frozen"]) == 3, seconds=100)
        frozen.freeze(30)
        assert scheduler.run(lambda: all(task.is_done for task in tasks), seconds=100)
    assert seen["free"] == list(range(1, 11))
    assert seen["frozen"] == [1, 2, 3, 33, 34, 35, 36, 37, 38, 39]


def test_a_frozen_process_may_be_thawed() -> None:
    scheduler = Scheduler(5, START)
    with installed(scheduler):
        frozen = scheduler.process("frozen")
        task = scheduler.spawn(frozen, "clerk", lambda: time.sleep(1))
        frozen.freeze(3_600)
        assert not scheduler.run(lambda: task.is_done, seconds=10)
        frozen.thaw()
        assert scheduler.run(lambda: task.is_done, seconds=2)


def test_what_a_frozen_process_has_not_begun_begins_afterwards_or_never() -> None:
    scheduler = Scheduler(5, START)
    with installed(scheduler):
        thawed, killed = scheduler.process("thawed"), scheduler.process("killed")
        late = scheduler.spawn(thawed, "clerk", lambda: scheduler.now - START)
        never = scheduler.spawn(killed, "clerk", lambda: "begun")
        for process in (thawed, killed):
            process.freeze(30)
        assert not scheduler.run(lambda: late.is_done, seconds=20)
        killed.kill()
        assert scheduler.run(lambda: late.is_done, seconds=20)
    assert late.result == 30_000_000
    assert isinstance(never.exception, Killed)


def test_each_process_has_a_clock_of_its_own() -> None:
    scheduler = Scheduler(6, START)
    with installed(scheduler):
        fast = scheduler.process("fast")
        fast.clock_offset, fast.clock_drift = 3_600_000_000, 1_000

        def two_looks() -> tuple[int, float]:
            first, began = time.time_ns(), time.monotonic()
            time.sleep(1_000)
            return (time.time_ns() - first) // 10**9, round(time.monotonic() - began)

        task = scheduler.spawn(fast, "clerk", two_looks)
        scheduler.run(lambda: task.is_done, seconds=2_000)
        assert task.result == (1_001, 1_000)
        (other,) = everybody(scheduler, time.time_ns)
        assert isinstance(other.result, int)
        assert other.result // 1_000 == scheduler.now
    assert time.time_ns() // 1_000 > START + 3_600_000_000


def test_executors_and_queues_run_on_simulated_threads() -> None:
    def chance(seed: int) -> tuple[list[int], list[object], str]:
        scheduler = Scheduler(seed, START)
        drawn: list[object] = []

        def work() -> list[int]:
            queue: Queue[int] = Queue(2)
            with ThreadPoolExecutor(3) as pool:
                futures = [pool.submit(queue.put, number) for number in range(9)]
                found = [queue.get(timeout=5) for _ in futures]
            drawn.extend([random.random(), uuid.uuid4()])
            return found

        with installed(scheduler):
            (task,) = everybody(scheduler, work)
        assert isinstance(task.result, list)
        assert sorted(task.result) == list(range(9))
        return task.result, drawn, scheduler.trace_digest

    assert chance(7) == chance(7)
    assert len({tuple(chance(seed)[0]) for seed in range(8)}) > 1


def test_outside_of_the_simulation_everything_is_as_it_was() -> None:
    before = threading.Lock, threading.Thread, time.time, uuid.uuid4()
    with installed(Scheduler(8, START)):
        lock, event = threading.RLock(), threading.Event()
        thread = threading.Thread(target=event.set)
        thread.start()
        with lock:
            assert event.wait(30)
        thread.join()
        assert time.time() > START / 1_000_000 + 3_600
        with open_in_memory() as ledger:
            assert ledger.writer.head().position == 0
    assert (threading.Lock, threading.Thread, time.time) == before[:3]


def test_what_hangs_outside_of_the_simulation_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("simulation.scheduling.scheduler.STUCK_SECONDS", 0.3)
    scheduler = Scheduler(9, START)
    a_real_lock = threading.Lock()

    def hangs() -> None:
        with a_real_lock:
            pass

    with installed(scheduler), a_real_lock:
        scheduler.spawn(scheduler.process("shop"), "clerk", hangs)
        with pytest.raises(Stuck, match=r"shop/clerk runs\n.*in hangs: with a_real_lock"):
            scheduler.run(lambda: False, seconds=10)


def test_to_log_or_not_to_log_changes_nothing(caplog: pytest.LogCaptureFixture) -> None:
    def run(level: int) -> str:
        scheduler, log = Scheduler(10, START), logging.getLogger("shop")

        def work() -> None:
            for _ in range(5):
                log.warning("It is %s.", time.time())
                time.sleep(0.001)

        with installed(scheduler), caplog.at_level(level, "shop"):
            everybody(scheduler, work, work)
        return scheduler.trace_digest

    assert run(logging.CRITICAL) == run(logging.DEBUG)
    assert len(caplog.records) == 10


def test_a_cached_property_that_waits_does_not_block_other_threads() -> None:
    class Slow:
        @cached_property
        def answer(self) -> float:
            time.sleep(1)
            return time.monotonic()

    scheduler = Scheduler(11, START)
    with installed(scheduler):
        first, second = everybody(scheduler, lambda: Slow().answer, lambda: Slow().answer)
    assert isinstance(first.result, float)
    assert isinstance(second.result, float)
    assert abs(first.result - second.result) < 0.1


def test_a_lock_that_is_missing_shows_when_threads_are_interrupted_at_every_line() -> None:
    def counted(seed: int, *paths: str) -> int:
        scheduler, count = Scheduler(seed, START), [0]
        scheduler.preempt(*paths)

        def work() -> None:
            for _ in range(20):
                before = count[0]
                count[0] = before + 1

        with installed(scheduler):
            everybody(scheduler, work, work)
        return count[0]

    assert {counted(seed) for seed in range(5)} == {40}
    interrupted = [counted(seed, "tests/simulation") for seed in range(5)]
    assert min(interrupted) < 40
    assert [counted(seed, "tests/simulation") for seed in range(5)] == interrupted


def test_hashes_are_the_same_in_every_run() -> None:
    code = (
        "from simulation.scheduling.fixed_hashes import require_fixed_hashes as require;"
        "require(); print(hash('TEA'))"
    )
    printed = {
        subprocess.run(
            [sys.executable, "-c", code], env={**os.environ, "PYTHONHASHSEED": seed}, check=True,
            capture_output=True,
        ).stdout
        for seed in ("1", "2", "random")
    }
    assert len(printed) == 1
