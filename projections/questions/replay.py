"""The replay of an item: every event that moved its numbers, and the numbers after each."""

from collections.abc import Iterable
from datetime import datetime
from heapq import merge
from operator import attrgetter
from typing import Any, ClassVar

from pydantic import Field

from stocktrail.ledger.base.aggregate import RecordedEvent
from stocktrail.ledger.configuration import SettingChanged
from stocktrail.ledger.instant import to_iso
from stocktrail.ledger.quantity import to_number
from stocktrail.ledger.settings import (
    SETTINGS_KEY,
    PoolDefined,
    Settings,
    SourceDisabled,
    SourceEnabled,
)
from stocktrail.ledger.stock.product import require
from stocktrail.ledger.stock.state import ProductStock
from stocktrail.projections.answers.shapes.shape import Number, Position, Shape
from stocktrail.projections.as_of.moment import resolve_as_of
from stocktrail.projections.questions.fields import Moment, Sku, as_text
from stocktrail.projections.questions.question import Example, InPool, Question, Report
from stocktrail.projections.read_models import ReadModels


class Balances(Shape):
    """The running balances of an item in a pool; ``on_hand`` adds up all sources."""

    on_hand: Number
    allocated: Number
    backordered: Number
    demand: Number
    salable_quantity: Number


class ReplayedEvent(Shape):
    """An event that moved an item's numbers, by how much, and the balances after it."""

    position: Position
    recorded_at: datetime
    occurred_at: datetime
    type: str
    command_id: str | None
    actor: str | None
    sentence: str
    changes: dict[str, Number]
    balances: Balances


class ReplayReport(Shape):
    """How an item's numbers came to be, and what they are at the end."""

    sku: str
    pool: str
    as_of: Position
    rows: list[ReplayedEvent]
    balances: Balances


class ItemReplay(InPool, Question[ReplayReport]):
    """How an item's numbers came to be, event by event, with running balances."""

    question: ClassVar[str] = "replay"
    address: ClassVar[str | None] = None
    example: ClassVar[Example] = {"sku": "LAMP", "pool": "web"}

    sku: Sku
    until: Moment | None = Field(
        default=None,
        description="A position (digits), a day (its end in the shop's time zone) or a recorded "
        "time in ISO 8601. Default: now.",
    )

    @property
    def is_past(self) -> bool:
        """Whether it ends at an earlier moment."""
        return self.until is not None

    @property
    def needs_caught_up(self) -> bool:
        """It is read from the log."""
        return False

    def position(self, models: ReadModels) -> int | None:
        """Return the position that it ends with, ``None`` for now."""
        return None if self.until is None else resolve_as_of(models.ledger, as_text(self.until))

    def answer(self, models: ReadModels) -> Report:
        """Replay the item; refuses an unknown item, pool or position."""
        return replay(models, self.sku, self.pool, self.position(models))


BALANCES = ("on_hand", "allocated", "backordered", "demand", "salable_quantity")
"""The running balances, in units."""


def balances(stock: ProductStock, settings: Settings, pool: str) -> dict[str, Any]:
    """Return the balances of an item in a pool; ``on_hand`` adds up all sources."""
    verdict = stock.verdict(settings, pool)
    figures = verdict.figures
    return {
        "on_hand": to_number(sum(stock.on_hand.values())),
        "allocated": to_number(figures.allocated),
        "backordered": to_number(figures.backordered),
        "demand": to_number(figures.demand),
        "salable_quantity": to_number(verdict.salable_quantity),
    }


def replay(
    models: ReadModels, sku: str, pool: str = "default", as_of: int | None = None
) -> dict[str, Any]:
    """List the events that moved an item's numbers in a pool, with the balances after each.

    Events of the settings are listed where they moved a balance. Refuses an unknown item, pool or
    position.
    """
    ledger = models.ledger
    position = ledger.head().position if as_of is None else as_of
    models.require_position(position)
    stock, settings = ProductStock(ProductStock.stream_of(sku)), Settings()
    own = ledger.read_stream(stock.id, until=position)
    shared = ledger.read_stream(Settings.stream_of(SETTINGS_KEY), until=position)
    rows: list[dict[str, Any]] = []
    before: dict[str, Any] = dict.fromkeys(BALANCES, 0)
    for recorded in merge(own, _moving(shared), key=attrgetter("position")):
        is_own = recorded.originator_id == stock.id
        (stock if is_own else settings).apply(recorded.payload)
        if pool not in settings.pools:
            continue
        after = balances(stock, settings, pool)
        if is_own or (stock.exists and after != before):
            rows.append(_row(recorded, before, after))
        before = after
    require(stock)
    settings.require_pool(pool)
    return {"sku": sku, "pool": pool, "as_of": position, "rows": rows, "balances": before}


def _moving(shared: Iterable[RecordedEvent]) -> list[RecordedEvent]:
    kinds = (SettingChanged, PoolDefined, SourceEnabled, SourceDisabled)
    return [recorded for recorded in shared if isinstance(recorded.payload, kinds)]


def _row(
    recorded: RecordedEvent, before: dict[str, Any], after: dict[str, Any]
) -> dict[str, Any]:
    return {
        "position": recorded.position,
        "recorded_at": to_iso(recorded.recorded_at),
        "occurred_at": to_iso(recorded.occurred_at),
        "type": type(recorded.payload).__name__,
        "command_id": recorded.command_id,
        "actor": recorded.actor,
        "sentence": recorded.payload.sentence,
        "changes": {
            name: round(after[name] - before[name], 4) for name in BALANCES
            if after[name] != before[name]
        },
        "balances": after,
    }
