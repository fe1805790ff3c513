"""The ledger by transaction time: what it knew at a position of the log.

Which lines were open there, and how they stood, is read from indexed rows (open spans and line
states), and items are put together from rows. Folded from their streams are the settings, items
that are parked now, and one that is asked about alone: three reads, fewer than its rows take.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from functools import cached_property
from typing import cast

from stocktrail.ledger.base.aggregate import RecordedEvent
from stocktrail.ledger.settings import Settings
from stocktrail.ledger.stock.open_lines import LineKey, OpenLine
from stocktrail.ledger.stock.state import ProductStock
from stocktrail.ledger.store import Ledger
from stocktrail.ledger.store.aggregates_at import aggregates_at
from stocktrail.ledger.store.tables import Row
from stocktrail.projections.as_of.every_line import (
    LineThen,
    ReceiptThen,
    every_line,
    every_receipt,
)
from stocktrail.projections.as_of.ledger_as_of import LedgerAsOf, WholePromise
from stocktrail.projections.as_of.open_then import OpenThen
from stocktrail.projections.as_of.stocks_at import StocksAt, described_at, on_hand_at, stocks_at
from stocktrail.projections.folded_settings import folded_settings
from stocktrail.projections.kept_moments import KeptMoments, MomentKey
from stocktrail.projections.models.item_switches import NEVER_SWITCHED, switches_at
from stocktrail.projections.models.line_states import lines_at
from stocktrail.projections.models.open_line_rows import first_told
from stocktrail.projections.models.open_lines import Queue
from stocktrail.projections.models.open_spans import NOTHING, SALE, open_at, spans_of
from stocktrail.projections.models.parked_items import parked_of, stock_fits
from stocktrail.projections.models.promised_lines import PromisedLine
from stocktrail.projections.models.purchase_orders import PurchaseOrderView, load_purchase_orders
from stocktrail.projections.models.queue_sources import QueueSources
from stocktrail.projections.read_models import Reading


class LedgerAsRecorded(LedgerAsOf):
    """The ledger with everything recorded up to a position, and nothing later."""

    def __init__(
        self, ledger: Ledger, now: Reading, position: int, moments: KeptMoments | None = None
    ) -> None:
        super().__init__(ledger, now, position)
        self._moments = moments
        self._found_open: OpenThen | None = None
        self._all_spans: dict[str, list[Row]] = {}
        self._lines: dict[LineKey, OpenLine] = {}

    def events(self, streams: Sequence[str]) -> Iterable[RecordedEvent]:
        """Return the events of streams up to the position."""
        return self.ledger.read_streams(streams, until=self.position)

    def fold_stock(self, sku: str) -> ProductStock:
        """Fold an item, from the newest snapshot before the position."""
        found = self.ledger.aggregate(ProductStock.stream_of(sku), self.position)
        return cast(ProductStock, found)

    def fold_stocks(self, skus: Sequence[str]) -> dict[str, ProductStock]:
        """Put items together from their rows; those that are parked now are folded."""
        return self._put_together(skus, stocks_at)

    def described(self, skus: Sequence[str]) -> dict[str, ProductStock]:
        """Return items with what describes them; those that are parked now, with all they had."""
        return self._put_together(skus, described_at)

    def _put_together(self, skus: Sequence[str], found_at: StocksAt) -> dict[str, ProductStock]:
        parked = parked_of(self.now.place, self.now.cursor, skus)
        known = [sku for sku in skus if sku not in parked]
        found = found_at(self.ledger, self.now, known, self.position)
        streams = {ProductStock.stream_of(sku): sku for sku in parked}
        folded = aggregates_at(self.ledger, list(streams), self.position)
        return found | {streams[name]: cast(ProductStock, each) for name, each in folded.items()}

    def fold_settings(self) -> Settings:
        """Fold the settings, from the newest snapshot before the position."""
        return folded_settings(self.ledger, self.position)

    def spans(
        self, kind: str, *, skus: Sequence[str] | None = None, party: str | None = None,
        end: str = "", after: Mapping[str, str | int] = NOTHING,
    ) -> list[Row]:
        """Return the lines that were open at the position; all of them are read but once."""
        tables, cursor, _ = self.now
        if party is not None or end:
            return open_at(
                tables, cursor, kind, self.position, skus=skus, party=party, end=end, after=after
            )
        if skus is None and kind not in self._all_spans:
            self._all_spans[kind] = open_at(tables, cursor, kind, self.position)
        if kind not in self._all_spans:
            return open_at(tables, cursor, kind, self.position, skus=skus)
        wanted = None if skus is None else set(skus)
        return [
            span for span in self._all_spans[kind] if wanted is None or span["sku"] in wanted
        ]

    def purchase_orders(self, names: Iterable[str]) -> dict[str, PurchaseOrderView]:
        """Return purchase orders with their lines; those that have changed since are folded."""
        wanted = list(dict.fromkeys(names))
        tables, cursor, _ = self.now
        absent = [name for name in wanted if name not in self._purchase_orders]
        self._purchase_orders |= {
            name: order for name, order in load_purchase_orders(tables, cursor, absent).items()
            if all(line.changed <= self.position for line in order.lines.values())
        }
        return super().purchase_orders(wanted)

    def lines(self, spans: Sequence[Row]) -> Mapping[LineKey, OpenLine]:
        """Return how lines that were open stood, perhaps with others: each is read but once."""
        known, tables, cursor = self._lines, self.now.place, self.now.cursor
        absent = [span for span in spans if (span["reference"], span["line"]) not in known]
        known |= lines_at(tables, cursor, absent, self.position)
        return known

    @cached_property
    def every_line(self) -> Sequence[LineThen]:
        """Every order line that was open at the position, as it stood; not to be changed."""
        known = self.open_then
        return every_line(self) if known is None else known.lines

    @cached_property
    def every_receipt(self) -> Sequence[ReceiptThen]:
        """Every purchase line of which units were to come at the position."""
        known = self.open_then
        return every_receipt(self) if known is None else known.receipts

    @cached_property
    def _key(self) -> MomentKey:
        return moment_key(self.ledger, self.position)

    @property
    def open_then(self) -> OpenThen | None:
        """All that was open, where it has been found already: for this answer, or one before."""
        if self._found_open is None and self._moments is not None:
            self._found_open = self._moments.get(self._key)
        return self._found_open

    def open_near(self) -> tuple[int, OpenThen] | None:
        """Return all that was open at the nearest moment of which that is kept, with its position.

        A moment that was recorded at another time than it is in this log, is of another log.
        """
        near = None if self._moments is None else self._moments.nearest(self.position)
        if near is None or near[0] != moment_key(self.ledger, near[0][0]):
            return None
        return near[0][0], near[1]

    def whole_orders(self, today: date) -> Mapping[str, WholePromise] | None:
        """Return what all orders that ship complete are promised on a day, where it is known."""
        known = self.open_then
        found = None if known is None else known.promised.get(today)
        return None if found is None else found.whole_orders

    def keep_open(self, found: OpenThen) -> None:
        """Keep all that was open, for this answer and for those about the same moment."""
        self._found_open = found
        if self._moments is not None:
            self._moments.put(self._key, found)

    def queues(self, skus: Sequence[str]) -> dict[str, Queue]:
        """Return the lines of items as they stood at the position, read from their rows."""
        return queues_at(self, skus, self.settings)

    def allocated(self, order_ids: Sequence[str]) -> Mapping[LineKey, int]:
        """Return how many units the open lines of orders had."""
        return {key: units for key, (_, units) in self.allocated_of(order_ids).items()}

    def allocated_of(self, order_ids: Sequence[str]) -> dict[LineKey, tuple[str, int]]:
        """Return of which item the open lines of orders were, and how many units each had."""
        tables, cursor, _ = self.now
        spans = [
            span for span in spans_of(tables, cursor, SALE, order_ids)
            if span["since"] <= self.position and (
                span["until"] is None or span["until"] > self.position
            )
        ]
        lines = lines_at(tables, cursor, spans, self.position)
        return {
            key: (span["sku"], lines[key].allocated) for span in spans
            if (key := (span["reference"], span["line"]))
        }

    def parked(self, skus: Sequence[str]) -> list[str]:
        """Return the items that were parked already: those that are now, and were so large."""
        tables, cursor, _ = self.now
        return [
            sku for sku in parked_of(tables, cursor, skus) if not stock_fits(self.stock(sku))
        ]

    def changes(self, order_ids: Sequence[str]) -> list[Row]:
        """Return the changes of promises up to the position."""
        return self._all_changes(order_ids)

    def tellings(self, order_ids: Sequence[str]) -> list[Row]:
        """Return the tellings up to the position."""
        return self._all_tellings(order_ids)


def moment_key(ledger: Ledger, position: int) -> MomentKey:
    """Return a position with the instant at which it was recorded."""
    recorded = ledger.read(position - 1, 1) if position else []
    return position, recorded[0].recorded_at if recorded else 0


def queues_at(
    moment: LedgerAsRecorded, skus: Sequence[str], settings: Settings
) -> dict[str, Queue]:
    """Return the lines of items as they stood at a position, under some settings.

    Units on hand are read only of an item that waits in several pools: only there they decide which
    receipt helps whom.
    """
    tables, cursor, _ = moment.now
    queues = {sku: Queue(sku) for sku in skus}
    switches = switches_at(tables, cursor, skus, moment.position)
    for sku, queue in queues.items():
        switched = switches.get(sku, NEVER_SWITCHED)
        queue.sources = QueueSources(out_of_stock=switched.out_of_stock)
        queue.manage = switched.manage
    spans = moment.spans(SALE, skus=skus)
    lines = moment.lines(spans)
    managed = {sku: queue.is_managed(settings) for sku, queue in queues.items()}
    found: dict[str, list[PromisedLine]] = {sku: [] for sku in queues}
    for span in spans:
        sku = span["sku"]
        found[sku].append(PromisedLine(
            lines[span["reference"], span["line"]], sku, span["party"], span["ship_policy"],
            span["since"], date.fromordinal(span["placed_day"]), managed=managed[sku],
            told=first_told(span),
        ))
    for sku, queue in queues.items():
        queue.put_all(found[sku])
    several = [sku for sku, queue in queues.items() if len(queue.of_pool) > 1]
    for sku, on_hand in on_hand_at(moment.now, several, moment.position).items():
        queues[sku].sources.on_hand = dict(on_hand)
    return queues
