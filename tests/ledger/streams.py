"""A ledger in memory, for scenes of decisions about several streams: no command and no database.

Given these events, when this is decided, then these events follow, in this order, or this refusal.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Self, TypeVar

from stocktrail.ledger.base.aggregate import Aggregate, RecordedEvent, new_aggregate
from stocktrail.ledger.base.decision import AlreadyRecorded, Decision
from stocktrail.ledger.base.event import Event
from stocktrail.ledger.configuration import SettingChanged
from stocktrail.ledger.orders.state import Order
from stocktrail.ledger.purchase_orders.state import PurchaseOrder
from stocktrail.ledger.refusal import Refusal
from stocktrail.ledger.settings import Settings
from stocktrail.ledger.stock.back_dated import When, add_to_timelines
from stocktrail.ledger.stock.state import ProductStock
from stocktrail.ledger.stock.timeline import Timeline
from tests.scenes import as_stored

Kind = TypeVar("Kind", bound=Aggregate)


class Streams:
    """Every aggregate that anything happened to, and the log; a minute passes between requests."""

    def __init__(self, *events: Event) -> None:
        self.aggregates: dict[str, Aggregate] = {}
        self.log: list[RecordedEvent] = []
        self.now = 0
        for event in events:
            self.happen(event)

    # ------------------------------------------------------------------ what decisions read

    def settings(self) -> Settings:
        """Return the settings."""
        return self._get(Settings, "ledger")

    def stock(self, sku: str) -> ProductStock:
        """Return the stock of an item."""
        return self._get(ProductStock, sku)

    def order(self, order: str) -> Order:
        """Return an order."""
        return self._get(Order, order)

    def purchase_order(self, purchase_order: str) -> PurchaseOrder:
        """Return a purchase order."""
        return self._get(PurchaseOrder, purchase_order)

    def stocks_at(self, sources: Iterable[str]) -> Iterator[ProductStock]:
        """Return the stock of every item that one of some sources carries."""
        for aggregate in list(self.aggregates.values()):
            if isinstance(aggregate, ProductStock) and aggregate.on_hand.keys() & set(sources):
                yield aggregate

    def when(self, stock: ProductStock) -> When:
        """Return when that occurs which is decided now."""
        def whole() -> dict[str, Timeline]:
            timelines: dict[str, Timeline] = {}
            moved = [each for each in self.log if each.originator_id == stock.id]
            add_to_timelines(moved, timelines)
            return timelines

        return When(self.now, whole)

    def recorded_with(self, stream: str) -> Iterator[RecordedEvent]:
        """Return what was recorded in one request with an event of a stream."""
        requests = {each.recorded_at for each in self.log if each.originator_id == stream}
        return (each for each in self.log if each.recorded_at in requests)

    # ------------------------------------------------------------------ scenes

    def happen(self, *events: Event) -> Self:
        """Let events happen together, each to the aggregate that it belongs to."""
        request = len(self.log) + 1
        for event in events:
            aggregate = self._aggregate_of(event)
            aggregate.apply(as_stored(event), self.now)
            self.log.append(RecordedEvent(
                aggregate.id, aggregate.version, event, len(self.log) + 1, self.now, request
            ))
        return self

    def at(self, minute: int) -> Self:
        """Let what is decided from here on occur at a minute."""
        self.now = minute
        return self

    def when_asked(self, request: "Request") -> "Asked":
        """Decide something, and see that deciding alone changes nothing."""
        before = self._states()
        decision, stopped = Decision(), None
        try:
            decision = request(self)
            decision = Decision(
                [(each, list(events)) for each, events in decision.changes], decision.messages
            )
        except (Refusal, AlreadyRecorded) as raised:
            stopped = raised
        assert self._states().items() >= before.items(), "a decision must not change anything"
        return Asked(self, decision, stopped)

    def _states(self) -> dict[str, Any]:
        return {
            stream: (each.version, each.clone().to_state())
            for stream, each in self.aggregates.items() if each.version
        }

    def _get(self, kind: type[Kind], key: str) -> Kind:
        stream = kind.stream_of(key)
        found = self.aggregates.setdefault(stream, new_aggregate(stream))
        assert isinstance(found, kind)
        return found

    def _aggregate_of(self, event: Any) -> Aggregate:
        if type(event) in Order.appliers:
            return self.order(event.order)
        if type(event) in PurchaseOrder.appliers:
            return self.purchase_order(event.purchase_order)
        general = isinstance(event, SettingChanged) and event.sku is None
        if general or type(event) not in ProductStock.appliers:
            return self.settings()
        return self.stock(event.sku)


Request = Callable[[Streams], Decision]


class Asked:
    """What was decided: events in their order, a refusal, or that it was recorded before."""

    def __init__(
        self, streams: Streams, decision: Decision, stopped: Refusal | AlreadyRecorded | None
    ) -> None:
        self.streams = streams
        self.decision = decision
        self.stopped = stopped

    @property
    def events(self) -> list[Event]:
        """What follows, in the order in which it is recorded."""
        return [event for _, events in self.decision.changes for event in events]

    def then(self, *expected: Event, told: Sequence[str] = ()) -> Streams:
        """Expect exactly these events and messages, let them happen, and go on from there."""
        assert self.stopped is None, self.stopped
        assert self.events == list(expected)
        assert list(self.decision.messages) == list(told)
        for aggregate, events in self.decision.changes:
            assert all(self.streams._aggregate_of(event) is aggregate for event in events)
        return self.streams.happen(*self.events)

    def then_something(self) -> Streams:
        """Let whatever was decided happen, and go on from there."""
        assert self.stopped is None, self.stopped
        return self.streams.happen(*self.events)

    def then_refused(self, code: str, **details: Any) -> Refusal:
        """Expect a refusal with this code and at least these details."""
        assert isinstance(self.stopped, Refusal), f"not refused: {self.events}"
        assert self.stopped.code == code, self.stopped.message
        assert {name: self.stopped.details.get(name) for name in details} == details
        assert self.stopped.message.endswith(".")
        return self.stopped

    def then_known_since(self, version: int) -> None:
        """Expect that the same was recorded before, at this version of its stream."""
        assert isinstance(self.stopped, AlreadyRecorded), self.stopped or self.events
        assert self.stopped.version == version
