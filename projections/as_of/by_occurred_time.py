"""The ledger by valid time: what had happened by an instant, whenever it was recorded.

A fact that was recorded late counts from when it occurred, and one that occurred later does not
count, even if it was already known. Snapshots are not used: they hold what had been recorded when
they were taken. Allocations count from when the ledger made them; a line never has more allocated
than remains of it. Items, sources and pools exist from the beginning, as they were first described:
whoever enters last year's receipts today describes the item today.
"""

from collections.abc import Iterable, Sequence
from operator import attrgetter

from msgspec.structs import replace

from stocktrail.ledger.base.aggregate import RecordedEvent
from stocktrail.ledger.settings import SETTINGS_KEY, PoolDefined, Settings, SourceRegistered
from stocktrail.ledger.stock.events import (
    BackorderPrioritised,
    BackorderRescheduled,
    ProductRegistered,
    StockReserved,
)
from stocktrail.ledger.stock.open_lines import LineKey, OpenLine, reserved_line
from stocktrail.ledger.stock.state import ProductStock
from stocktrail.ledger.store import Ledger
from stocktrail.ledger.store.tables import Row
from stocktrail.projections.as_of.ledger_as_of import LedgerAsOf
from stocktrail.projections.models.changes import changes_of
from stocktrail.projections.models.open_spans import OPEN_SPAN
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
        """Add up what had happened to an item and to its lines."""
        stream = ProductStock.stream_of(sku)
        known = self.ledger.read_stream(stream, until=self.position)
        happened = sorted(filter(self._has_occurred, known), key=_by_occurrence)
        stock = ProductStock(stream)
        described = [each for each in known if isinstance(each.payload, ProductRegistered)]
        if described:
            stock.apply(described[0].payload)
        lines = {
            (event.order, event.line): replace(
                reserved_line(event, recorded.originator_version), allocated=0
            )
            for recorded in happened if isinstance(event := recorded.payload, StockReserved)
        }
        for recorded in happened:
            _apply(stock, lines, recorded)
        stock.version = max(len(happened), min(len(described), 1))
        for line in lines.values():
            bound = replace(line, allocated=min(max(line.allocated, 0), line.remaining))
            if bound.remaining > 0:
                stock.lines.put(bound)
                for sums, units in ((stock.demand, bound.remaining),
                                    (stock.allocated, bound.allocated)):
                    sums[bound.pool] = sums.get(bound.pool, 0) + units
        return stock

    def _has_occurred(self, recorded: RecordedEvent) -> bool:
        return recorded.occurred_at <= self.until

    def spans(
        self, kind: str, *, end: str = "", **wanted: str | int
    ) -> list[Row]:
        """Return every line there ever was: which were open is known only after folding."""
        same = "".join(f" AND {name} = :{name}" for name in ("sku", "party") if name in wanted)
        table = self.now.place.table(OPEN_SPAN)
        return table.rows(self.now.cursor, f"WHERE kind = :kind{same}", kind=kind, **wanted)

    def changes(self, order_ids: Sequence[str]) -> list[Row]:
        """Return the changes of promises by what had occurred."""
        return [
            row for row in self._all_changes(order_ids) if row["occurred_at"] <= self.until
        ]


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
