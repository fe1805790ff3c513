"""Read model of promises: items that were touched are pegged again, and what moved is recorded.

Which day is today follows from the log too (:mod:`stocktrail.projections.models.recorded_days`). A
day that merely passes is no slip: what a line was promised before a command is what the rules say
under that command's today, and so is what it is promised afterwards; only where the two differ has
something moved. What was recorded together in a group is judged as one command is. Only lines are
looked at whose pegs may have changed (:mod:`stocktrail.projections.models.laid_pegs`).
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from functools import partial

from stocktrail.ledger.base.aggregate import RecordedEvent
from stocktrail.ledger.base.event import Event
from stocktrail.ledger.configuration import ManageStockChanged
from stocktrail.ledger.instant import days_after
from stocktrail.ledger.orders.events import CustomerTold
from stocktrail.ledger.pegging import latest
from stocktrail.ledger.settings import Settings, SourceDisabled, SourceEnabled
from stocktrail.ledger.stock.events import StockReserved, StockStatusChanged
from stocktrail.ledger.stock.open_lines import LineKey, changed_lines, reserved_line
from stocktrail.ledger.store.tables import Cursor, ReadModel, Row, TableSet
from stocktrail.projections.models.changes import Changes
from stocktrail.projections.models.item_switches import ITEM_SWITCH, SWITCHING, ItemSwitches
from stocktrail.projections.models.judging import (
    CandidateCause,
    Promised,
    first_promised,
    promised_again,
    promised_alone,
)
from stocktrail.projections.models.line_states import LINE_STATE, LineStates
from stocktrail.projections.models.managed_items import MANAGED_ITEM
from stocktrail.projections.models.open_line_rows import first_wait, line_row, span_of
from stocktrail.projections.models.open_lines import OPEN_LINE, PEGGED_ITEM, Queue
from stocktrail.projections.models.open_spans import OpenSpans
from stocktrail.projections.models.orders import OrderView
from stocktrail.projections.models.overdue import all_of
from stocktrail.projections.models.promise_changes import PROMISE_CHANGE
from stocktrail.projections.models.promised_lines import PromisedLine
from stocktrail.projections.models.purchase_orders import Moved
from stocktrail.projections.models.queue_saving import save_items, save_managed
from stocktrail.projections.models.queue_sources import QUEUE_SOURCE
from stocktrail.projections.models.recently_used import RecentlyUsed
from stocktrail.projections.models.recorded_days import RECORDED_DAY, RecordedDays
from stocktrail.projections.models.tellings import NEVER_TOLD, Told
from stocktrail.projections.models.told_customers import TELLING, Tellings
from stocktrail.projections.models.touched_item import TouchedItem
from stocktrail.projections.recorded_together import RecordedTogether

MODEL = ReadModel(
    "promises",
    (
        OPEN_LINE, PEGGED_ITEM, QUEUE_SOURCE, MANAGED_ITEM, PROMISE_CHANGE, RECORDED_DAY,
        LINE_STATE, ITEM_SWITCH, TELLING,
    ),
)

MOST_RESIDENT_LINES = 300_000
"""How many open lines stay in memory between batches: about 700 bytes each, as they are pegged."""

MOST_RESIDENT_QUEUES = 50_000
"""How many queues stay in memory between batches, though they be empty."""

_OF_IDLE_ITEMS = (StockReserved, ManageStockChanged)
"""Events that matter to promises of an item although nobody waits for it yet."""


class Promises:
    """Folds what happens to open lines and receipts, pegs, and records the promises that moved."""

    def __init__(
        self, settings: Settings, days: RecordedDays, order: Callable[[str], OrderView],
        spans: OpenSpans, *, from_start: bool,
    ) -> None:
        self._settings = settings
        self._order = order
        self._spans = spans
        self._queues: RecentlyUsed[Queue] = RecentlyUsed()
        self._queues.is_whole = from_start
        self._most_resident = 0
        self._touched: dict[str, TouchedItem] = {}
        self._whole_orders: set[str] = set()
        self._causes: list[Event | Moved] = []
        self._lines: set[tuple[str, LineKey]] = set()
        self._items: set[str] = set()
        self._sources: set[tuple[str, str]] = set()
        self._managed: set[str] = set()
        self._states = LineStates()
        self._switches = ItemSwitches()
        self._tellings = Tellings()
        self._days = days
        self._together: RecordedTogether = ()
        self.changes: list[tuple[PromisedLine, Row]] = []

    @property
    def today(self) -> date:
        """The day that is today for what is being folded."""
        return self._days.today

    def latest_day(self, together: RecordedTogether) -> date:
        """Return a day that today is not past once these are folded, in whatever time zone."""
        return max(self.today, days_after(self._days.day_of(together[-1].recorded_at), 2))

    # ------------------------------------------------------------------ queues in memory

    def missing(self, skus: Iterable[str]) -> list[str]:
        """Return the items whose queues have to be read, and keep the others in memory."""
        absent = self._queues.missing(skus)
        if not self._queues.is_whole:
            return absent
        for sku in absent:
            self._queues[sku] = Queue(sku)
        return []

    def keep(self, queue: Queue) -> None:
        """Keep a queue in memory."""
        self._queues[queue.sku] = queue
        self._most_resident += len(queue.lines)

    # ------------------------------------------------------------------ what was recorded together

    def begin(self, together: RecordedTogether) -> None:
        """Begin what was recorded together: its events follow, and then it is judged."""
        self._together = together
        self._days.begin(together)

    def _touch(self, sku: str) -> TouchedItem:
        touched = self._touched.get(sku)
        if touched is None:
            touched = self._touched[sku] = TouchedItem(self._queues[sku])
            self._items.add(sku)
            if touched.queue.pegged_on != self._days.today:
                self._renew(touched.queue)
        return touched

    def _renew(self, queue: Queue) -> None:
        """Peg again where the day has changed what it rests on; no promise slips by that."""
        for old in queue.renew(self._settings, self.today):
            line = queue.lines[old.key]
            self._lines.add((queue.sku, old.key))
            if line.ships_complete:
                self._whole_orders.add(line.order)
            else:
                queue.replace(line._replace(
                    promise_date=line.own_date, rests_on=line.own_rests_on
                ))

    def stock_changed(self, sku: str, recorded: RecordedEvent, changes: Changes) -> None:
        """Fold one event of an item: what it does to its lines, and to the promises of others.

        Where nothing is open and nothing expected, no promise can move: its units are only kept. An
        event of a shop of 10,000 items is folded in 7.7 instead of 8.8 us of processor on the side
        of orders (``python -m benchmarks.rebuild --events 30000``, 2026-11-30).
        """
        event, queue = recorded.payload, self._queues[sku]
        if type(event) in SWITCHING:
            self._switches.record(sku, event, recorded.position)
        if not (
            queue.lines or queue.receipts or type(event) in _OF_IDLE_ITEMS or sku in self._touched
        ):
            self._keep_units(queue, event, changes)
            return
        touched = self._touch(sku)
        touched.causes.append(event)
        if type(event) is StockReserved:
            line = self._new_line(event, recorded)
            touched.add(line)
            self._spans.record(span_of(line, None))
            return
        self._move_units(touched, event, changes)
        for open_line in changed_lines(event, queue.open_line):
            key = (open_line.order, open_line.line)
            line = queue.lines[key]
            if open_line.remaining:
                touched.change(key, line._replace(open_line=open_line))
                self._states.record(open_line, recorded.position)
            else:
                touched.change(key, None)
                self._spans.end(span_of(line, recorded.position))
        if isinstance(event, ManageStockChanged):
            queue.manage = event.manage
            touched.switch(queue.is_managed(self._settings))
            self._managed.add(sku)

    def _move_units(self, touched: TouchedItem, event: Event, changes: Changes) -> None:
        """Keep the units at sources; have all lines pegged again where those can reach any.

        They can where pools share sources: units that move may free others, for any pool.
        """
        queue = touched.queue
        if queue.receipts and (
            type(event) is StockStatusChanged
            or ((changes.on_hand or changes.pools) and queue.shares_sources(self._settings))
        ):
            touched.all_pegs = True
        self._keep_units(queue, event, changes)

    def _keep_units(self, queue: Queue, event: Event, changes: Changes) -> None:
        """Keep the units at sources, and at which of them it is set out of stock."""
        if changes.on_hand or type(event) is StockStatusChanged:
            for source in queue.sources.fold(event, changes):
                self._sources.add((queue.sku, source))

    def _new_line(self, event: StockReserved, recorded: RecordedEvent) -> PromisedLine:
        order, requested = self._order(event.order), event.requested_date
        is_ready = event.quantity == event.allocated
        soonest = max(requested, self._days.today)
        return PromisedLine(
            reserved_line(event, recorded.originator_version), event.sku, order.customer,
            order.ship_policy, recorded.position, self._days.day_of(recorded.occurred_at), (),
            requested if is_ready else None, 0, 0,
            Told(soonest, soonest) if is_ready else NEVER_TOLD, (), True,
        )

    def receipts_moved(self, moved: Iterable[Moved]) -> None:
        """Fold what happened to purchase lines."""
        for each in moved:
            touched = self._touch(each.sku)
            touched.causes.append(each)
            touched.all_pegs = True
            receipts = touched.queue.receipts
            key = (each.receipt.purchase_order, each.receipt.line)
            if each.receipt.quantity:
                receipts[key] = each.receipt
            else:
                receipts.pop(key, None)

    def settings_changed(self, event: Event) -> None:
        """Keep an event of the settings as a candidate cause of promises that move."""
        self._causes.append(event)
        if isinstance(event, ManageStockChanged):
            for sku, queue in self._queues.items():
                self._touch(sku).switch(queue.is_managed(self._settings))

    def about_to_change_rules(self, event: Event, concerned: Iterable[str]) -> None:
        """Have items pegged again: those ``concerned`` by what is saved, and those touched since.

        A source that is enabled or disabled matters only to what is expected there.
        """
        switched = event.source if isinstance(event, (SourceEnabled, SourceDisabled)) else None
        for sku in sorted({*concerned, *self._touched}):
            queue = self._queues[sku]
            if switched is None or any(
                receipt.source == switched for receipt in queue.receipts.values()
            ):
                self._touch(sku).all_pegs = True

    def customer_told(self, event: CustomerTold, recorded: RecordedEvent) -> None:
        """Fold that somebody told a customer; what, is known once all is judged."""
        for part in event.lines:
            self._touch(part.sku)
        self._tellings.add(event, recorded)

    # ------------------------------------------------------------------ the end of it

    def judge(self, load_whole: Callable[[Sequence[str]], None]) -> None:
        """Peg the items that were touched, and record the promises that moved.

        Only then it is known which orders that ship complete have moved: ``load_whole`` has these
        orders in memory, with the queues of all their items.
        """
        moved: set[str] = set()
        for sku, touched in self._touched.items():
            touched.peg(self._settings, self.today)
            lines = touched.queue.lines
            for key, old in touched.before.items():
                self._lines.add((sku, key))
                line = lines.get(key)
                part_of = line or old
                if part_of is None:
                    continue
                if part_of.ship_policy == "complete":
                    moved.add(part_of.order)
                elif line is not None and (old is not None or not line.is_promised_alone):
                    candidate = None if old is None else self._candidate(touched, old, line)
                    self._promise(touched.queue, old, line, promised_alone(line), candidate)
        if whole_orders := sorted(self._whole_orders | moved):
            load_whole(whole_orders)
        for order_id in whole_orders:
            self._promise_together(order_id)
        reached = self._together[-1].position
        for sku, line in self._tellings.judge(self._line_told, self.today, reached):
            self._queues[sku].replace(line)
            self._lines.add((sku, line.key))
        self._touched.clear()
        self._whole_orders.clear()
        self._causes.clear()

    def _promise(
        self, queue: Queue, old: PromisedLine | None, line: PromisedLine, promised: Promised,
        candidate: CandidateCause | None,
    ) -> None:
        if old is None or candidate is None:
            line = first_promised(line, promised, self.today)
            queue.replace(line)
            self._spans.first_promised(line.order, line.line, first_wait(line))
            return
        line, change = promised_again(
            old, line, promised, candidate, self.today, self._together
        )
        if change is not None:
            self.changes.append((old, change))
        queue.replace(line)

    def _candidate(
        self, touched: TouchedItem, before: PromisedLine, after: PromisedLine
    ) -> CandidateCause:
        return CandidateCause(partial(touched.known_causes, self._causes), before, after)

    def _promise_together(self, order_id: str) -> None:
        """Promise all lines of an order that ships complete the latest of their dates.

        Lines of items that were not touched can only have moved with the day, so their
        dates of today count as before and after.
        """
        old_dates, new_dates = [], []
        rested_on, rests_on = [], []
        lines: list[tuple[TouchedItem, PromisedLine | None, PromisedLine]] = []
        for number, ordered in self._order(order_id).lines.items():
            key = (order_id, number)
            queue = self._queues.get(ordered.sku)
            if queue is None or not ordered.managed:
                continue
            touched = self._touched.get(ordered.sku)
            if touched is None:
                touched = TouchedItem(queue)
                line = queue.as_of_day(key, self._settings, self.today)
            else:
                line = queue.lines.get(key)
            old = touched.before.get(key, line)
            if old is not None:
                old_dates.append(old.own_date)
                rested_on.append(old.own_rests_on)
            if line is not None:
                new_dates.append(line.own_date)
                rests_on.append(line.own_rests_on)
                lines.append((touched, old, touched.queue.lines[key]))
        before, after = latest(old_dates), latest(new_dates)
        promised = Promised(after, all_of(rests_on))
        rested = all_of(rested_on)
        moving = {
            line.key: self._candidate(touched, old, line) for touched, old, line in lines
            if old is not None and old.own_date != line.own_date
        }
        first = next(iter(moving.values()), None)
        for touched, old, line in lines:
            self._lines.add((line.sku, line.key))
            candidate = None
            if old is not None:
                candidate = moving.get(line.key) or first or self._candidate(touched, old, line)
                old = old._replace(promise_date=before, rests_on=rested)
            self._promise(touched.queue, old, line, promised, candidate)

    def _line_told(self, sku: str, key: LineKey) -> PromisedLine | None:
        return self._queues[sku].lines.get(key)

    # ------------------------------------------------------------------ writing

    def save(self, tables: TableSet, cursor: Cursor) -> None:
        """Write what was touched since the last time, and drop the least recently used queues."""
        rows, gone = [], []
        for sku, key in self._lines:
            line = self._queues[sku].lines.get(key)
            if line is None:
                gone.append((sku, *key))
            else:
                rows.append(line_row(line))
        open_lines = tables.table(OPEN_LINE)
        open_lines.take_out(cursor, gone)
        open_lines.put(cursor, rows)
        save_items(tables, cursor, [self._queues[sku] for sku in self._items])
        tables.table(QUEUE_SOURCE).put(cursor, (
            self._queues[sku].sources.row(sku, source) for sku, source in self._sources
        ))
        save_managed(tables, cursor, [self._queues[sku] for sku in self._managed])
        self._states.save(tables, cursor)
        self._switches.save(tables, cursor)
        self._tellings.save(tables, cursor)
        tables.table(PROMISE_CHANGE).put(cursor, (tuple(row.values()) for _, row in self.changes))
        self._days.save(tables, cursor)
        self._most_resident += len(self._lines)
        self._lines.clear()
        self._items.clear()
        self._managed.clear()
        self._sources.clear()
        self.changes.clear()
        self._let_go()

    def _let_go(self) -> None:
        """Drop the least recently used queues; count lines only when there may be too many."""
        if self._most_resident > MOST_RESIDENT_LINES:
            self._most_resident = sum(len(queue.lines) for queue in self._queues.values())
        while (
            self._most_resident > MOST_RESIDENT_LINES or len(self._queues) > MOST_RESIDENT_QUEUES
        ):
            self._most_resident -= len(self._queues.drop_first().lines)
