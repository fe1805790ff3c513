"""The catcher: lets the read models follow the log, so that no question has to.

It works in a thread of its own: woken after each commit, and looking once a second for those of
other processes that nobody tells of. Several processes may do this at once.
"""

import asyncio
from threading import Event, Thread
from time import monotonic

import structlog

from stocktrail.ledger.store import StorageError
from stocktrail.ledger.store.application import MAX_POSITION
from stocktrail.projections import ReadModels

LOOK_SECONDS = 1.0
"""How long the catcher sleeps at most before it looks at the log."""

SHARE = 0.1
"""The share of the time that it takes at most while nobody waits: writing goes first, and rows that
are written often are folded once."""


class ReadModelFollower:
    """Keeps the read models caught up, and tells who waits how far they have come."""

    def __init__(self, models: ReadModels) -> None:
        self._models = models
        self._wake = Event()
        self._hurry = Event()
        self._wanted = 0
        self._ended = False
        self._waiting: dict[asyncio.Event, asyncio.AbstractEventLoop] = {}
        self._log = structlog.get_logger("catcher")
        self.position = models.catch_up()
        self._thread = Thread(target=self._work, name="catcher", daemon=True)
        self._thread.start()

    @property
    def has_failed(self) -> bool:
        """Whether an error has stopped it: read models follow no more, and nobody should wait."""
        return not self._ended and not self._thread.is_alive()

    def wake(self, position: int = MAX_POSITION) -> None:
        """Note that the log was written up to a position; may be called from any thread."""
        if position > self.position:
            self._wake.set()

    async def reached(self, position: int, seconds: float) -> bool:
        """Wait until the read models have come to a position; say whether they did in time."""
        if self.position >= position:
            return True
        moved = asyncio.Event()
        self._waiting[moved] = asyncio.get_running_loop()
        self._wanted = max(self._wanted, position)
        self._hurry.set()
        self.wake()
        try:
            async with asyncio.timeout(seconds):
                while self.position < position:
                    await moved.wait()
                    moved.clear()
        except TimeoutError:
            return False
        finally:
            del self._waiting[moved]
        return True

    def close(self) -> None:
        """Stop after the batch that is being folded; the rest is folded by whoever comes next."""
        self._ended = True
        self._hurry.set()
        self.wake()
        self._thread.join()

    def _work(self) -> None:
        while not self._ended:
            self._wake.wait(LOOK_SECONDS)
            self._wake.clear()
            began = monotonic()
            try:
                self.position = self._models.catch_up()
            except StorageError as error:
                self._log.warning("read_models_behind", code=error.code, detail=error.message)
            except Exception:
                self._log.exception("read_models_stopped")
                raise
            for moved, loop in list(self._waiting.items()):
                loop.call_soon_threadsafe(moved.set)
            self._rest(monotonic() - began)

    def _rest(self, worked: float) -> None:
        """Leave the database to writers for a while, unless somebody waits."""
        until = monotonic() + min(worked / SHARE, LOOK_SECONDS)
        while (left := until - monotonic()) > 0:
            if self._ended or self.position < self._wanted:
                return
            self._hurry.wait(left)
            self._hurry.clear()
