"""Threads that answer questions: each within its time, and none for which nobody waits any more."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from starlette.requests import ClientDisconnect
from starlette.types import Receive

from stocktrail.interfaces.service.problems import Problem
from stocktrail.ledger.store.time_limit import Cancellation, limited_to

T = TypeVar("T")

WATCHED_AFTER_SECONDS = 0.05
"""A question that takes longer is watched: if its client goes, it is cancelled."""


class QuestionThreads:
    """A pool of threads for one kind of question, which the others do not wait for.

    A question may take ``question_seconds``, and wait ``busy_seconds`` for its answer, its turn
    included.
    """

    def __init__(
        self, name: str, threads: int, *, busy_seconds: float, question_seconds: float
    ) -> None:
        self._threads = ThreadPoolExecutor(threads, name)
        self._busy_seconds = busy_seconds
        self._question_seconds = question_seconds

    async def answer(
        self, work: Callable[..., T], *arguments: Any, receive: Receive | None = None
    ) -> T:
        """Return what a function returns that queries the database.

        With ``receive`` it is known whether the client still waits. When nobody does, a question
        that has not begun never will, and one that runs stops at its next check of the limit, which
        frees its thread. Raises a problem ``busy`` (503) when the answer does not come in time, and
        ``ClientDisconnect`` when the client has gone.
        """
        cancellation = Cancellation()
        done = asyncio.get_running_loop().run_in_executor(
            self._threads, self._within_time, cancellation, work, arguments
        )
        try:
            await asyncio.wait({done}, timeout=min(WATCHED_AFTER_SECONDS, self._busy_seconds))
            if not done.done():
                await self._watched(done, receive)
            return await done
        finally:
            cancellation.cancel()
            done.cancel()

    async def _watched(self, done: asyncio.Future[T], receive: Receive | None) -> None:
        """Wait until a question is answered; raises when it is not waited for any longer."""
        either: set[asyncio.Future[Any]] = {done}
        gone = None if receive is None else asyncio.ensure_future(_gone(receive))
        if gone is not None:
            either.add(gone)
        try:
            await asyncio.wait(
                either, timeout=self._busy_seconds, return_when=asyncio.FIRST_COMPLETED
            )
        finally:
            if gone is not None:
                gone.cancel()
        if done.done():
            return
        if gone is not None and gone.done():
            raise ClientDisconnect
        raise Problem(
            503, "busy", "Too many questions are being answered; ask again in a while.",
            headers={"Retry-After": "5"},
        )

    def _within_time(
        self, cancellation: Cancellation, work: Callable[..., T], arguments: tuple[Any, ...]
    ) -> T:
        with limited_to(self._question_seconds, cancellation):
            return work(*arguments)

    def shutdown(self) -> None:
        """Stop the threads once they have answered what they began."""
        self._threads.shutdown(cancel_futures=True)


async def _gone(receive: Receive) -> None:
    """Return when the client has closed its connection; whatever it still sends is not read."""
    while (await receive())["type"] != "http.disconnect":
        pass
