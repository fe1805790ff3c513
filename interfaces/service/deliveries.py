"""Deliveries beside the service: webhooks, and notices by e-mail where a sender is set.

They run in a thread and a loop of their own, so that no receiver holds up a request. Several
processes of one ledger may do so: one at a time delivers, and another takes over when it ends.
"""

import asyncio
from collections.abc import Awaitable, Callable
from threading import Event, Thread

import structlog

from stocktrail.feeds.notices.worker import NoticeWorker
from stocktrail.feeds.settings import NoticeSettings, WebhookSettings
from stocktrail.feeds.webhooks.worker import Submit, WebhookWorker
from stocktrail.ledger.store import Ledger

UnitOfWork = Callable[[asyncio.Event], Awaitable[None]]


class Deliveries:
    """Delivers until closed. ``submit`` records the command that disables a receiver who is gone.

    Raises :class:`~stocktrail.feeds.stated_settings.BadSettings` and
    :class:`~stocktrail.feeds.notices.worker.SettingsMissing` for wrong settings.
    """

    def __init__(self, ledger: Ledger, submit: Submit, *, webhooks: bool, notices: bool) -> None:
        self._works: list[UnitOfWork] = []
        self._stop = asyncio.Event()
        self._begun = Event()
        self._log = structlog.get_logger("deliveries")
        if webhooks:
            settings = WebhookSettings.read()
            self._works.append(WebhookWorker(
                ledger, limits=settings.limits(), at_once=settings.at_once, submit=submit
            ).run)
        sender = NoticeSettings.read()
        if notices and sender.notices_from is not None:
            self._works.append(NoticeWorker(ledger, sender).run)
        self._thread = Thread(target=self._run, name="deliveries", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """End what is being sent, and let another process deliver."""
        self._begun.wait()
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._stop.set)
            self._thread.join()

    def _run(self) -> None:
        asyncio.run(self._deliver())

    async def _deliver(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._begun.set()
        ended = await asyncio.gather(
            self._stop.wait(), *(work(self._stop) for work in self._works), return_exceptions=True
        )
        for error in ended:
            if isinstance(error, BaseException):
                self._log.error("deliveries_ended", exc_info=error)
