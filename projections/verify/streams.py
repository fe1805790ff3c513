"""Verification of streams: each folds through its aggregate, and the rules hold after each command.

The rules: no source has less than 0 units on hand, no line has less than 0 remaining, no more is
allocated than the sources of the pools hold together, and no unit is free while a line that could
take it waits.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from heapq import merge
from itertools import chain, groupby, pairwise
from operator import attrgetter
from typing import Any

from stocktrail.ledger.allocation import Claims, allocations_to_make
from stocktrail.ledger.base.aggregate import Aggregate, RecordedEvent, new_aggregate
from stocktrail.ledger.customer import Customer
from stocktrail.ledger.orders.state import Order
from stocktrail.ledger.purchase_orders.state import PurchaseOrder
from stocktrail.ledger.quantity import to_text
from stocktrail.ledger.settings import (
    SETTINGS_KEY,
    PoolDefined,
    Settings,
    SourceDisabled,
    SourceEnabled,
)
from stocktrail.ledger.stock.state import ProductStock
from stocktrail.ledger.store import Ledger
from stocktrail.ledger.store.tables import Cursor, TableSet
from stocktrail.ledger.webhook import Webhook
from stocktrail.projections.models.changes import changes_of
from stocktrail.projections.models.parked_items import parked_items
from stocktrail.projections.models.stock_levels import load_stock
from stocktrail.projections.verify.findings import MOST_FINDINGS, Finding, finding
from stocktrail.projections.verify.snapshots import SnapshotCheck

_OTHERS = {each.category for each in (Customer, PurchaseOrder, Settings, Webhook)}
_KNOWN = {Order.category, ProductStock.category} | _OTHERS

_stream_of = attrgetter("originator_id")
_position_of = attrgetter("position")

Demand = defaultdict[str, Counter[str]]
"""The units that open lines of orders need, by SKU and pool."""

DOES_NOT_FOLD = (LookupError, ValueError, TypeError, AttributeError)
"""What applying an event raises when it does not follow from those before it."""


class StreamFolds:
    """Folds every stream up to a position, and collects findings."""

    def __init__(self, ledger: Ledger, stop: int) -> None:
        self._ledger = ledger
        self._stop = stop
        self.findings: list[Finding] = []
        self.events: Counter[str] = Counter()
        self.streams = 0
        self._snapshots = SnapshotCheck(ledger)
        self._at = 0

    def check(self, tables: TableSet, cursor: Cursor) -> None:
        """Fold all streams, and compare items with the stock levels in a scratch database."""
        settings = self._ledger.read_stream(
            Settings.stream_of(SETTINGS_KEY), until=self._stop
        )
        moving = [
            recorded for recorded in settings
            if isinstance(recorded.payload, (PoolDefined, SourceDisabled, SourceEnabled))
        ]
        demand: Demand = defaultdict(Counter)
        parked = {each.sku for each in parked_items(tables, cursor)}
        for stream, events in groupby(self._ledger.read_by_stream(self._stop), _stream_of):
            counted = self._counted(stream, events)
            category = stream.partition("/")[0]
            if category == Order.category:
                self._check_order(stream, counted, demand)
            elif category == ProductStock.category:     # comes after orders in the order of names
                stock = self._check_stock(stream, counted, moving)
                if stock is not None and stock.key not in parked:
                    self.findings += _differs(
                        stock, demand, load_stock(tables, cursor, stock.key), self._at
                    )
            elif category in _OTHERS:
                self._fold(stream, counted)
            for _ in counted if category in _KNOWN else ():
                pass                     # counts the events after the first that does not fold
            if len(self.findings) >= MOST_FINDINGS:
                return
        self.findings += self._snapshots.beyond(self._stop)

    def _counted(self, stream: str, events: Iterable[RecordedEvent]) -> Iterator[RecordedEvent]:
        category = stream.partition("/")[0]
        self.streams += category in _KNOWN
        for recorded in events:
            self.events[category] += 1
            yield recorded

    def _step(self, aggregate: Aggregate, recorded: RecordedEvent) -> bool:
        """Fold one event; return whether it was the next one and could be folded."""
        expected = aggregate.version + 1
        if recorded.originator_version != expected:
            self.findings.append(finding(
                "version_gap",
                f"Stream {aggregate.id} has version {recorded.originator_version} at position "
                f"{recorded.position}, where {expected} must stand.",
                stream=aggregate.id, position=recorded.position,
            ))
            return False
        try:
            aggregate.apply(recorded.payload, recorded.occurred_at)
        except DOES_NOT_FOLD as error:
            self.findings.append(finding(
                "event_does_not_fold",
                f"{type(recorded.payload).__name__} at position {recorded.position} does not "
                f"follow from what stands before it in {aggregate.id} ({error!r}).",
                stream=aggregate.id, position=recorded.position,
            ))
            return False
        self._at = recorded.position
        if difference := self._snapshots.compare(aggregate, recorded.position):
            self.findings.append(difference)
        return True

    def _fold(self, stream: str, events: Iterable[RecordedEvent]) -> Aggregate | None:
        aggregate = new_aggregate(stream)
        for recorded in events:
            if not self._step(aggregate, recorded):
                return None
        return aggregate

    # ------------------------------------------------------------------ orders

    def _check_order(
        self, stream: str, events: Iterable[RecordedEvent], demand: Demand
    ) -> None:
        order = self._fold(stream, events)
        if not isinstance(order, Order):
            return
        for number, line in order.lines.items():
            if line.remaining < 0 or line.given_back > line.shipped:
                self.findings.append(finding(
                    "line_below_zero",
                    f"Line {number} of order {order.key} has {to_text(line.remaining)} remaining "
                    f"and {to_text(line.shipped - line.given_back)} that could come back.",
                    order=order.key, line=number, position=self._at,
                ))
            if line.managed:
                demand[line.sku][order.pool] += line.remaining

    # ------------------------------------------------------------------ stock

    def _check_stock(
        self, stream: str, own: Iterable[RecordedEvent], moving: Sequence[RecordedEvent]
    ) -> ProductStock | None:
        stock, settings = ProductStock(stream), Settings()
        for recorded, following in pairwise(chain(merge(own, moving, key=_position_of), [None])):
            assert recorded is not None
            if recorded.originator_id != stream:
                settings.apply(recorded.payload)
            elif not self._step(stock, recorded):
                return None
            if following is None or not _one_command(recorded, following):
                self._add(_broken_rules(stock, settings), stock, recorded)
            self._add(_broken_lines(stock, recorded), stock, recorded)
            if len(self.findings) >= MOST_FINDINGS:
                return None
        return stock

    def _add(
        self, broken: Iterable[tuple[str, str]], stock: ProductStock, recorded: RecordedEvent
    ) -> None:
        for code, sentence in broken:
            self.findings.append(finding(
                code, f"After position {recorded.position}: {sentence}",
                sku=stock.key, position=recorded.position,
            ))


def _one_command(one: RecordedEvent, other: RecordedEvent) -> bool:
    return one.command_id is not None and one.command_id == other.command_id


def _broken_lines(stock: ProductStock, recorded: RecordedEvent) -> Iterator[tuple[str, str]]:
    changes = changes_of(recorded.payload)
    for source, _ in changes.on_hand:
        if stock.on_hand.get(source, 0) < 0:
            yield "on_hand_below_zero", (
                f"{stock.key} has {to_text(stock.on_hand[source])} on hand at {source}."
            )
    for order, number, _ in changes.lines:
        line = stock.lines.get((order, number))
        if line is not None and not 0 <= line.allocated <= line.remaining:
            yield "line_below_zero", (
                f"line {number} of order {order} has {to_text(line.remaining)} of {stock.key} "
                f"remaining and {to_text(line.allocated)} allocated."
            )


def _broken_rules(stock: ProductStock, settings: Settings) -> Iterator[tuple[str, str]]:
    if not stock.lines:
        return
    sellable = stock.sellable(settings)
    claims = Claims(sellable, settings.pools)
    for pool, quantity in stock.allocated.items():
        if claims.add(pool, quantity) < quantity:
            yield "allocated_more_than_on_hand", (
                f"{to_text(quantity)} of {stock.key} are allocated in pool {pool}, more than the "
                "sellable units at its sources can carry beside the other pools."
            )
            return
    if not stock.lines.queue_keys:
        return
    for change in allocations_to_make(
        stock.waiting({}), stock.allocated, sellable, settings.pools
    ):
        yield "free_while_waiting", (
            f"{to_text(change.quantity)} of {stock.key} are free in pool {change.pool} while line "
            f"{change.line} of order {change.order} waits for them."
        )
        return


def _differs(
    stock: ProductStock, demand: Demand, kept: ProductStock, position: int
) -> Iterator[Finding]:
    wanted = _without_zeros(demand.get(stock.key, {}))
    ours, theirs = _compared(stock), _compared(kept)
    for what, one, other in (
        ("demand of its lines and of the orders", _without_zeros(stock.demand), wanted),
        *(
            (_CALLED.get(name, name), ours.get(name), theirs.get(name))
            for name in dict.fromkeys((*ours, *theirs))
        ),
    ):
        if one != other:
            yield finding(
                "item_differs",
                f"{stock.key}: the {what} differ between the aggregate and what was folded beside "
                f"it: {one} and {other} (in ten-thousandths).",
                sku=stock.key, position=position,
            )


_CALLED = {
    "on_hand": "units on hand", "allocated": "allocated units", "product": "levels of settings",
    "in_pool": "levels of settings in pools", "in_source": "levels of settings at sources",
    "out_of_stock": "sources where it is out of stock",
}
"""The names of parts of an item's state, as findings give them."""


def _compared(stock: ProductStock) -> dict[str, Any]:
    state = stock.item_state()
    return state | {name: _without_zeros(state[name]) for name in ("allocated", "demand")}


def _without_zeros(units: Mapping[str, int]) -> dict[str, int]:
    return {key: quantity for key, quantity in units.items() if quantity}
