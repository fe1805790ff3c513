"""The unit of work: a command's view of the ledger, and the events that are recorded of it.

A command loads aggregates and asks for a decision on them. What was decided is recorded afterwards:
it is visible to the commands after it, and becomes durable with their common commit.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from itertools import islice
from typing import Protocol, cast

from stocktrail.ledger.base.aggregate import Aggregate, RecordedEvent
from stocktrail.ledger.base.decision import Decision
from stocktrail.ledger.customer import Customer
from stocktrail.ledger.instant import DAY, to_iso
from stocktrail.ledger.orders.state import Order
from stocktrail.ledger.purchase_orders.state import PurchaseOrder
from stocktrail.ledger.refusal import Refusal
from stocktrail.ledger.settings import SETTINGS_KEY, Settings
from stocktrail.ledger.stock.back_dated import When
from stocktrail.ledger.stock.state import ProductStock
from stocktrail.ledger.stock.timeline import Timeline
from stocktrail.ledger.store.engine.aggregate_cache import AggregateCache
from stocktrail.ledger.webhook import Webhook

_SETTINGS_STREAM = Settings.stream_of(SETTINGS_KEY)

_ITEMS_AT_ONCE = 500
"""How many items are read together where a command goes through many."""

CLOCK_TOLERANCE = DAY
"""How far past the ledger's clock an event may have occurred: clocks and time zones differ."""


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
        """The streams that the command will load, as far as known: they are prefetched together."""

    @property
    def begins(self) -> str | None:
        """The stream that the command begins if it is accepted, if it begins one."""

    @property
    def content(self) -> str:
        """A digest of the command without its header."""

    @property
    def occurred_at_or_none(self) -> int | None:
        """When the command's subject occurred, if the command says so."""

    @property
    def correlation_id(self) -> str | None:
        """The id of the process that the command belongs to, if any."""

    @property
    def actor(self) -> str | None:
        """Who sent the command, as the sender says."""

    @property
    def credential(self) -> str | None:
        """The id of the token that the command was sent with, if one was asked for."""

    def decide(self, work: "UnitOfWork") -> Decision:
        """Return what the command leads to, or raise a refusal."""


Header = tuple[str | None, str | None, str | None, str | None, int | None]
"""What the events of a command share beside its id: correlation, causation, actor, credential, and
the sequence of the first command of its atomic group."""


class View(Protocol):
    """What the commands of one commit share: aggregates, and what is about to be recorded."""

    aggregates: AggregateCache
    events: list[RecordedEvent]

    def streams(self, category: str) -> Iterator[str]:
        """Yield the names of the streams of a category in order."""

    def recorded_with(self, stream: str) -> Iterator[RecordedEvent]:
        """Yield the events of commands that recorded any in a stream."""

    def before_change(self, aggregate: Aggregate) -> None:
        """Take note of an aggregate that is about to change."""


