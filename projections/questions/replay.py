"""The replay of an item: every event that moved its numbers, and the numbers after each."""

from collections.abc import Iterable
from datetime import datetime
from heapq import merge
from operator import attrgetter
from typing import Any, ClassVar, NamedTuple

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
from stocktrail.ledger.store import Ledger
from stocktrail.projections.answers.item_as_of import settings_at, stock_at
from stocktrail.projections.answers.shapes.shape import Number, Position, Shape
from stocktrail.projections.as_of.moment import resolve_as_of
from stocktrail.projections.questions.fields import Moment, Sku, as_text
from stocktrail.projections.questions.question import (
    Example,
    InPool,
    LatestEventsFirst,
    Question,
    Report,
)
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
    next: Position | None
    balances: Balances


class ItemReplay(LatestEventsFirst, InPool, Question[ReplayReport]):
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
        return replay(
            models, self.sku, self.pool, self.position(models), last=self.last, before=self.before
        )


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
    models: ReadModels, sku: str, pool: str = "default", as_of: int | None = None, *,
    last: int | None = None, before: int | None = None,
) -> dict[str, Any]:
    """List the events that moved an item's numbers in a pool, with the balances after each.

    Events of the settings are listed where they moved a balance. They are all, or the ``last`` so
    many, of those ``before`` a position; ``next`` is what leads to earlier ones, given as
    ``before``, and ``None`` where there are none. Refuses an unknown item, pool or position.
    """
    ledger = models.ledger
    position = ledger.head().position if as_of is None else as_of
    models.require_position(position)
    until = position if before is None else min(position, before - 1)
    version = ledger.version_at(ProductStock.stream_of(sku), until)
    wanted = version if last is None else last
    while True:
        start = _Start.of(models, sku, max(version - wanted, 0))
        found = _replayed(ledger, start, pool, until)
        if start.version == 0 or last is None or len(found.rows) >= last:
            break
        wanted *= 2                              # of early events the pool may know nothing yet
    require(found.stock if before is None else stock_at(models, sku, position))
    (found.settings if before is None else settings_at(models, position)).require_pool(pool)
    shown = found.rows if last is None else found.rows[max(len(found.rows) - last, 0):]
    is_all = len(shown) == len(found.rows) and start.version == 0
    return {
        "sku": sku, "pool": pool, "as_of": position, "rows": shown,
        "next": None if is_all or not shown else shown[0]["position"],
        "balances": found.balances if before is None else _balances_at(models, sku, pool, position),
    }


class _Start(NamedTuple):
    """An item after some events of its stream, and the settings that held then."""

    stock: ProductStock
    settings: Settings
    version: int
    position: int

    @classmethod
    def of(cls, models: ReadModels, sku: str, version: int) -> "_Start":
        """Return where a replay begins: before the event after a version."""
        stream = ProductStock.stream_of(sku)
        if not version:
            return cls(ProductStock(stream), Settings(), 0, 0)
        [recorded] = models.ledger.read_stream(
            stream, after_version=version - 1, up_to_version=version
        )
        at = recorded.position
        return cls(stock_at(models, sku, at), settings_at(models, at), version, at)


class _Replayed(NamedTuple):
    """The rows of a replay, and how the item stood at its end."""

    rows: list[dict[str, Any]]
    balances: dict[str, Any]
    stock: ProductStock
    settings: Settings


def _replayed(ledger: Ledger, start: _Start, pool: str, until: int) -> _Replayed:
    stock, settings, version, begin = start
    own = ledger.read_stream(stock.id, after_version=version, until=until)
    shared = Settings.stream_of(SETTINGS_KEY)
    changed = ledger.read_stream(
        shared, after_version=ledger.version_at(shared, begin), until=until
    )
    rows: list[dict[str, Any]] = []
    before: dict[str, Any] = dict.fromkeys(BALANCES, 0)
    if pool in settings.pools:
        before = balances(stock, settings, pool)
    for recorded in merge(own, _moving(changed), key=attrgetter("position")):
        is_own = recorded.originator_id == stock.id
        (stock if is_own else settings).apply(recorded.payload)
        if pool not in settings.pools:
            continue
        after = balances(stock, settings, pool)
        if is_own or (stock.exists and after != before):
            rows.append(_row(recorded, before, after))
        before = after
    return _Replayed(rows, before, stock, settings)


def _balances_at(models: ReadModels, sku: str, pool: str, position: int) -> dict[str, Any]:
    return balances(stock_at(models, sku, position), settings_at(models, position), pool)


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
