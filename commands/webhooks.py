"""Commands about webhooks: which address is sent which events."""

from typing import Annotated, ClassVar, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from stocktrail.commands.fields import Key, LogPosition, Text
from stocktrail.commands.model import Body, Command
from stocktrail.ledger.base.decision import Decision
from stocktrail.ledger.catalogue import CATALOGUE
from stocktrail.ledger.store.engine.unit_of_work import UnitOfWork
from stocktrail.ledger.webhook import Webhook

__all__ = ["CreateWebhook", "DeleteWebhook", "DisableWebhook", "EnableWebhook"]

LOOPBACK_HOSTS = frozenset(("localhost", "127.0.0.1", "::1"))
"""Hosts that are this machine, whatever a name server says; only they may be called in the open."""

MAX_TYPES = 100
"""Types of events that one webhook may name."""


def _target(url: str) -> str:
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError as error:
        raise PydanticCustomError("bad_url", "must be a URL: {why}", {"why": str(error)}) from None
    open_to_itself = parts.scheme == "http" and host in LOOPBACK_HOSTS
    if not host or not (parts.scheme == "https" or open_to_itself):
        raise PydanticCustomError(
            "bad_url", "must begin with https://, or with http:// for this machine (localhost)"
        )
    if parts.username is not None or parts.password is not None or parts.fragment:
        raise PydanticCustomError(
            "bad_url", "must name no user, password or fragment: URLs are kept in the log"
        )
    if not url.isascii() or any(mark <= " " or mark == "\x7f" for mark in url):
        raise PydanticCustomError("bad_url", "must be in ASCII, without spaces")
    return url


Target = Annotated[
    str, StringConstraints(min_length=1, max_length=2000), AfterValidator(_target)
]
"""Where events are sent: https, or http on this machine."""


class _WebhookCommand(Command):
    webhook: Key = Field(description="The webhook.")

    def stream(self) -> str:
        return Webhook.stream_of(self.webhook)


class CreateWebhook(_WebhookCommand):
    """Subscribe an address to events: signed, in order and at least once."""

    command: ClassVar[str] = "create-webhook"
    example: ClassVar[Body] = {
        "webhook": "erp", "url": "https://erp.example/hook", "types": ["StockReceived"],
        "subject": "stock/*",
    }

    url: Target = Field(description="Where events are sent: https, or http on this machine.")
    types: Annotated[list[Key], Field(min_length=1, max_length=MAX_TYPES)] | None = Field(
        default=None, description="Types such as OrderPlaced; default: all."
    )
    subject: Key | None = Field(
        default=None, description="One stream, such as order/SO-1, or all that begin so: stock/*."
    )
    after: LogPosition | None = Field(
        default=None, description="Events above this position; default: those still to come."
    )
    whole_log: bool | None = Field(
        default=None, description="One event after the other; default: in order for each subject."
    )

    @model_validator(mode="after")
    def _pattern(self) -> Self:
        if self.subject is not None and "*" in self.subject[:-1]:
            raise PydanticCustomError("bad_subject", "subject: may only end with *")
        return self

    def decide(self, work: UnitOfWork) -> Decision:
        """Create the webhook."""
        webhook = work.webhook(self.webhook)
        return Decision.about(webhook, webhook.create(
            self.url, self.types or (), self.subject, self.after, whole_log=bool(self.whole_log),
            known_types=CATALOGUE.names(), head=work.position,
        ))


class DeleteWebhook(_WebhookCommand):
    """Unsubscribe an address; nothing more is sent to it."""

    command: ClassVar[str] = "delete-webhook"
    example: ClassVar[Body] = {"webhook": "old", "reason": "no longer needed"}
    example_needs: ClassVar[Body] = {
        "command": "create-webhook", "webhook": "old", "url": "https://old.example/hook",
    }

    reason: Text | None = Field(default=None, description="Why.")

    def decide(self, work: UnitOfWork) -> Decision:
        """Delete the webhook."""
        webhook = work.webhook(self.webhook)
        return Decision.about(webhook, webhook.delete(self.reason))


class DisableWebhook(_WebhookCommand):
    """Stop the deliveries of a webhook until it is enabled; nothing is lost meanwhile."""

    command: ClassVar[str] = "disable-webhook"
    example: ClassVar[Body] = {"webhook": "erp", "reason": "the receiver moves"}

    reason: Text = Field(description="Why.")

    def decide(self, work: UnitOfWork) -> Decision:
        """Stop deliveries."""
        webhook = work.webhook(self.webhook)
        return Decision.about(webhook, webhook.disable(self.reason))


class EnableWebhook(_WebhookCommand):
    """Let the deliveries of a webhook go on where they stopped."""

    command: ClassVar[str] = "enable-webhook"
    example: ClassVar[Body] = {"webhook": "erp"}

    def decide(self, work: UnitOfWork) -> Decision:
        """Let deliveries go on."""
        webhook = work.webhook(self.webhook)
        return Decision.about(webhook, webhook.enable())
