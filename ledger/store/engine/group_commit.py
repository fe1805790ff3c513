"""Group commit: callers on many threads and event loops share one writer and its commits.

While one group is being written, new requests wait in a bounded queue; after the commit everything
that waits becomes the next group. More callers therefore mean larger groups, and one disk write
serves all of them. When the queue is full, callers block.
"""

import asyncio
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import NamedTuple

from stocktrail.ledger.store.engine.decided import Decided
from stocktrail.ledger.store.engine.writer import Units, Writer
from stocktrail.ledger.store.errors import StorageError
from stocktrail.ledger.store.outcome import Head

GROUP_SIZE = 1_000
"""The maximum of requests in one commit, unless a single job has more."""

QUEUE_SIZE = 10_000
"""The maximum of requests that wait; further callers block until there is room."""

Answers = list[list[Decided]]


class Committed(NamedTuple):
    """What the listener receives after a commit: number of requests, duration, end of the log."""

    requests: int
    seconds: float
    head: Head


class _Job(NamedTuple):
    """The requests of one caller, and the future that its thread or task waits for."""

    units: Units
    stop: bool
    size: int
    waiting: "Future[Answers] | asyncio.Future[Answers]"

    def start(self) -> bool:
        """Return whether the caller still waits; after this call it can no longer cancel."""
        if isinstance(self.waiting, asyncio.Future):
            return not self.waiting.cancelled()
        return self.waiting.set_running_or_notify_cancel()


_Answered = tuple[_Job, "Answers | BaseException"]