class UnitOfWork:
    """One command's view of the ledger. Times are instants, assigned by the writer.

    ``group`` is the sequence of the first command of its atomic group, if it has one.
    """

    __slots__ = (
        "_recorded_at", "_request", "_view", "events", "header", "messages", "occurred_at",
        "position",
    )

    def __init__(
        self, view: View, request: Request, position: int, recorded_at: int, group: int | None
    ) -> None:
        self._view = view
        self._request = request
        self._recorded_at = recorded_at
        self.header: Header = (
            request.correlation_id, None, request.actor, request.credential, group
        )
        occurred_at = request.occurred_at_or_none
        self.occurred_at: int = recorded_at if occurred_at is None else occurred_at
        self.position: int = position
        """The end of the log that the command is judged against."""
        self.events: list[RecordedEvent] = []
        self.messages: list[str] = []

    @property
    def content(self) -> str:
        """A digest of the command's content, by which a repeated business id is recognised."""
        return self._request.content

    def has(self, stream: str) -> bool:
        """Return whether any event of an aggregate is recorded."""
        return self._view.aggregates.get(stream).version > 0

    def settings(self) -> Settings:
        """Return the settings of the ledger."""
        return cast(Settings, self._view.aggregates.get(_SETTINGS_STREAM))

    def stock(self, sku: str) -> ProductStock:
        """Return the stock of an item; empty if it was never registered."""
        return cast(ProductStock, self._view.aggregates.get(ProductStock.stream_of(sku)))

    def when(self, stock: ProductStock) -> When:
        """Return when the command's subject occurred, with access to the item's past movements."""
        return When(
            self.occurred_at, partial(self._timelines, stock), self._recorded_at + CLOCK_TOLERANCE
        )

    def _timelines(self, stock: ProductStock) -> Mapping[str, Timeline]:
        """Return all movements of an item, and restore the recent ones that a snapshot lacks."""
        aggregates, newest = self._view.aggregates, (*self._view.events, *self.events)
        whole = aggregates.timelines.of(stock.id, aggregates.position, newest)
        if not stock.knows_what_moved:
            stock.remember(whole)
        return whole

    def order(self, order: str) -> Order:
        """Return an order; empty if it was never placed."""
        return cast(Order, self._view.aggregates.get(Order.stream_of(order)))

    def purchase_order(self, purchase_order: str) -> PurchaseOrder:
        """Return a purchase order; empty if it was never placed."""
        stream = PurchaseOrder.stream_of(purchase_order)
        return cast(PurchaseOrder, self._view.aggregates.get(stream))

    def customer(self, customer: str) -> Customer:
        """Return a customer; empty if nobody was registered under the id."""
        return cast(Customer, self._view.aggregates.get(Customer.stream_of(customer)))

    def webhook(self, webhook: str) -> Webhook:
        """Return a webhook; empty if it was never created."""
        return cast(Webhook, self._view.aggregates.get(Webhook.stream_of(webhook)))

    def customer_like(self, is_meant: Callable[[str], bool]) -> Customer | None:
        """Return the first customer whose id satisfies a predicate; scans all customers."""
        start = len(Customer.stream_of(""))
        streams = self._view.streams(Customer.category)
        found = next((each[start:] for each in streams if is_meant(each[start:])), None)
        return None if found is None else self.customer(found)

    def stocks_at(self, sources: Iterable[str]) -> Iterator[ProductStock]:
        """Yield the stock of every item that one of some sources carries, by name."""
        carried = self._view.aggregates.carried
        if not carried.is_known:
            carried.learn(self._stocks(self._view.streams(ProductStock.category)))
        return self._stocks(carried.at(sources))

    def _stocks(self, streams: Iterable[str]) -> Iterator[ProductStock]:
        aggregates, rest = self._view.aggregates, iter(streams)
        while page := list(islice(rest, _ITEMS_AT_ONCE)):
            aggregates.prefetch(page)
            for stream in page:
                yield cast(ProductStock, aggregates.get(stream))

    def recorded_with(self, stream: str) -> Iterator[RecordedEvent]:
        """Yield the events that were recorded together with an event of a stream, in log order.

        This reads the log; use it only for rare questions whose answer is too large for an
        aggregate.
        """
        return self._view.recorded_with(stream)

    def require_version(self, stream: str, expected: int) -> None:
        """Raise a refusal when an aggregate is not at the version that the command expects."""
        version = self._view.aggregates.get(stream).version
        if version != expected:
            raise Refusal(
                "version_conflict",
                f"{stream} is at version {version}, not {expected}. Look at it again before you "
                "decide.",
                stream=stream, expected_version=expected, version=version,
            )

    def require_occurred(self) -> None:
        """Raise a refusal when ``occurred_at`` lies in the future, with a day's tolerance."""
        if self.occurred_at > self._recorded_at + CLOCK_TOLERANCE:
            raise Refusal(
                "occurred_in_future",
                f"It cannot have occurred at {to_iso(self.occurred_at)}: that is more than 24 "
                f"hours after now, {to_iso(self._recorded_at)}. Correct occurred_at, or send it "
                "again when it has happened.",
                occurred_at=to_iso(self.occurred_at), now=to_iso(self._recorded_at),
            )

    def record(self, decision: Decision) -> None:
        """Record what was decided, in its order."""
        view, recorded, happens_at = self._view, self.events, self.occurred_at
        timelines, end = view.aggregates.timelines, view.aggregates.position
        carried = view.aggregates.carried
        rest = (self._request.command_id, *self.header)
        position, recorded_at = self.position + 1, self._recorded_at
        for aggregate, events in decision.changes:
            if not events:
                continue
            view.before_change(aggregate)
            stream = aggregate.id
            for event in events:
                happened_at = event.happened_at
                occurred_at = happens_at if happened_at is None else happened_at
                aggregate.apply(event, occurred_at)
                recorded.append(RecordedEvent(
                    stream, aggregate.version, event, position, occurred_at, recorded_at, *rest
                ))
                position += 1
                recorded_at += 1
            if timelines:
                timelines.follow(stream, end, recorded, len(events))
            if carried.is_known and isinstance(aggregate, ProductStock):
                carried.follow(aggregate)
        self.messages.extend(decision.messages)
