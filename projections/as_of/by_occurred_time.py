"""The ledger by valid time: what had happened by an instant, whenever it was recorded.

A fact that was recorded late counts from when it occurred, and one that occurred later does not
count, even if it was already known. Most of the log stands in the order in which things happened;
so an item is folded as it was recorded, and what was recorded late is added. Allocations count from
when the ledger made them; a line never has more allocated than remains of it. Items, sources and
pools exist from the beginning, as they were first described: whoever enters last year's receipts
today describes the item today.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from operator import attrgetter

from msgspec.structs import replace

from stocktrail.ledger.base.aggregate import RecordedEvent
from stocktrail.ledger.base.event import Event
from stocktrail.ledger.purchase_orders.state import PurchaseOrder
from stocktrail.ledger.settings import SETTINGS_KEY, PoolDefined, Settings, SourceRegistered
from stocktrail.ledger.stock.events import (
    BackorderPrioritised,
    BackorderRescheduled,
    ProductRegistered,
    StockReserved,
)
from stocktrail.ledger.stock.open_lines import LineKey, OpenLine, OpenLines, reserved_line
from stocktrail.ledger.stock.state import ProductStock
from stocktrail.ledger.store import Ledger
from stocktrail.ledger.store.tables import Row
from stocktrail.projections.as_of.by_recorded_time import LedgerAsRecorded, queues_at
from stocktrail.projections.as_of.happened import happened_by
from stocktrail.projections.as_of.ledger_as_of import LedgerAsOf
from stocktrail.projections.as_of.stocks_at import put_line
from stocktrail.projections.models.changes import changes_of
from stocktrail.projections.models.late_events import disordered_among, disordered_of
from stocktrail.projections.models.open_line_rows import first_told
from stocktrail.projections.models.open_lines import Queue
from stocktrail.projections.models.open_spans import NOTHING, SALE, spans_of
from stocktrail.projections.models.parked_items import stock_fits
from stocktrail.projections.models.promised_lines import PromisedLine
from stocktrail.projections.models.queue_sources import QueueSources
from stocktrail.projections.read_models import Reading

_by_occurrence = attrgetter("occurred_at", "position")


def _placed_first(recorded: RecordedEvent) -> tuple[str, bool, int, int]:
    is_later = recorded.originator_version != 1
    return recorded.originator_id, is_later, recorded.occurred_at, recorded.position


class LedgerAsOccurred(LedgerAsOf):
    """The ledger with what had occurred by an instant, as far as recorded by a position."""

    def __init__(self, ledger: Ledger, now: Reading, position: int, until: int) -> None:
        super().__init__(ledger, now, position)
        self.until = until
        self._happened = happened_by(ledger, now, until, position)
        self._recorded = LedgerAsRecorded(ledger, now, self._happened.position)

    def in_hindsight(
        self, known_at: int, most: int
    ) -> Mapping[str, Sequence[RecordedEvent]] | None:
        """Return what makes the difference to what was known at a position, by stream.

        That is what had occurred and was recorded after it, and what was recorded by it and had
        not occurred. ``None``: those are more than so many events.
        """
        in_order = self._happened.position
        first, last = sorted((in_order, known_at))
        late = [each for events in self._happened.late.values() for each in events]
        if last - first + len(late) > most:
            return None
        found: dict[int, RecordedEvent] = {
            each.position: each for each in late if each.position > known_at
        }
        for recorded in self.ledger.read(first, last - first, stop=last) if last > first else []:
            if self._has_occurred(recorded) is (recorded.position > known_at):
                found[recorded.position] = recorded
        by_stream: dict[str, list[RecordedEvent]] = {}
        for _, recorded in sorted(found.items()):
            by_stream.setdefault(recorded.originator_id, []).append(recorded)
        return by_stream

    def events(self, streams: Sequence[str]) -> Iterable[RecordedEvent]:
        """Return the events of streams that had occurred, in the order in which they occurred.

        The first event of a stream stays first, even where an order is dated after its shipment.
        """
        known = self.ledger.read_streams(streams, until=self.position)
        return sorted((each for each in known if self._has_occurred(each)), key=_placed_first)

    def fold_settings(self) -> Settings:
        """Fold the settings in the order in which they were changed."""
        stream = Settings.stream_of(SETTINGS_KEY)
        settings = Settings(stream)
        known = self.ledger.read_stream(stream, until=self.position)
        for recorded in sorted(filter(self._has_occurred, known), key=_by_occurrence):
            settings.apply(recorded.payload)
        for recorded in known:
            event = recorded.payload
            if (isinstance(event, PoolDefined) and event.pool not in settings.pools) or (
                isinstance(event, SourceRegistered) and event.source not in settings.sources
            ):
                settings.apply(event)
        return settings

    def fold_stock(self, sku: str) -> ProductStock:
        """Add what was recorded late to what was recorded in order, where sums are all there is.

        An item whose events count in another order than they were recorded in is added up from all
        of them.
        """
        stream = ProductStock.stream_of(sku)
        if self._disordered([stream]):
            return self.add_up(sku)
        stock = self._recorded.fold_stock(sku)
        late = sorted(self._happened.late.get(stream, ()), key=_by_occurrence)
        described = self._described(stock)
        if described is not None:
            stock.apply(described)
        lines = dict(stock.lines)
        for recorded in late:
            event = recorded.payload
            if isinstance(event, StockReserved):
                lines[event.order, event.line] = _new_line(event, recorded)
        version = stock.version - (described is not None) + len(late)
        for recorded in late:
            _apply(stock, lines, recorded)
        _put_lines(stock, lines.values())
        stock.version = max(version, int(described is not None))
        return stock

    def fold_stocks(self, skus: Sequence[str]) -> dict[str, ProductStock]:
        """Return items: those that happened in order as they were recorded, the others folded."""
        folded = self._happened_late(skus)
        in_order = [sku for sku in skus if sku not in folded]
        found = {
            sku: stock for sku, stock in self._recorded.fold_stocks(in_order).items()
            if stock.exists
        }
        return found | {sku: self.fold_stock(sku) for sku in skus if sku not in found}

    def _described(self, stock: ProductStock) -> Event | None:
        """Return how an item was first described, if that had not happened yet."""
        if stock.version:
            return None
        first = self.ledger.read_stream(stock.id, up_to_version=1)
        if not first or first[0].position > self.position:
            return None
        return first[0].payload if isinstance(first[0].payload, ProductRegistered) else None

    def _disordered(self, streams: Sequence[str]) -> set[str]:
        return disordered_among(self.now.place, self.now.cursor, streams, self.position)

    def add_up(self, sku: str) -> ProductStock:
        """Add up all that had happened to an item and to its lines, in the order it happened in."""
        stream = ProductStock.stream_of(sku)
        known = self.ledger.read_stream(stream, until=self.position)
        happened = sorted(filter(self._has_occurred, known), key=_by_occurrence)
        stock = ProductStock(stream)
        described = [each for each in known if isinstance(each.payload, ProductRegistered)]
        if described:
            stock.apply(described[0].payload)
        lines = {
            (event.order, event.line): _new_line(event, recorded)
            for recorded in happened if isinstance(event := recorded.payload, StockReserved)
        }
        for recorded in happened:
            _apply(stock, lines, recorded)
        _put_lines(stock, lines.values())
        stock.version = max(len(happened), min(len(described), 1))
        return stock

    def _has_occurred(self, recorded: RecordedEvent) -> bool:
        return recorded.occurred_at <= self.until

    def spans(
        self, kind: str, *, skus: Sequence[str] | None = None, party: str | None = None,
        end: str = "", after: Mapping[str, str | int] = NOTHING,
    ) -> list[Row]:
        """Return the lines that may have been open: as recorded in order, and those touched late.

        A line that was closed in order stays closed, but for one of a purchase order, whose terms
        may have been changed late.
        """
        found = {
            (row["reference"], row["line"]): row
            for row in self._recorded.spans(kind, skus=skus, party=party)
        }
        place, cursor, _ = self.now
        for row in spans_of(place, cursor, kind, self._touched_late(kind)):
            if row["since"] <= self.position and (skus is None or row["sku"] in skus) and (
                party is None or row["party"] == party
            ):
                found.setdefault((row["reference"], row["line"]), row)
        return list(found.values())

    def _touched_late(self, kind: str) -> list[str]:
        """Return the orders, or purchase orders, of which a line may have been opened late."""
        if kind == SALE:
            return sorted({
                recorded.payload.order for events in self._happened.late.values()
                for recorded in events if isinstance(recorded.payload, StockReserved)
            })
        place, cursor, _ = self.now
        category = PurchaseOrder.category
        streams = disordered_of(place, cursor, category, self.position)
        streams |= {each for each in self._happened.late if each.startswith(f"{category}/")}
        return sorted(stream.partition("/")[2] for stream in streams)

    def queues(self, skus: Sequence[str]) -> dict[str, Queue]:
        """Return the open lines of items: in order from their rows, the others from what happened.

        Those to which anything happened late, or in another order, are folded.
        """
        folded = self._happened_late(skus)
        in_order = [sku for sku in skus if sku not in folded]
        found = queues_at(self._recorded, in_order, self.settings)
        return {sku: found.get(sku) or self._queue(sku) for sku in skus}

    def _happened_late(self, skus: Sequence[str]) -> set[str]:
        streams = {ProductStock.stream_of(sku): sku for sku in skus}
        late = self._disordered(list(streams)) | self._happened.late.keys() & streams.keys()
        return {streams[stream] for stream in late}

    def _queue(self, sku: str) -> Queue:
        queue, stock = Queue(sku), self.stock(sku)
        queue.sources = QueueSources(dict(stock.on_hand), stock.out_of_stock)
        queue.manage = stock.everywhere.get("manage_stock")
        managed = queue.is_managed(self.settings)
        details = self.lines_of(list(dict.fromkeys(order for order, _ in stock.lines)))
        for key, line in stock.lines.items():
            row = details[key]
            queue.put(PromisedLine(
                line, sku, row["party"], row["ship_policy"], row["since"],
                date.fromordinal(row["placed_day"]), managed=managed, told=first_told(row),
            ))
        return queue

    def allocated(self, order_ids: Sequence[str]) -> Mapping[LineKey, int]:
        """Return how many units the open lines of orders had."""
        skus = {row["sku"] for row in self.lines_of(order_ids).values()}
        folded, orders = self._happened_late(sorted(skus)), set(order_ids)
        found = {
            key: units for key, (sku, units) in self._recorded.allocated_of(order_ids).items()
            if sku not in folded
        }
        for sku in folded:
            for key, line in self.stock(sku).lines.items():
                if line.order in orders:
                    found[key] = line.allocated
        return found

    def parked(self, skus: Sequence[str]) -> list[str]:
        """Return the items whose numbers had become too large."""
        folded = self._happened_late(skus)
        in_order = set(self._recorded.parked([sku for sku in skus if sku not in folded]))
        return [
            sku for sku in skus
            if (not stock_fits(self.stock(sku)) if sku in folded else sku in in_order)
        ]

    def changes(self, order_ids: Sequence[str]) -> list[Row]:
        """Return the changes of promises by what had occurred."""
        return [
            row for row in self._all_changes(order_ids) if row["occurred_at"] <= self.until
        ]

    def tellings(self, order_ids: Sequence[str]) -> list[Row]:
        """Return the tellings that had occurred."""
        return [
            row for row in self._all_tellings(order_ids) if row["occurred_at"] <= self.until
        ]


def _new_line(event: StockReserved, recorded: RecordedEvent) -> OpenLine:
    return replace(reserved_line(event, recorded.originator_version), allocated=0)


def _put_lines(stock: ProductStock, lines: Iterable[OpenLine]) -> None:
    """Replace the lines of an item; each has at most the units that remain of it."""
    stock.lines, stock.demand, stock.allocated = OpenLines(), {}, {}
    for line in lines:
        bound = replace(line, allocated=min(max(line.allocated, 0), line.remaining))
        if bound.remaining > 0:
            put_line(stock, bound)


def _apply(
    stock: ProductStock, lines: dict[LineKey, OpenLine], recorded: RecordedEvent
) -> None:
    event = recorded.payload
    changes = changes_of(event)
    for source, units in changes.on_hand:
        stock.on_hand[source] = stock.on_hand.get(source, 0) + units
    demand = changes.pools[0][1] if len(changes.pools) == 1 else 0
    for order, number, allocated in changes.lines:
        line = lines.get((order, number))
        if line is not None:
            wanted = 0 if isinstance(event, StockReserved) else demand
            lines[order, number] = replace(
                line, allocated=line.allocated + allocated, remaining=line.remaining + wanted
            )
    if isinstance(event, (BackorderRescheduled, BackorderPrioritised)):
        line = lines.get((event.order, event.line))
        if line is not None and isinstance(event, BackorderRescheduled):
            lines[line.order, line.line] = replace(line, requested_date=event.requested_date)
        elif line is not None and isinstance(event, BackorderPrioritised):
            lines[line.order, line.line] = replace(line, priority=event.priority)
    elif not changes.lines and not changes.on_hand:
        stock.apply(event)
