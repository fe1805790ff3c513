"""Work: what one command sees of the ledger, and what it leaves behind.

A command asks for aggregates, lets them decide, and records the events they return. Everything it
records becomes visible to the commands after it, and durable with their common commit.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Protocol, cast

from stocktrail.ledger.base.aggregate import Aggregate, RecordedEvent
from stocktrail.ledger.base.event import Event
from stocktrail.ledger.customer import Customer
from stocktrail.ledger.instant import DAY, to_iso
from stocktrail.ledger.orders.state import Order
from stocktrail.ledger.purchase_orders.state import PurchaseOrder
from stocktrail.ledger.refusal import Refusal
from stocktrail.ledger.settings import SETTINGS_KEY, Settings
from stocktrail.ledger.stock.back_dated import When, past_below_zero
from stocktrail.ledger.stock.state import ProductStock
from stocktrail.ledger.stock.timeline import Timeline
from stocktrail.ledger.store.engine.aggregate_cache import AggregateCache
from stocktrail.ledger.webhook import Webhook

_SETTINGS_STREAM = Settings.stream_of(SETTINGS_KEY)

MOST_AHEAD = DAY
"""How far past the ledger's clock anything may have occurred: clocks and time zones differ."""


class Request(Protocol):
    """What the writer needs to know of a command."""

    @property
    def command_id(self) -> str:
        """The idempotency key."""

    @property
    def fingerprint(self) -> bytes:
        """A digest of the command's content."""

    @property
    def body(self) -> bytes:
        """The canonical command as JSON."""

    @property
    def streams(self) -> Sequence[str]:
        """The aggregates that it will ask for, as far as it can tell: they are loaded together."""

    @property
    def content(self) -> str:
        """A digest of what it is about, without its header."""

    @property
    def occurred_at_or_none(self) -> int | None:
        """When it happened, if the command says so."""

    @property
    def correlation_id(self) -> str | None:
        """What the command belongs to, if anything."""

    @property
    def actor(self) -> str | None:
        """Who sent it, if known."""

    def decide(self, work: "UnitOfWork") -> None:
        """Record what follows from the command, or raise a refusal before recording anything."""


class AlreadyRecorded(Exception):
    """A business id that is known with the same content: the event that recorded it says which."""

    def __init__(self, stream: str, version: int) -> None:
        super().__init__(f"{stream} version {version}")
        self.stream = stream
        self.version = version


