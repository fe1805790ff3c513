"""The backlog of a webhook: events read from the log, stored until delivered or given up."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from stocktrail.feeds.delivery_store import DeliveryStore
from stocktrail.feeds.event_log import EventLog, EventPage
from stocktrail.feeds.selection import Selection, select
from stocktrail.feeds.webhooks.back_off import MAX_WAIT
from stocktrail.feeds.webhooks.ordered_queues import QueuedEvent
from stocktrail.feeds.webhooks.sending import Answer
from stocktrail.feeds.webhooks.tables import ATTEMPT, CURSOR, REPLAY, SECRET, TABLES, WAITING
from stocktrail.ledger.store.tables import Cursor
from stocktrail.ledger.webhook import WebhookCreated

EVENTS_AT_ONCE = 500
WHOLE_LOG = "*"
"""The queue of all events, for a webhook that wants them strictly in order."""


@dataclass(frozen=True, slots=True)
class DeliveryAttempt:
    """The result of one attempt, and what follows: ``delivered``, ``failed`` or ``parked``."""

    waiting: QueuedEvent
    attempt: int
    sent_at: int
    answer: Answer
    outcome: str
    next_at: int = 0


@dataclass(frozen=True, slots=True)
class CursorState:
    """How far a webhook has read the log."""

    position: int
    number: int
    not_before: int = 0


class Backlog:
    """The stored backlog of one webhook. Only the worker that holds the lease changes it.

    ``version`` is that of the webhook's stream at which it was created: a webhook that is created
    again starts from the beginning.
    """

    def __init__(
        self, store: DeliveryStore, log: EventLog, terms: WebhookCreated, version: int
    ) -> None:
        self._store = store
        self._log = log
        self._webhook = terms.webhook
        self._terms = terms
        self._version = version
        self._selection: Selection = select(terms.types, terms.subject)
        self._state = CursorState(terms.after, 0)

    @property
    def not_before(self) -> int:
        """Before this instant the receiver does not want another request."""
        return self._state.not_before

    def load(self, now: int) -> list[QueuedEvent]:
        """Load the queued events, and where to go on; nothing after it was created again.

        What would wait longer than it can have to is due: the clock was ahead when it was stored.
        """
        with self._store.writing_as_leader() as cursor:
            found = CURSOR.rows(cursor, "WHERE webhook = :webhook", webhook=self._webhook)
            if not found or found[0]["created_version"] != self._version:
                forget(cursor, self._webhook, with_secrets=False)
                self._move(cursor, self._state)
                return []
            row = found[0]
            self._state = CursorState(
                row["position"], row["number"], _plausible(row["not_before"], now, MAX_WAIT)
            )
            rows = WAITING.rows(
                cursor, "WHERE webhook = :webhook AND state = 'waiting' ORDER BY number",
                webhook=self._webhook,
            )
        return [
            QueuedEvent(
                row["number"], row["position"], row["lane"], row["kind"], row["attempts"],
                _plausible(row["next_at"], now, MAX_WAIT if row["attempts"] else 0),
            )
            for row in rows
        ]

    def take_in(self, now: int) -> tuple[list[QueuedEvent], bool]:
        """Read the next events of the log, or of a range to replay; return whether there are more.

        Queueing the events and moving the cursor is one transaction. Raises
        :class:`~stocktrail.feeds.event_log.CursorBeyondLog` if the log was replaced by an older
        one.
        """
        replays = self._replays()
        if replays:
            return self._replay(replays[0], now), True
        page = self._log.page(self._state.position, EVENTS_AT_ONCE, self._selection)
        if page.position == self._state.position:
            return [], False
        taken = self._waiting(page, "event", now)
        with self._store.writing_as_leader() as cursor:
            self._keep(cursor, taken, replace(self._state, position=page.position))
        return taken, page.closed

    def body(self, position: int) -> bytes:
        """Return the event at a position as it is sent."""
        (event,) = self._log.page(position - 1, 1).events
        return event.body

    def record(self, attempts: Sequence[DeliveryAttempt], not_before: int | None = None) -> None:
        """Record attempts: delivered events leave the backlog, those given up are parked."""
        with self._store.writing_as_leader() as cursor:
            ATTEMPT.put_rows(cursor, (attempt_row(self._webhook, each) for each in attempts))
            WAITING.take_out_rows(cursor, (
                {"webhook": self._webhook, "number": each.waiting.number}
                for each in attempts if each.outcome == "delivered"
            ))
            WAITING.put_rows(cursor, (
                self._row(each.waiting, each.attempt, each.next_at,
                          "parked" if each.outcome == "parked" else "waiting")
                for each in attempts if each.outcome != "delivered"
            ))
            if not_before is not None:
                self._move(cursor, replace(self._state, not_before=not_before))

    def begin_again(self) -> None:
        """Make every queued event due at once, with its attempts reset."""
        with self._store.writing_as_leader() as cursor:
            cursor.execute(
                f"UPDATE {WAITING.name} SET attempts = 0, next_at = 0 "
                "WHERE webhook = :webhook AND state = 'waiting'", {"webhook": self._webhook},
            )
            self._move(cursor, replace(self._state, not_before=0))

    # ------------------------------------------------------------------ taking in

    def _replays(self) -> list[Any]:
        with self._store.reading() as cursor:
            return REPLAY.rows(
                cursor, "WHERE webhook = :webhook ORDER BY replay", webhook=self._webhook
            )

    def _replay(self, row: Any, now: int) -> list[QueuedEvent]:
        page = self._log.page(row["position"], EVENTS_AT_ONCE, self._selection)
        within = tuple(event for event in page.events if event.position <= row["stop"])
        taken = self._waiting(replace(page, events=within), "replay", now)
        with self._store.writing_as_leader() as cursor:
            self._keep(cursor, taken, self._state)
            if page.position >= row["stop"] or not page.closed:
                REPLAY.take_out_rows(cursor, [row])
            else:
                REPLAY.put_rows(cursor, [{**row, "position": page.position}])
        return taken

    def _waiting(self, page: EventPage, kind: str, now: int) -> list[QueuedEvent]:
        first = self._state.number + 1
        return [
            QueuedEvent(
                number, event.position, WHOLE_LOG if self._terms.whole_log else event.subject,
                kind, 0, now, event.body,
            )
            for number, event in enumerate(page.events, start=first)
        ]

    def _keep(self, cursor: Cursor, taken: Sequence[QueuedEvent], state: CursorState) -> None:
        WAITING.put_rows(cursor, (self._row(each, 0, each.next_at, "waiting") for each in taken))
        self._move(cursor, replace(state, number=state.number + len(taken)))

    def _move(self, cursor: Cursor, state: CursorState) -> None:
        CURSOR.put_rows(cursor, [{
            "webhook": self._webhook, "created_version": self._version,
            "position": state.position, "number": state.number,
            "not_before": state.not_before,
        }])
        self._state = state

    def _row(self, waiting: QueuedEvent, attempts: int, next_at: int, state: str) -> dict[str, Any]:
        return {
            "webhook": self._webhook, "number": waiting.number, "position": waiting.position,
            "lane": waiting.queue, "kind": waiting.kind, "state": state, "attempts": attempts,
            "next_at": next_at,
        }


def _plausible(due_at: int, now: int, longest: int) -> int:
    """Return when something is due: now, where that would be later than can have been meant."""
    return due_at if due_at <= now + longest else now


def attempt_row(webhook: str, attempt: DeliveryAttempt) -> dict[str, Any]:
    """Return one attempt as a row of the delivery log."""
    return {
        "webhook": webhook, "number": attempt.waiting.number, "attempt": attempt.attempt,
        "position": attempt.waiting.position, "kind": attempt.waiting.kind,
        "outcome": attempt.outcome,
        "sent_at": attempt.sent_at, "status": attempt.answer.status,
        "milliseconds": attempt.answer.milliseconds, "error": attempt.answer.error,
    }


def forget(cursor: Cursor, webhook: str, *, with_secrets: bool = True) -> None:
    """Delete all rows of a webhook that was deleted."""
    for table in TABLES:
        if table is not SECRET or with_secrets:
            cursor.execute(f"DELETE FROM {table.name} WHERE webhook = :webhook",
                           {"webhook": webhook})
