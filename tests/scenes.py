"""Scenes: given these events, when this is decided, then these events follow, or this refusal.

A scene holds one item, the settings of the ledger and one order. Whatever is decided in it must
leave the state alone, and what follows must be sound after every single event: what is allocated
can be met from what is there, and at the end nothing is free that a waiting line could take.
"""

from collections.abc import Callable, Sequence
from typing import Any, Self, TypeVar

from stocktrail.ledger.allocation import Claims, free_quantity
from stocktrail.ledger.base.aggregate import Aggregate
from stocktrail.ledger.base.event import Event
from stocktrail.ledger.configuration import SettingChanged
from stocktrail.ledger.orders.state import Order
from stocktrail.ledger.quantity import to_number
from stocktrail.ledger.refusal import Refusal
from stocktrail.ledger.salability import Figures, Verdict
from stocktrail.ledger.settings import Settings
from stocktrail.ledger.stock.back_dated import When
from stocktrail.ledger.stock.state import ProductStock

SKU = "WIDGET"
ORDER = "SO-1"

E = TypeVar("E", bound=Event)


def as_stored(event: E) -> E:
    """Return an event as it comes out of the log: nobody validates it before it goes in."""
    again = type(event).from_json(event.to_json())
    assert again == event
    return again


class Scene:
    """One item, the settings and one order, as the events so far have made them.

    What is decided in it occurs ``at`` a time, where that matters.
    """

    def __init__(self, events: Sequence[Event] = ()) -> None:
        self.settings = Settings()
        self.stock = ProductStock(ProductStock.stream_of(SKU))
        self.order = Order(Order.stream_of(ORDER))
        self.at: When | None = None
        for event in events:
            self.happen(event)

    def happen(self, event: Event, occurred_at: int | None = None) -> Self:
        """Let one more event happen to the aggregate that it belongs to, read as it is stored."""
        self.aggregate_of(event).apply(as_stored(event), occurred_at)
        return self

    def aggregate_of(self, event: Event) -> Aggregate:
        """Return which of the three aggregates an event belongs to."""
        if type(event) in Order.appliers:
            return self.order
        if isinstance(event, SettingChanged):
            return self.settings if event.sku is None else self.stock
        return self.settings if type(event) in Settings.appliers else self.stock

    def when(self, decision: "Decision") -> "Decided":
        """Decide something, and see that deciding alone changes nothing."""
        before = self.state()
        events: list[Event] = []
        refusal = None
        try:
            events = list(decision(self))
        except Refusal as refused:
            refusal = refused
        assert self.state() == before, "a decision must not change what it decides on"
        return Decided(self.copy(), events, refusal)

    def copy(self) -> "Scene":
        """Copy the scene, so that it can go on in more than one way."""
        copy = Scene()
        copy.settings = self.settings.clone()
        copy.stock = self.stock.clone()
        copy.order = self.order.clone()
        copy.at = self.at
        return copy

    def state(self) -> list[dict[str, Any]]:
        """Return the whole state of all three aggregates."""
        return [one.clone().to_state() for one in (self.settings, self.stock, self.order)]

    def figures(self, pool: str = "default") -> Figures:
        """Count supply, demand and allocated units in a pool."""
        return self.stock.figures(self.settings, pool)

    def judged(self, pool: str = "default") -> Verdict:
        """Ask what may still be sold in a pool, and what the storefront says."""
        return self.stock.verdict(self.settings, pool)

    def shown(self, pool: str = "default") -> tuple[int, bool, bool, str]:
        """Return what is shown: salable quantity, unlimited, salable at all, the message."""
        judged = self.judged(pool)
        return judged.salable_quantity, judged.unlimited, judged.is_salable, judged.message

    def salable(self, pool: str = "default") -> int | float:
        """Return the salable quantity in units."""
        return to_number(self.judged(pool).salable_quantity)

    def lines(self) -> dict[tuple[str, int], tuple[int | float, int | float]]:
        """Return what each open line has allocated and what it waits for, in units."""
        return {
            key: (to_number(line.allocated), to_number(line.backordered))
            for key, line in self.stock.lines.items()
        }

    def is_feasible(self) -> bool:
        """Return whether all that is allocated can be met from what may be sold."""
        claims = Claims(self.stock.sellable(self.settings), self.settings.pools)
        return all(
            claims.add(pool, quantity) == quantity
            for pool, quantity in self.stock.allocated.items()
        )

    def assert_sound(self) -> None:
        """See that the state holds together, and that nothing is promised that is not there."""
        stock = self.stock
        assert all(quantity >= 0 for quantity in stock.on_hand.values())
        assert all(line.remaining > 0 for line in stock.lines.values())
        assert all(0 <= line.allocated <= line.remaining for line in stock.lines.values())
        for pool in self.settings.pools:
            lines = [line for line in stock.lines.values() if line.pool == pool]
            assert stock.demand.get(pool, 0) == sum(line.remaining for line in lines)
            assert stock.allocated.get(pool, 0) == sum(line.allocated for line in lines)
        assert stock.lines.queue_keys == sorted(
            line.queue_key for line in stock.lines.values() if line.backordered
        )
        assert self.is_feasible()

    def assert_nobody_waits_in_vain(self) -> None:
        """See that nothing is free that a waiting line could take."""
        stock = self.stock
        for line in stock.waiting({}):
            free = free_quantity(
                line.pool, stock.allocated, stock.sellable(self.settings), self.settings.pools
            )
            assert free == 0, f"{free} are free in {line.pool} while {line} waits"


Decision = Callable[[Scene], Sequence[Event]]


class Decided:
    """What was decided in a scene: events, or a refusal."""

    def __init__(self, scene: Scene, events: list[Event], refusal: Refusal | None) -> None:
        self.scene = scene
        self.events = events
        self.refusal = refusal

    def then(self, *expected: Event) -> Scene:
        """Expect exactly these events, let them happen, and go on from there."""
        happened = self.then_something()
        assert self.events == list(expected)
        return happened

    def then_nothing(self) -> Scene:
        """Expect that nothing changes."""
        return self.then()

    def then_something(self) -> Scene:
        """Let whatever was decided happen, sound at every step, and go on from there."""
        if self.refusal is not None:
            raise AssertionError(f"refused: {self.refusal.as_json()}") from self.refusal
        for event in self.events:
            self.scene.happen(event).assert_sound()
        self.scene.assert_nobody_waits_in_vain()
        return self.scene

    def then_refused(self, code: str, **details: Any) -> Refusal:
        """Expect a refusal with this code and at least these details."""
        assert self.refusal is not None, f"not refused: {self.events}"
        assert self.refusal.code == code, self.refusal.message
        assert {name: self.refusal.details.get(name) for name in details} == details
        assert self.refusal.message.endswith(".")
        return self.refusal


def given(*events: Event) -> Scene:
    """Begin a scene with what has happened so far."""
    return Scene(events)
