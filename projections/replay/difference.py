"""The difference between two moments: what changed in stock, orders and backorders, and by what."""

from collections.abc import Iterator, Mapping, Sequence
from operator import attrgetter
from typing import Any

from ledger.base.aggregate import RecordedEvent
from ledger.order import Order
from ledger.quantity import to_number
from ledger.settings import Settings
from ledger.stock.state import ProductStock
from projections.batches import reaches_every_item
from projections.changes import changes_of
from projections.orders import OrderView
from projections.past import RecordedPast
from projections.read_models import ReadModels
from projections.replay.item import balances
from projections.reports.narrative import tell

EVENTS_PER_PAGE = 2000

Numbers = Mapping[str, Any]


class _Between:
    """The events between two positions, by what they are about."""

    def __init__(self, models: ReadModels, start: int, stop: int) -> None:
        self.of_items: dict[str, list[RecordedEvent]] = {}
        self.of_orders: dict[str, list[RecordedEvent]] = {}
        self.of_settings: list[RecordedEvent] = []
        self.count = stop - start
        position = start
        while position < stop:
            page = models.ledger.read(position, EVENTS_PER_PAGE, stop)
            for recorded in page:
                self._sort(recorded)
            position = page[-1].position
        if any(reaches_every_item(each.payload) for each in self.of_settings):
            for stream in models.ledger.streams(ProductStock.category):
                self.of_items.setdefault(stream.partition("/")[2], [])

    def _sort(self, recorded: RecordedEvent) -> None:
        category, _, key = recorded.originator_id.partition("/")
        if category == Settings.category:
            self.of_settings.append(recorded)
        elif category == Order.category:
            self.of_orders.setdefault(key, []).append(recorded)
        elif category == ProductStock.category:
            self.of_items.setdefault(key, []).append(recorded)
            for order in dict.fromkeys(line[0] for line in changes_of(recorded.payload).lines):
                self.of_orders.setdefault(order, []).append(recorded)


def difference(models: ReadModels, start: int, stop: int) -> dict[str, Any]:
    """List what changed from one position to another, with the events that did it.

    ``stock`` has a row for each item and pool whose numbers changed, ``orders`` for each order
    whose status or lines did, ``backorders`` for each line whose backordered units did. The two
    positions may be given in either order; the changes go from the first to the second. Refuses
    an unknown position.
    """
    for position in (start, stop):
        models.require_position(position)
    low, high = min(start, stop), max(start, stop)
    if high > (models.position() or 0):
        models.catch_up()
    between = _Between(models, low, high)
    with models.reading() as reading:
        before = RecordedPast(models.ledger, reading, start)
        after = RecordedPast(models.ledger, reading, stop)
        order_ids = list(between.of_orders)
        was, became = before.orders(order_ids), after.orders(order_ids)
        return {
            "from": start,
            "to": stop,
            "events": between.count,
            "stock": list(_stock(before, after, between)),
            "orders": [
                row for order_id, events in sorted(between.of_orders.items())
                if (row := _changed(
                    {"order": order_id}, _of_order(was.get(order_id)),
                    _of_order(became.get(order_id)), events,
                ))
            ],
            "backorders": list(_backorders(was, became, between)),
            "settings": [_told(recorded) for recorded in between.of_settings],
        }


def _stock(
    before: RecordedPast, after: RecordedPast, between: _Between
) -> Iterator[dict[str, Any]]:
    for sku, events in sorted(between.of_items.items()):
        was, became = before.stock(sku), after.stock(sku)
        for pool in sorted({*before.settings.pools, *after.settings.pools}):
            row = _changed(
                {"sku": sku, "pool": pool}, _of_stock(before, was, pool),
                _of_stock(after, became, pool), [*events, *between.of_settings],
            )
            if row:
                yield row


def _of_stock(past: RecordedPast, stock: ProductStock, pool: str) -> Numbers:
    if not stock.exists or pool not in past.settings.pools:
        return {}
    on_hand = {f"on_hand at {source}": to_number(units)
               for source, units in stock.on_hand.items()
               if source in past.settings.sources_of(pool)}
    found = balances(stock, past.settings, pool)
    del found["on_hand"]
    return on_hand | found if on_hand or any(found.values()) else {}


def _of_order(order: OrderView | None) -> Numbers:
    if order is None:
        return {}
    found: dict[str, Any] = {"status": order.status, "priority": order.priority}
    for line in order.lines.values():
        for name in ("ordered", "shipped", "cancelled", "released", "returned", "allocated"):
            found[f"line {line.line} {name}"] = to_number(getattr(line, name))
        found[f"line {line.line} requested_date"] = line.requested_date.isoformat()
    return found


def _backorders(
    was: Mapping[str, OrderView], became: Mapping[str, OrderView], between: _Between
) -> Iterator[dict[str, Any]]:
    for order_id, events in sorted(between.of_orders.items()):
        sides = [orders.get(order_id) for orders in (was, became)]
        known = sides[1] or sides[0]
        for number, line in (known.lines if known else {}).items():
            before, after = (
                {"backordered": to_number(side.lines[number].backordered if side else 0)}
                for side in sides
            )
            about = {"order": order_id, "line": number, "sku": line.sku,
                     "customer": known.customer if known else None}
            row = _changed(about, before, after, events)
            if row:
                yield row


def _changed(
    about: dict[str, Any], before: Numbers, after: Numbers, events: Sequence[RecordedEvent]
) -> dict[str, Any] | None:
    changes = {
        name: {"from": before.get(name), "to": after.get(name)}
        for name in dict.fromkeys([*before, *after]) if before.get(name) != after.get(name)
    }
    if not changes:
        return None
    in_order = sorted(events, key=attrgetter("position"))
    return {**about, "changes": changes, "events": list(map(_told, in_order))}


def _told(recorded: RecordedEvent) -> dict[str, Any]:
    return {
        "position": recorded.position, "type": type(recorded.payload).__name__,
        "command_id": recorded.command_id, "sentence": tell(recorded.payload),
    }
