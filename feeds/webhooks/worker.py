"""The worker that delivers all webhooks of a ledger: one process at a time.

Webhooks are independent: one that fails or cannot be read does not delay the others. A receiver
that answers 410 is disabled by an event, so that everybody can see why.
"""

import asyncio
import logging
import random
from collections.abc import Callable
from contextlib import suppress
from functools import partial

from stocktrail.commands.model import Command
from stocktrail.commands.scripts.submission import submit_one
from stocktrail.commands.webhooks import DisableWebhook
from stocktrail.feeds.delivery_store import AnotherWorker, DeliveryStore
from stocktrail.feeds.event_log import CursorBeyondLog, EventLog
from stocktrail.feeds.waiting import wait_at_most
from stocktrail.feeds.webhooks.back_off import JitterSource
from stocktrail.feeds.webhooks.backlog import Backlog, forget
from stocktrail.feeds.webhooks.delivery import Clock, Delivery, ReceiverGone
from stocktrail.feeds.webhooks.secrets import signing_secrets
from stocktrail.feeds.webhooks.sending import Limits
from stocktrail.feeds.webhooks.subscriptions import (
    WebhookSubscription,
    webhook_subscriptions,
)
from stocktrail.feeds.webhooks.tables import ATTEMPT, CURSOR, TABLES
from stocktrail.ledger.store import Ledger, StorageError
from stocktrail.ledger.store.engine.decided import system_clock

WORKER = "webhooks"
LOOK_SECONDS = 1.0
"""How soon a webhook that was created, changed or deleted is noticed."""

KEEP_ATTEMPTS_MICROSECONDS = 30 * 24 * 60 * 60 * 1_000_000
SECONDS_AFTER_FAILURE = 10.0
_LOG = logging.getLogger(__name__)

Submit = Callable[[Command], object]


def delivery_store(ledger: Ledger) -> DeliveryStore:
    """Return the delivery store of webhooks."""
    return DeliveryStore(ledger, WORKER, TABLES)


class WebhookWorker:
    """Delivers the webhooks of one ledger.

    ``submit`` records the command that disables a webhook; the default uses the ledger's writer,
    which no other thread may use then.
    """

    def __init__(
        self, ledger: Ledger, *, limits: Limits | None = None, clock: Clock = system_clock,
        at_once: int = 8, jitter: JitterSource = random.random, submit: Submit | None = None,
        source: str | None = None,
    ) -> None:
        self._ledger = ledger
        self._log = EventLog(ledger, source)
        self._store = delivery_store(ledger)
        self._limits = limits or Limits()
        self._clock = clock
        self._at_once = at_once
        self._jitter = jitter
        self._submit = submit or (lambda command: submit_one(ledger, command))
        self._submitting = asyncio.Lock()
        self._running: dict[str, tuple[WebhookSubscription, asyncio.Task[None]]] = {}

    async def until_idle(self) -> None:
        """Deliver everything that is due now.

        Raises :class:`~stocktrail.feeds.delivery_store.AnotherWorker` while another process
        delivers.
        """
        await asyncio.to_thread(self._store.acquire_lease, self._clock())
        try:
            found = await asyncio.to_thread(self._enabled)
            await asyncio.gather(*(self._deliver(each, until_idle=True) for each in found))
        finally:
            await asyncio.to_thread(self._store.release_lease)

    async def run(self, stop: asyncio.Event) -> None:
        """Deliver until told to stop, and wait while another process holds the lease."""
        try:
            while not stop.is_set():
                await self._look()
                await wait_at_most(stop, LOOK_SECONDS)
        finally:
            await self._end(list(self._running))
            with suppress(StorageError):
                await asyncio.to_thread(self._store.release_lease)

    async def _look(self) -> None:
        """Start the delivery of new webhooks, and end that of changed ones."""
        try:
            await asyncio.to_thread(self._store.acquire_lease, self._clock())
            found = {each.webhook: each for each in await asyncio.to_thread(self._enabled)}
        except AnotherWorker:
            found = {}
        except StorageError as error:
            _LOG.warning("Webhooks wait: %s", error.message)
            return
        await self._end([
            webhook for webhook, (known, task) in self._running.items()
            if task.done() or found.get(webhook) != known
        ])
        for webhook, each in found.items():
            if webhook not in self._running:
                self._running[webhook] = (each, asyncio.create_task(self._deliver(each)))

    async def _end(self, webhooks: list[str]) -> None:
        tasks = [self._running.pop(webhook)[1] for webhook in webhooks]
        for task in tasks:
            task.cancel()
        for ended in await asyncio.gather(*tasks, return_exceptions=True):
            if isinstance(ended, Exception):
                _LOG.warning("A webhook begins again after %s.", type(ended).__name__)

    async def _deliver(self, each: WebhookSubscription, *, until_idle: bool = False) -> None:
        assert each.terms is not None
        delivery = Delivery(
            Backlog(self._store, self._log, each.terms, each.created_version), each.terms.url,
            partial(signing_secrets, self._store, each.webhook), self._limits, self._clock,
            self._at_once, self._jitter,
        )
        try:
            await delivery.run(until_idle=until_idle)
        except ReceiverGone:
            gone = DisableWebhook(webhook=each.webhook, reason="The receiver answered 410 Gone.")
            async with self._submitting:
                await asyncio.to_thread(self._submit, gone)
        except CursorBeyondLog as error:
            _LOG.error("Webhook %s waits: %s", each.webhook, error.message)
            if not until_idle:
                await asyncio.sleep(SECONDS_AFTER_FAILURE)

    def _enabled(self) -> list[WebhookSubscription]:
        """Return the enabled webhooks, and delete the rows of deleted ones and of old attempts."""
        found = webhook_subscriptions(self._ledger)
        with self._store.reading() as cursor:
            known = {row["webhook"] for row in CURSOR.rows(cursor)}
        deleted = [
            each.webhook for each in found if each.terms is None and each.webhook in known
        ]
        old = self._clock() - KEEP_ATTEMPTS_MICROSECONDS
        with self._store.reading() as cursor:
            too_old = ATTEMPT.rows(cursor, "WHERE sent_at < :old LIMIT 1", old=old)
        if deleted or too_old:
            with self._store.writing_as_leader() as cursor:
                for webhook in deleted:
                    forget(cursor, webhook)
                cursor.execute(f"DELETE FROM {ATTEMPT.name} WHERE sent_at < :old", {"old": old})
        return [each for each in found if each.standing == "enabled"]
