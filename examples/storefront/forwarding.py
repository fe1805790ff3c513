"""From the inbox to the ledger: each delivery is translated, and its commands are sent."""

import json
import logging
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from threading import Event

from examples.storefront.inbox import Inbox, ReceivedWebhook
from examples.storefront.ledger import CommandOutcome, LedgerClient
from examples.storefront.translation import (
    CommandStep,
    NotKnownYet,
    Payload,
    Platform,
    Translation,
    Unreadable,
)
from examples.storefront.web import TryLater

LOG = logging.getLogger(__name__)
BROUGHT = CommandOutcome(False, "already_exists", "An import has brought it.")


class Forwarder:
    """Sends what the inbox holds, in the order in which it came, as often as is needed.

    What occurred before ``since`` is not sent: an import has brought it.
    """

    def __init__(
        self, platform: Platform, inbox: Inbox, ledger: LedgerClient,
        since: datetime | None = None,
    ) -> None:
        self._platform = platform
        self._inbox = inbox
        self._ledger = ledger
        self._since = since

    def forward(self) -> None:
        """Do what is due, and what becomes due by that, unless somebody is away."""
        while due := self._inbox.due():
            for delivery in due:
                try:
                    self._forward_one(delivery)
                except TryLater as error:
                    told = f"It waits: {error.why}."
                    self._inbox.wait(delivery, delivery.about, told, error.seconds)
                    LOG.warning("Delivery %d (%s): %s", delivery.number, delivery.topic, told)
                    return

    def run(self, stop: Event, every_seconds: float = 1.0) -> None:
        """Forward until told to stop."""
        while not stop.is_set():
            self.forward()
            stop.wait(every_seconds)

    def _forward_one(self, delivery: ReceivedWebhook) -> None:
        try:
            payload = _payload(delivery.body)
            found = self._platform.translate(delivery.topic, payload, self._inbox)
        except Unreadable as error:
            self._inbox.give_up(delivery, f"It cannot be read: {error}.")
        except (ArithmeticError, AttributeError, TypeError, ValueError) as error:
            self._inbox.give_up(delivery, f"It is not of the documented shape: {error}.")
        except NotKnownYet as error:
            about = f"order {payload.get('order_id') or payload.get('id')}"
            self._inbox.wait(delivery, about, f"It waits: {error}.")
        else:
            refusal = self._send(found, delivery.attempt)
            if refusal is None:
                skus = [step.fields["sku"] for step in found.steps if "sku" in step.fields]
                self._inbox.done(delivery, found.about, " ".join(found.remarks), skus)
            else:
                self._inbox.wait(delivery, found.about, refusal)
                LOG.warning("Delivery %d (%s): %s", delivery.number, delivery.topic, refusal)

    def _send(self, found: Translation, attempt: int) -> str | None:
        """Send what is not recorded yet; return why the delivery has to wait, if it has to."""
        for step in found.steps:
            if self._inbox.was_recorded(step.id):
                continue
            outcome = BROUGHT if self._is_brought(step) else self._ledger.send(
                step.command, step.fields, _id_of(step, attempt)
            )
            if step.command == "place-order" and outcome.code == "already_exists":
                unsafe = self._why_unsafe(step)
                if unsafe is not None:
                    return unsafe
                self._inbox.keep_recorded(step.id)
            elif outcome.recorded or outcome.code in step.settled_by or outcome is BROUGHT:
                self._inbox.keep_recorded(step.id)
            elif outcome.code in ("already_exists", "conflict"):
                found.remarks.append(f"Changed after it was recorded: {outcome.message}")
            else:
                return f"{step.command} was refused ({outcome.code}): {outcome.message}"
        return None

    def _is_brought(self, step: CommandStep) -> bool:
        """Return whether a step occurred before what this adapter is to send."""
        at = step.fields.get("occurred_at")
        if self._since is None or at is None:
            return False
        try:
            return moment_of(str(at)) < self._since
        except ValueError:
            return False             # the ledger says what is wrong with it

    def _why_unsafe(self, step: CommandStep) -> str | None:
        """Return why nothing may be sent about an order that was imported, if nothing may."""
        if self._since is None:
            return (
                f"Order {step.fields['order']} came to the ledger another way: say by --since "
                "what an import has brought, or its shipments would count twice."
            )
        told = {each["line"]: each["sku"] for each in step.fields["lines"]}
        held = self._ledger.lines(step.fields["order"])
        other = [f"{sku} on line {line}" for line, sku in held.items() if told.get(line) != sku]
        if not other:
            return None
        return f"Order {step.fields['order']} has {', '.join(other)} in the ledger, not here."


def moment_of(written: str) -> datetime:
    """Return a moment that is written in ISO 8601; without an offset it is UTC.

    >>> moment_of("2026-03-01T09:00:00-05:00") == moment_of("2026-03-01T14:00:00")
    True
    """
    found = datetime.fromisoformat(written)
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _id_of(step: CommandStep, attempt: int) -> str:
    """Return the id of a command: a new try of what was refused needs a new one.

    That is safe: orders, shipments and refunds have ids of their own, which count once.
    """
    return step.id if attempt == 1 else f"{step.id}:{attempt}"


def _payload(body: bytes) -> Payload:
    try:
        payload = json.loads(body, parse_float=Decimal)
    except (ValueError, RecursionError):
        raise Unreadable("the body is no JSON") from None
    if not isinstance(payload, Mapping):
        raise Unreadable("the body is no JSON object")
    return payload
