"""The service behind the routes: one ledger, its desk, its read models, its tail, its gate."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar, cast

from starlette.requests import HTTPConnection

from stocktrail.commands.scripts.concurrent import GroupedSubmission
from stocktrail.feeds.event_log import EventLog
from stocktrail.feeds.sse import StreamTimings
from stocktrail.feeds.tail import Tail
from stocktrail.interfaces.service.deliveries import Deliveries
from stocktrail.interfaces.service.followers import ReadModelFollower
from stocktrail.interfaces.service.gate import Gate
from stocktrail.interfaces.service.metrics import Metrics
from stocktrail.interfaces.service.problems import Problem
from stocktrail.interfaces.service.settings import ServiceSettings
from stocktrail.interfaces.service.shares import Shares
from stocktrail.ledger.store import Ledger, open_ledger
from stocktrail.ledger.store.commit_listener import CommitListener, tells_of_commits
from stocktrail.ledger.store.engine.group_commit import Committed
from stocktrail.ledger.store.side_tables.access import AccessTokens
from stocktrail.ledger.store.time_limit import limited_to
from stocktrail.projections import ReadModels

T = TypeVar("T")


class Service:
    """Everything that requests share. Made when the service starts, closed when it ends.

    The ``tail`` is opened and closed by the application. ``closing`` is set as soon as the service
    is told to end, before the last requests are done: whoever streams without end then ends.
    """

    def __init__(self, settings: ServiceSettings, ledger: Ledger) -> None:
        self.settings = settings
        self.ledger = ledger
        self.metrics = Metrics()
        self.gate = Gate(AccessTokens(ledger), settings.token_cache_seconds)
        self.models = ReadModels(ledger)
        self.catcher = ReadModelFollower(self.models)
        self.rhythm = StreamTimings(
            heartbeat_seconds=settings.heartbeat_seconds, stalled_seconds=settings.stalled_seconds
        )
        self.tail = Tail(
            EventLog(ledger), poll_seconds=1.0 if tells_of_commits(ledger) else 0.25
        )
        self._listener = CommitListener(ledger, self._heard) if tells_of_commits(ledger) else None
        self.desk = GroupedSubmission(ledger, listener=self._recorded)
        self._deliveries = None if ledger.read_only else Deliveries(
            ledger, self.desk.submit, webhooks=settings.deliver_webhooks,
            notices=settings.deliver_notices,
        )
        self.closing = asyncio.Event()
        self._questions = ThreadPoolExecutor(settings.question_threads, "question")
        # Folding the log up to an earlier position takes a core for as long as a rebuild, and its
        # scratch database serves the next page of the same question: one at a time.
        self._past_questions = ThreadPoolExecutor(1, "past-question")
        self._past_models = ReadModels(ledger)
        self.bodies = ThreadPoolExecutor(2, "body")
        self.pages = ThreadPoolExecutor(2, "page")
        # As many as there may be uploads: one that waits for its client holds up no other.
        self.streams = ThreadPoolExecutor(settings.most_uploads, "stream")
        self.uploads = Shares("uploads", settings.most_uploads, settings.most_uploads_of_one)
        self.event_streams = Shares("streams", settings.most_streams, settings.most_streams_of_one)

    @classmethod
    def opened(cls, settings: ServiceSettings, database_url: str) -> "Service":
        """Open the ledger, or create it, and make the service."""
        return cls(settings, open_ledger(database_url))

    def _recorded(self, committed: Committed) -> None:
        self.metrics.group(committed.requests, committed.seconds)
        self._heard(committed.head.position)

    def _heard(self, position: int) -> None:
        self.catcher.wake(position)
        self.tail.wake(position)

    def end(self) -> None:
        """Let whoever streams without end come to one; call it in the server's loop.

        The server waits for answers that are under way before it closes the service.
        """
        self.closing.set()
        self.tail.close()

    async def ask(self, question: Callable[[ReadModels], T], *, past: bool = False) -> T:
        """Have a question answered in a thread; those about the past take turns.

        Raises a problem: ``busy`` (503) when its turn does not come in time, and
        ``question_too_long`` (503) when it takes too long itself. Then it is broken off.
        """
        if past or self.ledger.read_only:
            threads, models = self._past_questions, self._past_models
        else:
            threads, models = self._questions, self.models
        return await self.run(threads, self._within_time, question, models)

    def _within_time(self, work: Callable[..., T], *arguments: Any) -> T:
        with limited_to(self.settings.question_seconds):
            return work(*arguments)

    async def run(
        self, threads: ThreadPoolExecutor, work: Callable[..., T], *arguments: Any
    ) -> T:
        """Have work done in one of these threads, and wait for it as long as anybody would."""
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
        """Have work done in a thread that questions use, such as looking at the log."""
        return await self.run(self._questions, self._within_time, work, *arguments)

    async def require_read_models(self, position: int) -> None:
        """Wait until the read models have come to a position.

        Raises a problem: ``unknown_position`` (409) when the log ends before it, and
        ``read_models_behind`` (503) when it takes too long.
        """
        if self.catcher.position >= position:
            return
        head = (await self.in_thread(self.ledger.head)).position
        if position > head:
            raise Problem(
                409, "unknown_position",
                f"The ledger ends at position {head}; nothing is known of position {position}.",
                details={"position": position, "head": head},
            )
        if not await self.catcher.reached(position, self.settings.at_least_seconds):
            raise Problem(
                503, "read_models_behind",
                f"The read models are at position {self.catcher.position} and have not come to "
                f"{position} in time; ask again.",
                headers={"Retry-After": "1"}, details={"position": self.catcher.position},
            )

    def close(self) -> None:
        """Record what was handed in, stop every thread, and close the ledger."""
        if self._deliveries is not None:
            self._deliveries.close()
        self.desk.close()
        if self._listener is not None:
            self._listener.close()
        self.catcher.close()
        for threads in (
            self.streams, self.bodies, self.pages, self._questions, self._past_questions
        ):
            threads.shutdown(cancel_futures=True)
        self.ledger.close()


def service_of(connection: HTTPConnection) -> Service:
    """Return the service behind a request."""
    return cast(Service, connection.app.state.service)
