"""The service: what all requests share, from the ledger and its read models to the thread pools."""

import asyncio
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from typing import Any, TypeVar, cast

from starlette.requests import HTTPConnection
from starlette.types import Receive

from stocktrail.commands.scripts.concurrent import GroupedSubmission
from stocktrail.feeds.event_log import EventLog
from stocktrail.feeds.sse import StreamTimings
from stocktrail.feeds.tail import Tail
from stocktrail.interfaces.service.concurrency_limits import ConcurrencyLimit
from stocktrail.interfaces.service.deliveries import Deliveries
from stocktrail.interfaces.service.expiring_cache import ExpiringCache
from stocktrail.interfaces.service.metrics import Metrics
from stocktrail.interfaces.service.problems import Problem
from stocktrail.interfaces.service.question_threads import QuestionThreads
from stocktrail.interfaces.service.read_model_follower import ReadModelFollower
from stocktrail.interfaces.service.sessions import Sessions
from stocktrail.interfaces.service.settings import ServiceSettings
from stocktrail.interfaces.service.tokens import TokenCache
from stocktrail.ledger.store import Ledger, open_ledger
from stocktrail.ledger.store.commit_listener import CommitListener, notifies_commits
from stocktrail.ledger.store.engine.group_commit import Committed
from stocktrail.ledger.store.side_tables.access import AccessTokens
from stocktrail.projections import ReadModels

T = TypeVar("T")

_LONGEST_RETRY_SECONDS = 60

OVERVIEW_SECONDS, MOST_OVERVIEWS = 900, 24
"""How long what Today shows is kept for whoever asks again, and of how many moments."""

_PAST_THREADS = 2
"""How many questions about the past are answered at a time."""


class Service:
    """Everything that requests share. Made when the process starts, closed when it ends.

    The application opens and closes the ``tail``. ``closing`` is set as soon as the process is
    asked to end, before the last requests are answered: streams without an end stop then.
    """

    def __init__(self, settings: ServiceSettings, ledger: Ledger) -> None:
        self.settings = settings
        self.ledger = ledger
        self.metrics: Metrics = Metrics()
        self.tokens: TokenCache = TokenCache(AccessTokens(ledger), settings.token_cache_seconds)
        self.models: ReadModels = ReadModels(ledger)
        self.follower: ReadModelFollower = ReadModelFollower(self.models)
        self.stream_timings: StreamTimings = StreamTimings(
            heartbeat_seconds=settings.heartbeat_seconds, stalled_seconds=settings.stalled_seconds
        )
        self.tail: Tail = Tail(
            EventLog(ledger), poll_seconds=1.0 if notifies_commits(ledger) else 0.25
        )
        self._listener = (
            CommitListener(ledger, self._on_commit) if notifies_commits(ledger) else None
        )
        self.submitter: GroupedSubmission = GroupedSubmission(ledger, listener=self._on_own_commit)
        self._deliveries = None if ledger.read_only or ledger.is_fed else Deliveries(
            ledger, self.submitter.submit, webhooks=settings.deliver_webhooks,
            notices=settings.deliver_notices, are_caught_up=lambda: self.follower.is_caught_up,
        )
        self.overviews: ExpiringCache[Mapping[str, Any]] = ExpiringCache(
            OVERVIEW_SECONDS, MOST_OVERVIEWS
        )
        self.closing: asyncio.Event = asyncio.Event()
        # Questions about the past look at more than those about now, which must not wait for them.
        self._questions = self._lane("question", settings.question_threads)
        self._past_questions = self._lane("past-question", _PAST_THREADS)
        # One thread, because folding the log takes a core for as long as a rebuild, and its scratch
        # database serves the next question too. That is done where the database cannot be written.
        self._folding_questions = self._lane("folding-question", 1)
        self._past_models = ReadModels(ledger, self.models.moments)
        self.body_threads: ThreadPoolExecutor = ThreadPoolExecutor(2, "body")
        self.page_threads: ThreadPoolExecutor = ThreadPoolExecutor(2, "page")
        # As many as uploads are allowed: one that waits for its client must not delay another.
        self.upload_threads: ThreadPoolExecutor = ThreadPoolExecutor(
            settings.most_uploads, "upload"
        )
        self.uploads: ConcurrencyLimit = ConcurrencyLimit(
            "uploads", settings.most_uploads, settings.most_uploads_of_one
        )
        self.event_streams: ConcurrencyLimit = ConcurrencyLimit(
            "streams", settings.most_streams, settings.most_streams_of_one
        )

    @property
    def mails_customers(self) -> bool:
        """Whether customers get notices by e-mail, so that one can be asked for."""
        return self._deliveries is not None and self._deliveries.mails_customers

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

    def _lane(self, name: str, threads: int) -> QuestionThreads:
        return QuestionThreads(
            name, threads, busy_seconds=self.settings.busy_seconds,
            question_seconds=self.settings.question_seconds,
        )

    async def ask(
        self, question: Callable[[ReadModels], T], *, past: bool = False,
        receive: Receive | None = None,
    ) -> T:
        """Answer a question in a thread of its kind: about now, or about the past.

        With ``receive`` it is cancelled when its client goes. Raises a problem:
        ``read_models_behind`` (503) while they are not caught up, ``busy`` (503) when no thread
        becomes free in time, and ``question_too_long`` (503) when the question takes too long and
        is cancelled.
        """
        await self.require_read_models()
        if self.ledger.read_only:
            return await self._folding_questions.answer(
                question, self._past_models, receive=receive
            )
        if past:
            return await self._past_questions.answer(question, self._past_models, receive=receive)
        return await self._questions.answer(question, self.models, receive=receive)

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
        return await self._questions.answer(work, *arguments)

    async def require_read_models(self) -> None:
        """Wait a moment until the read models are caught up for the first time.

        Raises a problem (503): ``read_models_behind`` when it takes longer, at once where that is
        known, and ``read_models_stopped`` when they never will be.
        """
        if self.follower.is_caught_up:
            return
        if not await self.follower.wait_for(0, self.settings.at_least_seconds):
            raise self.read_models_behind()

    def read_models_behind(self) -> Problem:
        """Return the problem of read models that are not caught up, with how far they are."""
        if self.follower.has_failed:
            return Problem(
                503, "read_models_stopped", "The read models follow the log no more, because of an "
                "error that the service has logged. Commands are recorded; start the service anew.",
            )
        standing = self.follower.standing
        left = standing.seconds_left
        return Problem(
            503, "read_models_behind",
            f"What questions are answered from is being brought up to date: {standing.sentence}. "
            "Commands are recorded meanwhile; ask again then.",
            headers={"Retry-After": str(min(left or 1, _LONGEST_RETRY_SECONDS))},
            details=standing.as_json(),
        )

    async def wait_for_read_models(self, position: int) -> None:
        """Wait until the read models are at a position.

        Raises a problem: ``unknown_position`` (409) when the log ends before it, and
        ``read_models_behind`` (503) when it takes too long.
        """
        await self.require_read_models()
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
        for threads in (self.upload_threads, self.body_threads, self.page_threads):
            threads.shutdown(cancel_futures=True)
        for lane in (self._questions, self._past_questions, self._folding_questions):
            lane.shutdown()
        self.ledger.close()


def service_of(connection: HTTPConnection) -> Service:
    """Return the service that a request was sent to."""
    return cast(Service, connection.app.state.service)
