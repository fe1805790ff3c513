"""What a webhook becomes: commands for the ledger, and remarks for people."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, NamedTuple, Protocol

Payload = Mapping[str, Any]


class Unreadable(Exception):
    """The payload lacks what its topic promises: it can never become a command."""


class NotKnownYet(Exception):
    """The webhook is about an order of which nothing was told so far."""


class KnownLine(NamedTuple):
    """A line of an order: its number in the ledger, and its item, empty when it has no SKU."""

    number: int
    sku: str


class KnownOrders(Protocol):
    """What is remembered of orders, because later webhooks name lines by the platform's ids."""

    def lines(self, order_id: str, offered: Mapping[str, str]) -> dict[str, KnownLine]:
        """Return the lines of an order by their ids; those offered first are remembered."""

    def ordered(self, order_id: str, line_id: str, units: Decimal) -> Decimal:
        """Return how many units of a line were ordered when they were first told."""

    def ship(self, order_id: str, line_id: str, shipment: str, units: float) -> None:
        """Remember that a shipment took units of a line."""

    def shipped(self, order_id: str, line_id: str) -> float:
        """Return how many units of a line were shipped, as far as was told."""

    def name(self, order_id: str, offered: str | None = None) -> str:
        """Return what the ledger calls an order. Raises :class:`NotKnownYet`."""

    def is_newer(self, thing: str, moment: str) -> bool:
        """Return whether nothing later than this was told of a thing, and remember it."""

    def cancel(self, order_id: str) -> None:
        """Remember that an order was cancelled."""

    def is_cancelled(self, order_id: str) -> bool:
        """Return whether an order was cancelled."""


@dataclass(frozen=True)
class CommandStep:
    """One command with the id under which it counts once, however often it is sent.

    A refusal with one of the codes in ``settled_by`` says that nothing is left to do.
    """

    id: str
    command: str
    fields: dict[str, Any]
    settled_by: frozenset[str] = frozenset()


@dataclass
class Translation:
    """What a webhook becomes, in order; ``about`` is the order or product it is about."""

    about: str
    steps: list[CommandStep] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)

    def add(
        self, command: str, step_id: str, at: object, fields: Mapping[str, Any],
        settled_by: frozenset[str] = frozenset(),
    ) -> None:
        """Add a command of what happened ``at`` a time, without fields that nothing is told of."""
        told = {name: value for name, value in fields.items() if value is not None}
        told |= {"occurred_at": at} if at else {}
        self.steps.append(CommandStep(step_id, command, told, settled_by))


Translate = Callable[[str, Payload, KnownOrders], Translation]


@dataclass(frozen=True)
class Platform:
    """How a platform sends webhooks: names of its headers, in lower case, and what they mean."""

    name: str
    signature_header: str
    topic_header: str
    delivery_header: str
    translate: Translate
    is_ping: Callable[[bytes], bool] = lambda body: False


def required(payload: Payload, name: str) -> Any:
    """Return a field that must be there. Raises :class:`Unreadable`."""
    value = payload.get(name) if isinstance(payload, Mapping) else None
    if value is None or value == "":
        raise Unreadable(f"{name} is missing")
    return value


def listed(payload: Payload, name: str) -> Sequence[Payload]:
    """Return a list of objects, empty when it is not there. Raises :class:`Unreadable`."""
    found = payload.get(name) or []
    if not isinstance(found, list) or not all(isinstance(each, Mapping) for each in found):
        raise Unreadable(f"{name} is no list of objects")
    return found


def written(quantity: int | Decimal) -> int | str:
    """Return a quantity as a command has it: whole numbers, or the text of a fraction."""
    return quantity if isinstance(quantity, int) else str(quantity)


def why_changed(
    title: str, order: str, placed: int | Decimal, stands: int | Decimal
) -> str | None:
    """Return what a person has to do about a line that was changed later, ``None`` if it was not.

    >>> why_changed("Mug", "#1001", 2, 3)
    'Mug on #1001 is 3 now, 2 were placed: order 1 more apart.'
    >>> why_changed("Mug", "#1001", 2, 0)
    'Mug on #1001 is 0 now, 2 were placed: cancel 2 in the ledger.'
    """
    if stands == placed:
        return None
    what = f"order {stands - placed} more apart" if stands > placed else (
        f"cancel {placed - stands} in the ledger"
    )
    return f"{title} on {order} is {stands} now, {placed} were placed: {what}."


def reason_of(text: object) -> str | None:
    """Return a reason as a command takes it, ``None`` for none: 1,000 characters at the most."""
    return str(text or "").replace("\0", "").strip()[:1000] or None


def sku_of(item: Payload) -> str:
    """Return the SKU of a line or variant, empty when it has none."""
    return str(item.get("sku") or "").strip()
