"""Webhooks: which address is sent which events, and whether it is enabled.

What was sent, and the secret that signs it, are no facts of the ledger: side tables keep them.
"""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Self

import msgspec

from stocktrail.ledger.base.aggregate import Aggregate
from stocktrail.ledger.base.event import Event
from stocktrail.ledger.refusal import Refusal
from stocktrail.ledger.wording import because

# ------------------------------------------------------------------ events


class WebhookCreated(Event):
    """An address subscribed to events: of some types or all, about some subjects or all.

    It is sent what comes after a position; ``whole_log`` asks for one event after the other, not
    only for those of each subject.
    """

    webhook: str
    url: str
    types: tuple[str, ...] = ()
    subject: str | None = None
    after: int = 0
    whole_log: bool = False

    @property
    def sentence(self) -> str:
        return f"{self.url} hears of events after position {self.after}."


class WebhookDisabled(Event):
    """Nothing is delivered any more until the webhook is enabled; nothing is lost meanwhile."""

    webhook: str
    reason: str

    @property
    def sentence(self) -> str:
        return f"Deliveries were stopped{because(self.reason)}."


class WebhookEnabled(Event):
    """Delivery goes on where it stopped."""

    webhook: str

    @property
    def sentence(self) -> str:
        return "Deliveries go on."


class WebhookDeleted(Event):
    """The address unsubscribed."""

    webhook: str
    reason: str | None = None

    @property
    def sentence(self) -> str:
        return f"The webhook was deleted{because(self.reason)}."


# ------------------------------------------------------------------ state


class Webhook(Aggregate):
    """One webhook: what it asked for, and whether it is created, enabled or deleted.

    ``created_version`` is the version at which it was created last: a webhook that was deleted may
    be created again, and is then another one.
    """

    __slots__ = ("created_version", "disabled_because", "terms")

    category = "webhook"

    def __init__(self, stream: str) -> None:
        super().__init__(stream)
        self.terms: WebhookCreated | None = None
        self.created_version: int = 0
        self.disabled_because: str | None = None

    def _created(self, event: WebhookCreated) -> None:
        self.terms = event
        self.created_version = self.version
        self.disabled_because = None

    def _disabled(self, event: WebhookDisabled) -> None:
        self.disabled_because = event.reason

    def _enabled(self, event: WebhookEnabled) -> None:
        self.disabled_because = None

    def _deleted(self, event: WebhookDeleted) -> None:
        self.terms = None

    appliers: ClassVar[Mapping[type[Event], Any]] = {
        WebhookCreated: _created,
        WebhookDisabled: _disabled,
        WebhookEnabled: _enabled,
        WebhookDeleted: _deleted,
    }

    def to_state(self) -> dict[str, Any]:
        """Return the terms and the standing as JSON values."""
        return {
            "terms": None if self.terms is None else msgspec.to_builtins(self.terms),
            "created_version": self.created_version,
            "disabled_because": self.disabled_because,
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Take over the terms and the standing."""
        terms = state["terms"]
        self.terms = None if terms is None else msgspec.convert(terms, WebhookCreated)
        self.created_version = state["created_version"]
        self.disabled_because = state["disabled_because"]

    def clone(self) -> Self:
        """Copy the webhook."""
        copy = self.blank_copy()
        copy.terms = self.terms
        copy.created_version = self.created_version
        copy.disabled_because = self.disabled_because
        return copy

    @property
    def standing(self) -> str:
        """Whether the webhook is ``enabled``, ``disabled``, ``deleted`` or ``unknown``."""
        if self.terms is None:
            return "deleted" if self.version else "unknown"
        return "enabled" if self.disabled_because is None else "disabled"

    # -------------------------------------------------------------- decisions

    def require(self) -> WebhookCreated:
        """Return the terms, or refuse a webhook that is not there (any more)."""
        if self.terms is None:
            raise Refusal(
                "unknown_webhook",
                f"There is no webhook {self.key}" + (": it was deleted." if self.version else "."),
                webhook=self.key,
            )
        return self.terms

    def create(
        self, url: str, types: Sequence[str], subject: str | None, after: int | None, *,
        whole_log: bool, known_types: Sequence[str], head: int,
    ) -> list[Event]:
        """Subscribe an address to events after a position, or to those still to come.

        The same again changes nothing. Refuses with ``unknown_type`` a type of event that is none
        of the ``known_types``, with ``cursor_beyond_log`` a position that the log, which ends at
        ``head``, has not reached (until it has, every event would be passed over in silence), and
        with ``already_exists`` other terms under the same id.
        """
        for name in types:
            if name not in known_types:
                raise Refusal(
                    "unknown_type",
                    f"There is no type of event named {name}; they are {', '.join(known_types)}.",
                    type=name,
                )
        if after is None:
            after = head if self.terms is None else self.terms.after
        if self.terms is None and after > head:
            raise Refusal(
                "cursor_beyond_log",
                f"The log ends at position {head}, so nothing comes after position {after} yet. "
                "Name an earlier position, or none for the events still to come.",
                after=after, head=head,
            )
        terms = WebhookCreated(
            webhook=self.key, url=url, types=tuple(types), subject=subject, after=after,
            whole_log=whole_log,
        )
        if self.terms is None:
            return [terms]
        if self.terms == terms:
            return []
        raise Refusal(
            "already_exists",
            f"Webhook {self.key} exists with other terms. Delete it first, or choose another id.",
            webhook=self.key,
        )

    def disable(self, reason: str) -> list[Event]:
        """Stop deliveries; twice changes nothing."""
        self.require()
        if self.disabled_because is not None:
            return []
        return [WebhookDisabled(webhook=self.key, reason=reason)]

    def enable(self) -> list[Event]:
        """Let deliveries go on; twice changes nothing."""
        self.require()
        return [] if self.disabled_because is None else [WebhookEnabled(webhook=self.key)]

    def delete(self, reason: str | None) -> list[Event]:
        """End the webhook; twice changes nothing, and one that never was is refused."""
        if self.terms is None and self.version:
            return []
        self.require()
        return [WebhookDeleted(webhook=self.key, reason=reason)]
