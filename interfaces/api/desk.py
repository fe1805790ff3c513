"""The desk: where commands of many requests are taken in, and recorded in groups.

Requests that wait at the same time share one commit, so that throughput rises with their number. A
group forms while the last one is being recorded. A stream of rows takes its turn at the same desk.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Lock
from time import perf_counter
from uuid import uuid4

from commands.model import Command
from commands.reading import Row
from commands.result import Result
from commands.submission import Mode, submit
from ledger.store import Ledger

MOST_IN_GROUP = 500
"""How many commands one commit records at most."""

OnGroup = Callable[[int, float], None]
"""Told after each commit how many commands it was about, and how many seconds it took."""

_Waiting = tuple[Row, "Future[Result]"]


class Desk:
    """Takes commands from many threads and tasks, and has them recorded in groups."""

    def __init__(self, ledger: Ledger, on_group: OnGroup) -> None:
        self._ledger = ledger
        self._on_group = on_group
        self._turn = Lock()
        self._waiting: deque[_Waiting] = deque()
        self._recorder = ThreadPoolExecutor(1, "desk")

    async def submit_async(self, command: Command, *, id: str | None = None) -> Result:
        """Submit one command and wait until it is recorded, or refused.

        Raises :class:`~ledger.store.StorageError` when the database fails; repeating is safe. Who
        stops waiting takes nothing back: the command may be recorded all the same.
        """
        return await asyncio.shield(asyncio.wrap_future(self.hand_in(command, id)))

    def submit(self, command: Command, *, id: str | None = None) -> Result:
        """Submit one command from a thread, and wait for what becomes of it."""
        return self.hand_in(command, id).result()

    def hand_in(self, command: Command, id: str | None) -> "Future[Result]":
        """Put a command into the queue; without an id it gets a new one."""
        future: Future[Result] = Future()
        row = Row(1, id or command.id or uuid4().hex, command, command.command)
        self._waiting.append((row, future))
        self._recorder.submit(self._record_waiting)
        return future

    def submit_rows(
        self, rows: Iterator[Sequence[Row]], answer: Callable[[Sequence[Result]], None], *,
        mode: Mode = "continue", dry_run: bool = False,
    ) -> None:
        """Submit rows as they are read, and hand over their results before waiting for more.

        Others take their turn while rows are read or results are handed over.
        """
        results: list[Result] = []
        turn = _Turn(Lock() if dry_run else self._turn)

        def taken() -> Iterator[Sequence[Row]]:
            for chunk in rows:
                turn.begin(len(chunk))
                yield chunk
                self._told(turn, results, answer, dry_run=dry_run)
            turn.begin(0)

        try:
            for result in submit(self._ledger, taken(), mode=mode, dry_run=dry_run):
                results.append(result)
        finally:
            self._told(turn, results, answer, dry_run=dry_run)

    def _told(
        self, turn: "_Turn", results: list[Result], answer: Callable[[Sequence[Result]], None], *,
        dry_run: bool,
    ) -> None:
        size, seconds = turn.end()
        if size and not dry_run:
            self._on_group(size, seconds)
        if results:
            answer(results)
            results.clear()

    def close(self) -> None:
        """Record what was handed in, and stop."""
        self._recorder.shutdown()

    def _record_waiting(self) -> None:
        """Record what waits in one commit; a later call for the same commands finds none left."""
        group: list[_Waiting] = []
        while self._waiting and len(group) < MOST_IN_GROUP:
            group.append(self._waiting.popleft())
        if not group:
            return
        began = perf_counter()
        try:
            rows = [row._replace(line=number) for number, (row, _) in enumerate(group, start=1)]
            with self._turn:
                results = [result._replace(line=1) for result in submit(self._ledger, [rows])]
        except BaseException as error:
            for _, future in group:
                future.set_exception(error)
            raise
        self._on_group(len(group), perf_counter() - began)
        for (_, future), result in zip(group, results, strict=True):
            future.set_result(result)


class _Turn:
    """The turn of one stream: it holds the desk from when rows are in until they are recorded."""

    def __init__(self, lock: Lock) -> None:
        self._lock = lock
        self._size = 0
        self._began = 0.0
        self.is_ours = False

    def begin(self, size: int) -> None:
        self._lock.acquire()
        self.is_ours, self._size, self._began = True, size, perf_counter()

    def end(self) -> tuple[int, float]:
        if not self.is_ours:
            return 0, 0.0
        self.is_ours = False
        self._lock.release()
        return self._size, perf_counter() - self._began
