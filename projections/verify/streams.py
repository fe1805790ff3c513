"""Verification of streams: each folds through its aggregate, and the rules hold after each command.

The rules: no source has less than 0 units on hand, no line has less than 0 remaining, no more is
allocated than the sources of the pools hold together, and no unit is free while a line that could
take it waits.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Any, NamedTuple

from stocktrail.ledger.allocation import Claims, serve
from stocktrail.ledger.base.aggregate import Aggregate, RecordedEvent
from stocktrail.ledger.base.event import Event
from stocktrail.ledger.customer import Customer
from stocktrail.ledger.orders.state import Order
from stocktrail.ledger.purchase_orders.state import PurchaseOrder
from stocktrail.ledger.quantity import to_text
from stocktrail.ledger.settings import (
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
from stocktrail.projections.recorded_together import RecordedTogether
from stocktrail.projections.verify.findings import MOST_FINDINGS, Finding, finding
from stocktrail.projections.verify.folded_streams import Folded, FoldedStreams
from stocktrail.projections.verify.snapshots import SnapshotCheck

_KNOWN = {
    each.category for each in (Customer, Order, ProductStock, PurchaseOrder, Settings, Webhook)
}

Demand = defaultdict[str, Counter[str]]
"""The units that open lines of orders need, by SKU and pool."""


class BrokenRule(NamedTuple):
    """A rule that does not hold any more, with what is wrong."""

    code: str
    sentence: str


DOES_NOT_FOLD = (LookupError, ValueError, TypeError, AttributeError)
"""What applying an event raises when it does not follow from those before it."""


class StreamFolds:
    """Folds every stream as its events come, and collects findings."""

    def __init__(self, ledger: Ledger) -> None:
        self._snapshots = SnapshotCheck(ledger)
        self._streams = FoldedStreams(ledger, self._rest, self._resume)
        self._settings = Settings()
        self._demand: Demand = defaultdict(Counter)
        self._carried: defaultdict[str, dict[str, None]] = defaultdict(dict)
        self._judged_at: dict[str, int] = {}
        self._all_judged_at = 0
        self._unjudged: dict[str, RecordedEvent] = {}
        self._command: str | None = None
        self._broken: set[str] = set()
        self.findings: list[Finding] = []
        self.streams: int = 0

    def fold(self, together: RecordedTogether) -> None:
        """Fold what was recorded together, and judge the rules after each command."""
        for recorded in together:
            if recorded.command_id is None or recorded.command_id != self._command:
                self._judge()
                self._command = recorded.command_id
            if len(self.findings) >= MOST_FINDINGS:
                return
            if recorded.originator_id not in self._broken and not self._fold(recorded):
                self._broken.add(recorded.originator_id)

    def compare(self, tables: TableSet, cursor: Cursor, stop: int) -> None:
        """Compare items with the stock levels in a scratch database, and what is left unchecked."""
        self._judge()
        self._streams.rest_all()
        parked = {each.sku for each in parked_items(tables, cursor)}
        for stream, stock in sorted(self._streams.items.items()):
            if len(self.findings) >= MOST_FINDINGS:
                return
            if stream not in self._broken and stock.key not in parked:
                self.findings += _differs(
                    stock, self._demand, load_stock(tables, cursor, stock.key),
                    max(self._judged_at[stream], self._all_judged_at),
                )
        self.findings += self._snapshots.beyond(stop)

    # ------------------------------------------------------------------ one event

    def _fold(self, recorded: RecordedEvent) -> bool:
        """Fold one event; return whether the rest of its stream can be folded."""
        stream = recorded.originator_id
        stock = self._streams.items.get(stream)
        if stock is None:
            return self._fold_other(recorded)
        known = len(stock.on_hand)
        if not self._step(stock, recorded):
            return False
        self._unjudged[stream] = recorded
        if len(stock.on_hand) > known:
            self._carry(stock, known)
        if broken := _broken_lines(stock, recorded.payload):
            self._add(broken, stock, recorded)
        return True

    def _fold_other(self, recorded: RecordedEvent) -> bool:
        """Fold the first event of an item, or an event of anything else."""
        stream, payload = recorded.originator_id, recorded.payload
        if stream.partition("/")[0] not in _KNOWN:
            self.findings.append(finding(
                "stream_missing",
                f"The event at position {recorded.position} belongs to {stream}, but no stream of "
                "that kind can be folded.", position=recorded.position,
            ))
            return False
        aggregate = self._streams.before(recorded)
        self.streams += not aggregate.version
        if not self._step(aggregate, recorded):
            return False
        self._streams.keep(aggregate, recorded.position)
        if isinstance(aggregate, ProductStock):
            self._unjudged[stream] = recorded
            self._carry(aggregate, 0)
        elif isinstance(payload, (PoolDefined, SourceDisabled, SourceEnabled)):
            self._switch(payload, recorded)
        return True

    def _carry(self, stock: ProductStock, known: int) -> None:
        """Keep which items each source carries; the first sources of this one are ``known``."""
        for source in islice(stock.on_hand, known, None):
            self._carried[source][stock.id] = None

    def _switch(
        self, event: PoolDefined | SourceDisabled | SourceEnabled, recorded: RecordedEvent
    ) -> None:
        """Have the items judged again whose units can be sold otherwise than before.

        For all others the rules hold as they did; they count as judged.
        """
        if isinstance(event, PoolDefined):
            sources = self._settings.changed_sources(event.pool, event.sources)
        else:
            sources = {event.source}
        self._settings.apply(event)
        for source in sources:
            self._unjudged |= dict.fromkeys(self._carried.get(source, ()), recorded)
        self._all_judged_at = recorded.position

    def _step(self, aggregate: Aggregate, recorded: RecordedEvent) -> bool:
        """Apply one event; return whether it was the next one and could be applied."""
        if recorded.originator_version != (expected := aggregate.version + 1):
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
        if difference := self._snapshots.compare(aggregate, recorded.position):
            self.findings.append(difference)
        return True

    # ------------------------------------------------------------------ rules

    def _judge(self) -> None:
        """Judge the items that the last command touched."""
        for stream, recorded in self._unjudged.items():
            self._judged_at[stream] = recorded.position
            stock = self._streams.items[stream]
            if stock.lines and (broken := _broken_rule(stock, self._settings)):
                self._add([broken], stock, recorded)
        self._unjudged.clear()

    def _add(
        self, broken: Iterable[BrokenRule], stock: ProductStock, recorded: RecordedEvent
    ) -> None:
        for rule in broken:
            self.findings.append(finding(
                rule.code, f"After position {recorded.position}: {rule.sentence}",
                sku=stock.key, position=recorded.position,
            ))

    def _rest(self, folded: Folded) -> None:
        """Count what an order still needs, because it is given up for now."""
        order = folded.aggregate
        if not isinstance(order, Order):
            return
        for number, line in order.lines.items():
            if line.remaining < 0 or line.given_back > line.shipped:
                self.findings.append(finding(
                    "line_below_zero",
                    f"Line {number} of order {order.key} has {to_text(line.remaining)} remaining "
                    f"and {to_text(line.shipped - line.given_back)} that could come back.",
                    order=order.key, line=number, position=folded.position,
                ))
        self._count(order, 1)

    def _resume(self, folded: Folded) -> None:
        if isinstance(folded.aggregate, Order):
            self._count(folded.aggregate, -1)

    def _count(self, order: Order, sign: int) -> None:
        for line in order.lines.values():
            if line.managed:
                self._demand[line.sku][order.pool] += sign * line.remaining


def _broken_lines(stock: ProductStock, event: Event) -> list[BrokenRule]:
    """Return which numbers that an event changed went below zero, or beyond what remains."""
    changes, broken = changes_of(event), []
    for source, _ in changes.on_hand:
        if stock.on_hand.get(source, 0) < 0:
            broken.append(BrokenRule(
                "on_hand_below_zero",
                f"{stock.key} has {to_text(stock.on_hand[source])} on hand at {source}.",
            ))
    for order, number, _ in changes.lines:
        line = stock.lines.get((order, number))
        if line is not None and not 0 <= line.allocated <= line.remaining:
            broken.append(BrokenRule(
                "line_below_zero",
                f"line {number} of order {order} has {to_text(line.remaining)} of {stock.key} "
                f"remaining and {to_text(line.allocated)} allocated.",
            ))
    return broken


def _broken_rule(stock: ProductStock, settings: Settings) -> BrokenRule | None:
    """Return the first rule that an item with open lines breaks."""
    sellable = stock.sellable(settings)
    claims = Claims(sellable, settings.pools)
    for pool, quantity in stock.allocated.items():
        if claims.add(pool, quantity) < quantity:
            return BrokenRule(
                "allocated_more_than_on_hand",
                f"{to_text(quantity)} of {stock.key} are allocated in pool {pool}, more than the "
                "sellable units at its sources can carry beside the other pools.",
            )
    if not claims.total_left or not stock.lines.queues:
        return None
    exhausted: set[str] = set()
    for change in serve(stock.waiting({}, exhausted), claims, exhausted):
        return BrokenRule(
            "free_while_waiting",
            f"{to_text(change.quantity)} of {stock.key} are free in pool {change.pool} while line "
            f"{change.line} of order {change.order} waits for them.",
        )
    return None


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
