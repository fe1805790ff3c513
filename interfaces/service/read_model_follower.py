"""The follower of the log: keeps the read models caught up, so that no question has to.

It runs in a thread of its own, is woken after each commit of this process, and polls for commits of
other processes. Several processes may follow the same log; where read models have to be rebuilt
first, one of them does, and the others wait for it.
"""

import asyncio
from threading import Event, Thread
from time import monotonic

import structlog

from stocktrail.ledger.store import StorageError
from stocktrail.ledger.store.log_reading import MAX_POSITION
from stocktrail.projections import ReadModels
from stocktrail.projections.catching_up import CatchingUp, Pace

POLL_SECONDS = 1.0
"""How long the follower sleeps at most before it looks at the log."""

DUTY_CYCLE = 0.1
"""The share of the time that it works at most while nobody waits: writers go first, and rows that
are touched often are written once."""


class FollowerClosed(Exception):
    """Ends the work of a follower between two batches, because it was closed."""


class ReadModelFollower:
    """Keeps the read models caught up, and lets callers wait for a position.

    ``is_caught_up`` says whether they came to the end of the log once since this process began;
    until then questions should not be answered, and ``standing`` is how far they are.
    """

    def __init__(self, models: ReadModels) -> None:
        self._models = models
        self._wake = Event()
        self._hurry = Event()
        self._awaited = 0
        self._closed = False
        self._waiting: dict[asyncio.Event, asyncio.AbstractEventLoop] = {}
        self._log = structlog.get_logger("read_model_follower")
        self.position: int = 0
        self.is_caught_up: bool = False
        self.standing: CatchingUp = CatchingUp(0, 0)
        self._pace = Pace()
        self._thread = Thread(target=self._run, name="read-model-follower", daemon=True)
        self._thread.start()

    @property
    def has_failed(self) -> bool:
        """Whether an error has stopped it: then the read models stay where they are."""
        return not self._closed and not self._thread.is_alive()

    def wake(self, position: int = MAX_POSITION) -> None:
        """Wake it, because the log has grown up to a position; may be called from any thread."""
        if position > self.position:
            self._wake.set()

    async def wait_for(self, position: int, seconds: float) -> bool:
        """Wait until the read models are caught up, and at a position.

        Returns whether they came there in time; ``False`` at once when that is not to be expected.
        """
        if self._is_at(position):
            return True
        moved = asyncio.Event()
        self._waiting[moved] = asyncio.get_running_loop()
        self._awaited = max(self._awaited, position)
        self._hurry.set()
        self.wake()
        try:
            async with asyncio.timeout(seconds):
                while not self._is_at(position):
                    if self._needs_more_than(seconds):
                        return False
                    await moved.wait()
                    moved.clear()
        except TimeoutError:
            return False
        finally:
            del self._waiting[moved]
        return True

    def _is_at(self, position: int) -> bool:
        return self.is_caught_up and self.position >= position

    def _needs_more_than(self, seconds: float) -> bool:
        """Return whether catching up for the first time is not to be waited for."""
        left = self.standing.seconds_left
        return self.has_failed or (
            not self.is_caught_up and left is not None and left > max(seconds, 1)
        )

    def close(self) -> None:
        """Stop after the current batch; the next process to open the ledger folds the rest."""
        self._closed = True
        self._hurry.set()
        self.wake()
        self._thread.join()

    def _run(self) -> None:
        while not self._closed:
            began = monotonic()
            self._pace = Pace()
            try:
                self.position = self._models.catch_up(self._reach, self._see)
                self.is_caught_up = True
            except FollowerClosed:
                return
            except StorageError as error:
                self._log.warning("read_models_behind", code=error.code, detail=error.message)
            except Exception:
                self._log.exception("read_models_stopped")
                raise
            finally:
                self._tell_waiting()
            self._pause(monotonic() - began)
            self._wake.wait(POLL_SECONDS)
            self._wake.clear()

    def _reach(self, position: int, goal: int) -> None:
        """Take note of how far this process is, which folds them."""
        self._see(self._pace.reach(position, goal))

    def _see(self, standing: CatchingUp) -> None:
        """Take note of how far they are, whoever folds them; ends the work when closed."""
        if self._closed:
            raise FollowerClosed
        self.standing = standing
        if not self.is_caught_up:
            self._tell_waiting()

    def _tell_waiting(self) -> None:
        for moved, loop in list(self._waiting.items()):
            loop.call_soon_threadsafe(moved.set)

    def _pause(self, worked: float) -> None:
        """Leave the database to writers for a while, unless somebody waits."""
        until = monotonic() + min(worked / DUTY_CYCLE, POLL_SECONDS)
        while (left := until - monotonic()) > 0:
            if self._closed or self.position < self._awaited:
                return
            self._hurry.wait(left)
            self._hurry.clear()
