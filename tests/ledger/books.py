"""Books of one item that are kept late: every scene says when what it records occurred."""

from collections.abc import Sequence
from typing import NamedTuple

from stocktrail.ledger.base.aggregate import RecordedEvent
from stocktrail.ledger.base.event import Event
from stocktrail.ledger.quantity import to_number
from stocktrail.ledger.refusal import Refusal
from stocktrail.ledger.stock.back_dated import When, add_to_timelines
from stocktrail.ledger.stock.events import StockMovement
from stocktrail.ledger.stock.stocks import moved
from stocktrail.ledger.stock.timeline import NEVER, Timeline
from tests.scenes import Decision, Scene


class Entry(NamedTuple):
    """What came of one request: events with what was told, or a refusal."""

    events: Sequence[Event]
    told: Sequence[str]
    refusal: Refusal | None


class Books:
    """A scene that goes on, and the log of it; times are small whole numbers."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self.log: list[RecordedEvent] = []
        self.looked_back = 0
        self.until = NEVER

    def record(self, at: int, decision: Decision) -> Entry:
        """Decide, and let what follows happen, sound at every step."""
        stock, when = self.scene.stock, When(at, self._whole, self.until)
        self.scene.at = when
        decided = self.scene.when(decision)
        if decided.refusal is not None:
            return Entry((), (), decided.refusal)
        told = moved(stock, when, decided.events).messages
        for event in decided.events:
            occurred_at = at if event.happened_at is None else event.happened_at
            self.scene.happen(event, occurred_at).assert_sound()
            self.log.append(RecordedEvent(
                stock.id, stock.version, event, len(self.log) + 1, occurred_at
            ))
        self.scene.assert_nobody_waits_in_vain()
        return Entry(decided.events, told, None)

    def must(self, at: int, decision: Decision) -> Entry:
        """Record what must not be refused."""
        entry = self.record(at, decision)
        assert entry.refusal is None, entry.refusal
        return entry

    def on_hand(self, source: str = "default") -> int | float:
        """Return the units on hand now."""
        return to_number(self.scene.stock.on_hand.get(source, 0))

    def as_it_occurred(self, at: int, source: str = "default") -> int | float:
        """Add up what had occurred by a time."""
        return to_number(sum(
            delta for each in self.log if each.occurred_at <= at
            and isinstance(each.payload, StockMovement)
            for where, delta in each.payload.gains if where == source
        ))

    def _whole(self) -> dict[str, Timeline]:
        self.looked_back += 1
        whole: dict[str, Timeline] = {}
        add_to_timelines(self.log, whole)
        return whole
