"""Deliveries in the background of the service: webhooks, and notices by e-mail if configured.

They run in a thread with an event loop of their own, so that a slow receiver delays no request.
Several processes may serve one ledger: one of them delivers, and another takes over when it ends.
"""

import asyncio
from collections.abc import Awaitable, Callable
from threading import Event, Thread

import structlog

from stocktrail.feeds.notices.worker import NoticeWorker
from stocktrail.feeds.settings import NoticeSettings, WebhookSettings
from stocktrail.feeds.waiting import wait_at_most
from stocktrail.feeds.webhooks.worker import Submit, WebhookWorker
from stocktrail.ledger.store import Ledger

_LOOK_SECONDS = 0.25

RunUntil = Callable[[asyncio.Event], Awaitable[None]]
"""The loop of a worker, which ends when the event is set."""


class Deliveries:
    """Delivers until closed.

    ``submit`` records the command that disables a webhook that is gone, and those that say whom a
    notice told. ``mails_customers`` says whether customers get notices at all.
    Notices follow from read models: they wait until those ``are_caught_up``.

    Raises :class:`~stocktrail.feeds.stated_settings.BadSettings` and
    :class:`~stocktrail.feeds.notices.worker.SettingsMissing` for wrong settings.
    """

    def __init__(
        self, ledger: Ledger, submit: Submit, *, webhooks: bool, notices: bool,
        are_caught_up: Callable[[], bool],
    ) -> None:
        self._are_caught_up = are_caught_up
        self._workers: list[RunUntil] = []
        self._stop = asyncio.Event()
        self._has_begun = Event()
        self._log = structlog.get_logger("deliveries")
        if webhooks:
            settings = WebhookSettings.read()
            self._workers.append(WebhookWorker(
                ledger, limits=settings.limits(), at_once=settings.at_once, submit=submit
            ).run)
        sender = NoticeSettings.read()
        self.mails_customers: bool = sender.notices_from is not None and sender.notices_to_customers
        if notices and sender.notices_from is not None:
            notices_by_mail = NoticeWorker(ledger, sender, submit=submit)
            self._workers.append(self._once_caught_up(notices_by_mail.run))
        self._thread = Thread(target=self._run, name="deliveries", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Finish what is being sent, and let another process deliver."""
        self._has_begun.wait()
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._stop.set)
            self._thread.join()

    def _once_caught_up(self, run: RunUntil) -> RunUntil:
        async def waiting(stop: asyncio.Event) -> None:
            while not self._are_caught_up() and not stop.is_set():
                await wait_at_most(stop, _LOOK_SECONDS)
            await run(stop)

        return waiting

    def _run(self) -> None:
        asyncio.run(self._deliver())

    async def _deliver(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._has_begun.set()
        ended = await asyncio.gather(
            self._stop.wait(), *(run(self._stop) for run in self._workers), return_exceptions=True
        )
        for error in ended:
            if isinstance(error, BaseException):
                self._log.error("deliveries_ended", exc_info=error)
