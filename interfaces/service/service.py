"""The service: what all requests share, from the ledger and its read models to the thread pools."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from typing import Any, TypeVar, cast

from starlette.requests import HTTPConnection

from stocktrail.commands.scripts.concurrent import GroupedSubmission
from stocktrail.feeds.event_log import EventLog
from stocktrail.feeds.sse import StreamTimings
from stocktrail.feeds.tail import Tail
from stocktrail.interfaces.service.concurrency_limits import ConcurrencyLimit
from stocktrail.interfaces.service.deliveries import Deliveries
from stocktrail.interfaces.service.metrics import Metrics
from stocktrail.interfaces.service.problems import Problem
from stocktrail.interfaces.service.read_model_follower import ReadModelFollower
from stocktrail.interfaces.service.sessions import Sessions
from stocktrail.interfaces.service.settings import ServiceSettings
from stocktrail.interfaces.service.tokens import TokenCache
from stocktrail.ledger.store import Ledger, open_ledger
from stocktrail.ledger.store.commit_listener import CommitListener, notifies_commits
from stocktrail.ledger.store.engine.group_commit import Committed
from stocktrail.ledger.store.side_tables.access import AccessTokens
from stocktrail.ledger.store.time_limit import limited_to
from stocktrail.projections import ReadModels

T = TypeVar("T")


class Service:
    """Everything that requests share. Made when the process starts, closed when it ends.

    The application opens and closes the ``tail``. ``closing`` is set as soon as the process is
    asked to end, before the last requests are answered: streams without an end stop then.
    """

    def __init__(self, settings: ServiceSettings, ledger: Ledger) -> None:
        self.settings = settings
        self.ledger = ledger
        self.metrics = Metrics()
        self.tokens = TokenCache(AccessTokens(ledger), settings.token_cache_seconds)
        self.models = ReadModels(ledger)
        self.follower = ReadModelFollower(self.models)
        self.stream_timings = StreamTimings(
            heartbeat_seconds=settings.heartbeat_seconds, stalled_seconds=settings.stalled_seconds
        )
        self.tail = Tail(
            EventLog(ledger), poll_seconds=1.0 if notifies_commits(ledger) else 0.25
        )
        self._listener = (
            CommitListener(ledger, self._on_commit) if notifies_commits(ledger) else None
        )
        self.submitter = GroupedSubmission(ledger, listener=self._on_own_commit)
        self._deliveries = None if ledger.read_only else Deliveries(
            ledger, self.submitter.submit, webhooks=settings.deliver_webhooks,
            notices=settings.deliver_notices,
        )
        self.closing = asyncio.Event()
        self._question_threads = ThreadPoolExecutor(settings.question_threads, "question")
        # One thread, because folding the log up to an earlier position takes a core for as long as
        # a rebuild, and its scratch database serves the next page of the same question.
        self._as_of_thread = ThreadPoolExecutor(1, "as-of-question")
        self._as_of_models = ReadModels(ledger)
        self.body_threads = ThreadPoolExecutor(2, "body")
        self.page_threads = ThreadPoolExecutor(2, "page")
        # As many as uploads are allowed: one that waits for its client must not delay another.
        self.upload_threads = ThreadPoolExecutor(settings.most_uploads, "upload")
        self.uploads = ConcurrencyLimit(
            "uploads", settings.most_uploads, settings.most_uploads_of_one
        )
        self.event_streams = ConcurrencyLimit(
            "streams", settings.most_streams, settings.most_streams_of_one
        )

    @cached_property
    def sessions(self) -> Sessions:
        """The sessions of the dashboard; their table is created when one is first asked for."""
        return Sessions(self.ledger)

    @classmethod
    def opened(cls, settings: ServiceSettings, database_url: str) -> "Service":
        """Open the ledger, or create it, and return a service of it."""
        return cls(settings, open_ledger(database_url))

    def _on_own_commit(self, committed: Committed) -> None:
        self.metrics.group(committed.requests, committed.seconds)
        self._on_commit(committed.head.position)

    def _on_commit(self, position: int) -> None:
        self.follower.wake(position)
        self.tail.wake(position)

    def begin_shutdown(self) -> None:
        """Let streams without an end stop; to be called in the server's event loop.

        The server then waits for the requests that are still being answered, and closes the
        service.
        """
        self.closing.set()
        self.tail.close()

    async def ask(self, question: Callable[[ReadModels], T], *, past: bool = False) -> T:
        """Answer a question in a thread; questions about the past take turns in one.

        Raises a problem: ``busy`` (503) when no thread becomes free in time, and
        ``question_too_long`` (503) when the question takes too long and is cancelled.
        """
        if past or self.ledger.read_only:
            threads, models = self._as_of_thread, self._as_of_models
        else:
            threads, models = self._question_threads, self.models
        return await self.run_in(threads, self._within_time, question, models)

    def _within_time(self, work: Callable[..., T], *arguments: Any) -> T:
        with limited_to(self.settings.question_seconds):
            return work(*arguments)

    async def run_in(
        self, threads: ThreadPoolExecutor, work: Callable[..., T], *arguments: Any
    ) -> T:
        """Run a function in a thread pool; raises a problem ``busy`` (503) when it takes long."""
        done = asyncio.get_running_loop().run_in_executor(threads, work, *arguments)
        try:
            async with asyncio.timeout(self.settings.busy_seconds):
                return await done
        except TimeoutError:
            raise Problem(
                503, "busy", "Too many questions are being answered; ask again in a while.",
                headers={"Retry-After": "5"},
            ) from None

    async def in_thread(self, work: Callable[..., T], *arguments: Any) -> T:
        """Run a function that queries the database in a thread of questions."""
        return await self.run_in(self._question_threads, self._within_time, work, *arguments)

    async def wait_for_read_models(self, position: int) -> None:
        """Wait until the read models are at a position.

        Raises a problem: ``unknown_position`` (409) when the log ends before it, and
        ``read_models_behind`` (503) when it takes too long.
        """
        if self.follower.position >= position:
            return
        head = (await self.in_thread(self.ledger.head)).position
        if position > head:
            raise Problem(
                409, "unknown_position",
                f"The ledger ends at position {head}; nothing is known of position {position}.",
                details={"position": position, "head": head},
            )
        if not await self.follower.wait_for(position, self.settings.at_least_seconds):
            raise Problem(
                503, "read_models_behind",
                f"The read models are at position {self.follower.position} and have not come to "
                f"{position} in time; ask again.",
                headers={"Retry-After": "1"}, details={"position": self.follower.position},
            )

    def close(self) -> None:
        """Record what was submitted, stop every thread, and close the ledger."""
        if self._deliveries is not None:
            self._deliveries.close()
        self.submitter.close()
        if self._listener is not None:
            self._listener.close()
        self.follower.close()
        for threads in (
            self.upload_threads, self.body_threads, self.page_threads, self._question_threads,
            self._as_of_thread,
        ):
            threads.shutdown(cancel_futures=True)
        self.ledger.close()


def service_of(connection: HTTPConnection) -> Service:
    """Return the service that a request was sent to."""
    return cast(Service, connection.app.state.service)
