"""The worker that sends notices: each is read from the log and sent to the mail server once.

A server that cannot be reached, or asks to try later, is retried with growing pauses over three
days. What it refuses is not retried.
"""

import asyncio
import logging
import random
from collections.abc import Callable
from contextlib import suppress
from typing import Any, cast

from stocktrail.commands.scripts.submission import submit_one
from stocktrail.feeds.delivery_store import AnotherWorker
from stocktrail.feeds.event_log import CursorBeyondLog
from stocktrail.feeds.notices.due import DueNotice, Kind, content_of, notices_between
from stocktrail.feeds.notices.mail import MailServer, SendResult
from stocktrail.feeds.notices.recipients import AddressBook
from stocktrail.feeds.notices.store import NoticeStore
from stocktrail.feeds.notices.telling import tellings_of
from stocktrail.feeds.notices.writing import NoticeWriter
from stocktrail.feeds.settings import NoticeSettings
from stocktrail.feeds.waiting import wait_at_most
from stocktrail.feeds.webhooks.back_off import JitterSource, wait_after
from stocktrail.feeds.webhooks.worker import Submit
from stocktrail.ledger.store import Ledger, StorageError
from stocktrail.ledger.store.engine.decided import system_clock
from stocktrail.projections import ReadModels

LOOK_SECONDS = 1.0
POSITIONS_AT_ONCE = 5000
NO_NEWS = "There is no news any more: they were told, or the promise is as they know it."
_LOG = logging.getLogger(__name__)


class SettingsMissing(Exception):
    """Notices cannot be sent because a setting is missing."""

    code = "settings_missing"

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class NoticeWorker:
    """Sends the notices of one ledger.

    The first time it starts at the end of the log, or ``after`` a position, so that nobody gets the
    notices of years at once. ``submit`` records the commands that say who was told; the default
    uses the ledger's writer, which no other thread may use then. Raises :class:`SettingsMissing`
    when no sender address is set.
    """

    def __init__(
        self, ledger: Ledger, settings: NoticeSettings, *, after: int | None = None,
        clock: Callable[[], int] = system_clock, jitter: JitterSource = random.random,
        submit: Submit | None = None,
    ) -> None:
        if settings.notices_from is None:
            raise SettingsMissing(
                "Say with STOCKTRAIL_NOTICES_FROM which address notices come from, such as "
                "shop@example.org."
            )
        password = settings.smtp_password
        self._server = MailServer(
            settings.smtp_host, settings.smtp_port, settings.smtp_security, settings.smtp_user,
            None if password is None else password.get_secret_value(), settings.smtp_seconds,
        )
        try:
            self._writing = NoticeWriter(
                settings.notices_shop, settings.notices_from, settings.notices_templates
            )
            self._book = AddressBook(
                ledger, settings.notices_to, customers=settings.notices_to_customers
            )
        except ValueError as error:
            raise SettingsMissing(f"STOCKTRAIL_NOTICES_*: {error}.") from None
        self._ledger = ledger
        self._models = ReadModels(ledger)
        self._record = NoticeStore(ledger)
        self._after = after
        self._clock = clock
        self._jitter = jitter
        self._submit = submit or (lambda command: submit_one(ledger, command))

    async def until_idle(self) -> None:
        """Send everything that is due now.

        Raises :class:`~stocktrail.feeds.delivery_store.AnotherWorker` while another process sends.
        """
        await asyncio.to_thread(self._record.store.acquire_lease, self._clock())
        try:
            await asyncio.to_thread(self._record.settle, self._clock())
            await asyncio.to_thread(self.work)
        finally:
            await asyncio.to_thread(self._record.store.release_lease)

    async def run(self, stop: asyncio.Event) -> None:
        """Send notices until told to stop, and wait while another process holds the lease."""
        is_mine = False
        while not stop.is_set():
            try:
                await asyncio.to_thread(self._record.store.acquire_lease, self._clock())
                if not is_mine:
                    await asyncio.to_thread(self._record.settle, self._clock())
                    is_mine = True
                await asyncio.to_thread(self.work, stop)
            except AnotherWorker:
                is_mine = False
            except (StorageError, CursorBeyondLog) as error:
                _LOG.warning("Notices wait: %s", error.message)
            await wait_at_most(stop, LOOK_SECONDS)
        if is_mine:
            with suppress(StorageError):
                await asyncio.to_thread(self._record.store.release_lease)

    def work(self, stop: asyncio.Event | None = None) -> None:
        """Queue the notices of new events, and send those that are due."""
        self._take_in()
        while due := self._record.due(self._clock()):
            for row in due:
                if stop is not None and stop.is_set():
                    return
                self._record.store.acquire_lease(self._clock())
                self._send(row)

    def _take_in(self) -> None:
        head = self._models.catch_up()
        position = self._record.position(head if self._after is None else self._after)
        if position > head:
            raise CursorBeyondLog(position, head)
        while position < head:
            until = min(position + POSITIONS_AT_ONCE, head)
            found = notices_between(self._models, position, until)
            self._record.take_in(found, until)
            position = until

    def _send(self, row: dict[str, Any]) -> None:
        notice = DueNotice(cast(Kind, row["kind"]), row["position"], row["about"], row["customer"])
        found = self._book.of(notice)
        now = self._clock()
        if found.nobody_because is not None:
            self._record.change(
                row, state="skipped", settled_at=now, reason=found.nobody_because
            )
            return
        content = content_of(self._models, notice)
        if notice.kind == "promise" and not content["lines"]:
            self._record.change(row, state="skipped", settled_at=now, reason=NO_NEWS)
            return
        message = self._writing.write(notice, content, found.to, found.name, now)
        self._record.change(row, state="sending", attempts=row["attempts"] + 1)
        handed = self._server.send(message, found.to)
        self._record.change(row, **self._after_handing(handed, row["attempts"]))
        if handed.fate == "sent":
            for command in tellings_of(notice, content):
                self._submit(command)

    def _after_handing(self, handed: SendResult, attempts: int) -> dict[str, Any]:
        now = self._clock()
        wait = wait_after(attempts, self._jitter)
        if handed.fate == "later" and wait is not None:
            return {"state": "waiting", "next_at": now + wait, "reason": handed.reason}
        state = "refused" if handed.fate == "later" else handed.fate
        return {"state": state, "settled_at": now, "reason": handed.reason}