class GroupCommit:
    """Writes for any number of callers in a thread of its own; a context manager.

    A caller that cancels before its group is started is removed from the queue; after that its
    commands are recorded, and sending them again returns their outcomes. Closing rejects new
    requests and writes those that wait.
    """

    def __init__(
        self, writer: Writer, *, queue_size: int = QUEUE_SIZE, group_size: int = GROUP_SIZE,
        listener: Callable[[Committed], None] | None = None,
    ) -> None:
        self._writer = writer
        self._queue_size = queue_size
        self._group_size = group_size
        self._listener = listener
        self._jobs: deque[_Job] = deque()
        self._waiting = 0
        self._closed = False
        self._changed = threading.Condition()
        self._blocked: deque[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = deque()
        self._thread = threading.Thread(target=self._run, name="group-commit", daemon=True)
        self._thread.start()

    def __enter__(self) -> "GroupCommit":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def waiting(self) -> int:
        """How many requests are in the queue."""
        return self._waiting

    @property
    def group_size(self) -> int:
        """How many units a caller should currently send at once."""
        return min(self._group_size, self._writer.group_size)

    def head(self) -> Head:
        """Return the end of the log."""
        return self._writer.head()

    def write(self, units: Units, *, stop: bool = False) -> Answers:
        """Write units of requests together with those of other callers, and wait for the answers.

        The same as :meth:`Writer.write`, from any thread. Raises
        :class:`~stocktrail.ledger.store.errors.StorageError` when nothing was recorded, and when
        the queue is closed.
        """
        future: Future[Answers] = Future()
        job = _new_job(units, stop, future)
        with self._changed:
            self._changed.wait_for(lambda: self._has_room(job) or self._closed)
            self._put(job)
        return future.result()

    async def write_async(self, units: Units, *, stop: bool = False) -> Answers:
        """Write units of requests like :meth:`write`, without blocking the event loop."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Answers] = loop.create_future()
        job = _new_job(units, stop, future)
        while not self._try_to_put(job):
            room = asyncio.Event()
            with self._changed:
                self._blocked.append((loop, room))
                is_full = not self._has_room(job)
            if is_full:
                await room.wait()
        return await future

    def close(self) -> None:
        """Reject new requests, write those that wait, and end the thread."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
            self._wake_blocked()
        self._thread.join()

    # ------------------------------------------------------------------ the queue

    def _has_room(self, job: _Job) -> bool:
        return not self._jobs or self._waiting + job.size <= self._queue_size

    def _put(self, job: _Job) -> None:
        if self._closed:
            raise StorageError(
                "storage_busy", "The ledger is being closed. Send the same commands again later."
            )
        self._jobs.append(job)
        self._waiting += job.size
        self._changed.notify_all()

    def _try_to_put(self, job: _Job) -> bool:
        with self._changed:
            if not self._closed and not self._has_room(job):
                return False
            self._put(job)
            return True

    def _wake_blocked(self) -> None:
        while self._blocked:
            loop, room = self._blocked.popleft()
            if not loop.is_closed():
                loop.call_soon_threadsafe(room.set)

    # ------------------------------------------------------------------ the thread

    def _run(self) -> None:
        try:
            while jobs := self._next_group():
                self._write_group([job for job in jobs if job.start()])
        finally:
            with self._changed:      # fail the jobs that wait: this thread will not write them
                self._closed = True
                lost = StorageError("storage_failed", "The thread that writes has ended.")
                _resolve_all([(job, lost) for job in self._jobs])
                self._jobs.clear()
                self._changed.notify_all()
                self._wake_blocked()

    def _next_group(self) -> list[_Job]:
        """Wait for jobs, and return as many as fit into one commit; none when it is closed."""
        with self._changed:
            self._changed.wait_for(lambda: self._jobs or self._closed)
            return self._joined_to([])

    def _joined_to(self, jobs: Sequence[_Job]) -> list[_Job]:
        """Take from the queue what fits into one commit together with jobs."""
        size, joined = sum(job.size for job in jobs), list(jobs)
        while self._jobs and (not joined or size + self._jobs[0].size <= self.group_size):
            if joined and (joined[0].stop or self._jobs[0].stop):
                break
            joined.append(self._jobs.popleft())
            size += joined[-1].size
            self._waiting -= joined[-1].size
        self._changed.notify_all()
        self._wake_blocked()
        return joined[len(jobs):]

    def _write_group(self, jobs: list[_Job], *, may_grow: bool = True) -> None:
        if not jobs:
            return
        began = time.perf_counter()
        units = [unit for job in jobs for unit in job.units]

        def more() -> Units:
            with self._changed:
                came = [job for job in self._joined_to(jobs) if job.start()]
            jobs.extend(came)
            return [unit for job in came for unit in job.units]

        try:
            answers = self._writer.write(
                units, stop=jobs[0].stop, more=more if may_grow else None
            )
        except StorageError as error:
            _resolve_all([(job, error) for job in jobs])
            return
        except BaseException as error:  # noqa: BLE001 - its caller gets it
            # One command raised, and nothing was recorded: write the jobs one by one instead.
            if len(jobs) == 1:
                _resolve_all([(jobs[0], error)])
            else:
                for job in jobs:
                    self._write_group([job], may_grow=False)
            return
        committed = Committed(
            sum(job.size for job in jobs), time.perf_counter() - began, self._writer.written_to
        )
        answered: list[_Answered] = []
        place = 0
        for job in jobs:
            answered.append((job, answers[place : place + len(job.units)]))
            place += len(job.units)
        _resolve_all(answered)
        if self._listener is not None:
            self._listener(committed)


def _new_job(
    units: Units, stop: bool, waiting: "Future[Answers] | asyncio.Future[Answers]"
) -> _Job:
    return _Job(units, stop, sum(map(len, units)), waiting)


def _resolve_all(answered: Sequence[_Answered]) -> None:
    """Resolve the callers' futures; those of one event loop in a single call.

    Waking an event loop costs a system call: of 100 callers each takes 0.2 instead of 3.0 us
    (``python -m benchmarks.fast_paths wake``, 2026-11-29).
    """
    tasks: dict[asyncio.AbstractEventLoop, list[_Answered]] = {}
    for each in answered:
        if isinstance(each[0].waiting, asyncio.Future):
            tasks.setdefault(each[0].waiting.get_loop(), []).append(each)
        else:
            _resolve([each])
    for loop, theirs in tasks.items():
        if not loop.is_closed():
            loop.call_soon_threadsafe(_resolve, theirs)


def _resolve(answered: Sequence[_Answered]) -> None:
    for job, answer in answered:
        if job.waiting.cancelled():
            continue
        if isinstance(answer, BaseException):
            job.waiting.set_exception(answer)
        else:
            job.waiting.set_result(answer)
