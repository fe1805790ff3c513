"""The catcher: lets the read models follow the log, so that no question has to.

It works in a thread of its own: woken after each commit of this process, and looking once a second
for those of others. Several processes may do this at once.
"""

import asyncio
from threading import Event, Thread
from time import sleep

import structlog

from ledger.store import StorageError
from projections import ReadModels

LOOK_SECONDS = 1.0
"""How long the catcher sleeps at most before it looks at the log."""

BREATH_SECONDS = 0.05
"""How long it leaves the database to writers between two batches that nobody waits for."""


class Catcher:
    """Keeps the read models caught up, and tells who waits how far they have come."""

    def __init__(self, models: ReadModels) -> None:
        self._models = models
        self._wake = Event()
        self._wanted = 0
        self._ended = False
        self._waiting: dict[asyncio.Event, asyncio.AbstractEventLoop] = {}
        self._log = structlog.get_logger("catcher")
        self.position = models.catch_up()
        self._thread = Thread(target=self._work, name="catcher", daemon=True)
        self._thread.start()

    def wake(self) -> None:
        """Let the catcher look at the log now."""
        self._wake.set()

    async def reached(self, position: int, seconds: float) -> bool:
        """Wait until the read models have come to a position; say whether they did in time."""
        if self.position >= position:
            return True
        moved = asyncio.Event()
        self._waiting[moved] = asyncio.get_running_loop()
        self._wanted = max(self._wanted, position)
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
        self.wake()
        self._thread.join()

    def _work(self) -> None:
        while not self._ended:
            self._wake.wait(LOOK_SECONDS)
            self._wake.clear()
            if self._ended:
                return
            try:
                self.position = self._models.catch_up()
            except StorageError as error:
                self._log.warning("read_models_behind", code=error.code, detail=error.message)
            for moved, loop in list(self._waiting.items()):
                loop.call_soon_threadsafe(moved.set)
            if self.position >= self._wanted:
                sleep(BREATH_SECONDS)