class UnitOfWork:
    """One command's view of the ledger. Times are instants, assigned by the writer."""

    __slots__ = (
        "_before_change", "_pending", "_position", "_recorded_at", "_recorded_with", "_request",
        "_residents", "_streams", "events", "messages", "occurred_at",
    )

    def __init__(
        self,
        residents: AggregateCache,
        request: Request,
        position: int,
        recorded_at: int,
        streams: Callable[[str], Iterator[str]],
        recorded_with: Callable[[str], Iterator[RecordedEvent]],
        before_change: Callable[[Aggregate], None],
        pending: Sequence[RecordedEvent],
    ) -> None:
        self._residents = residents
        self._request = request
        self._position = position
        self._recorded_at = recorded_at
        self._streams = streams
        self._recorded_with = recorded_with
        self._before_change = before_change
        self._pending = pending
        occurred_at = request.occurred_at_or_none
        self.occurred_at = recorded_at if occurred_at is None else occurred_at
        self.events: list[RecordedEvent] = []
        self.messages: list[str] = []

    @property
    def position(self) -> int:
        """The end of the log that the command is judged against."""
        return self._position

    @property
    def content(self) -> str:
        """A digest of what the command is about, by which the same business id is recognised."""
        return self._request.content

    def has(self, stream: str) -> bool:
        """Return whether anything was ever recorded of an aggregate."""
        return self._residents.get(stream).version > 0

    def settings(self) -> Settings:
        """Return the settings of the ledger."""
        return cast(Settings, self._residents.get(_SETTINGS_STREAM))

    def stock(self, sku: str) -> ProductStock:
        """Return the stock of an item; empty when it was never registered."""
        return cast(ProductStock, self._residents.get(ProductStock.stream_of(sku)))

    def when(self, stock: ProductStock) -> When:
        """Return when the command's facts occurred, and a look-up of an item's movements then."""
        return When(
            self.occurred_at, partial(self._timelines, stock), self._recorded_at + MOST_AHEAD
        )

    def _timelines(self, stock: ProductStock) -> Mapping[str, Timeline]:
        """Look up all movements of an item, and remind it of the last if it knows none yet."""
        residents, newest = self._residents, (*self._pending, *self.events)
        whole = residents.timelines.of(stock.id, residents.position, newest)
        if not stock.knows_what_moved:
            stock.remember(whole)
        return whole

    def record_moved(self, stock: ProductStock, events: Sequence[Event]) -> None:
        """Record what moved at the sources of an item; tell where the past falls below zero."""
        for message in past_below_zero(stock, events, self.when(stock)):
            self.tell(message)
        number, residents = len(self.events), self._residents
        self.record(stock, events)
        residents.timelines.follow(stock.id, residents.position, self.events[number:])

    def order(self, order: str) -> Order:
        """Return an order; empty when it was never placed."""
        return cast(Order, self._residents.get(Order.stream_of(order)))

    def purchase_order(self, purchase_order: str) -> PurchaseOrder:
        """Return a purchase order; empty when it was never placed."""
        stream = PurchaseOrder.stream_of(purchase_order)
        return cast(PurchaseOrder, self._residents.get(stream))

    def customer(self, customer: str) -> Customer:
        """Return a customer; empty when nobody was registered under the id."""
        return cast(Customer, self._residents.get(Customer.stream_of(customer)))

    def webhook(self, webhook: str) -> Webhook:
        """Return a webhook; empty when it was never created."""
        return cast(Webhook, self._residents.get(Webhook.stream_of(webhook)))

    def customer_like(self, is_meant: Callable[[str], bool]) -> Customer | None:
        """Find a customer whose id is like what is meant; looks through all customers."""
        start = len(Customer.stream_of(""))
        streams = self._streams(Customer.category)
        found = next((each[start:] for each in streams if is_meant(each[start:])), None)
        return None if found is None else self.customer(found)

    def stocks(self) -> Iterator[ProductStock]:
        """Return the stock of every item there is."""
        for stream in self._streams(ProductStock.category):
            yield cast(ProductStock, self._residents.get(stream))

    def recorded_with(self, stream: str) -> Iterator[RecordedEvent]:
        """Return whatever was recorded together with an event of a stream, in the order of the log.

        It reads the log, so it is for what is rare and would be too much to keep in an aggregate.
        """
        return self._recorded_with(stream)

    def require_version(self, stream: str, expected: int) -> None:
        """Refuse when an aggregate is not at the version that the command expects."""
        version = self._residents.get(stream).version
        if version != expected:
            raise Refusal(
                "version_conflict",
                f"{stream} is at version {version}, not {expected}. Look at it again before you "
                "decide.",
                stream=stream, expected_version=expected, version=version,
            )

    def require_occurred(self) -> None:
        """Refuse what has not happened yet by the ledger's clock, give or take a day."""
        if self.occurred_at > self._recorded_at + MOST_AHEAD:
            raise Refusal(
                "occurred_in_future",
                f"It cannot have occurred at {to_iso(self.occurred_at)}: that is more than 24 "
                f"hours after now, {to_iso(self._recorded_at)}. Correct occurred_at, or send it "
                "again when it has happened.",
                occurred_at=to_iso(self.occurred_at), now=to_iso(self._recorded_at),
            )

    def record(self, aggregate: Aggregate, events: Sequence[Event]) -> None:
        """Record events of an aggregate, in their order."""
        if not events:
            return
        self._before_change(aggregate)
        request, stream = self._request, aggregate.id
        command_id, correlation_id, actor = (
            request.command_id, request.correlation_id, request.actor
        )
        number = len(self.events)
        for event in events:
            happened_at = event.happened_at
            occurred_at = self.occurred_at if happened_at is None else happened_at
            aggregate.apply(event, occurred_at)
            self.events.append(RecordedEvent(
                stream, aggregate.version, event, self._position + number + 1, occurred_at,
                self._recorded_at + number, command_id, correlation_id, None, actor,
            ))
            number += 1

    def tell(self, message: str) -> None:
        """Leave a message for whoever sent the command."""
        self.messages.append(message)
