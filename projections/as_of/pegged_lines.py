"""Lines of an earlier moment, promised for a day: each by itself, and orders that ship complete.

Receipts reach so many units into the queue of a pool (:mod:`stocktrail.ledger.pegging`), so one
walk along its lines, in their order, finds the last receipt that each waits for; nothing is kept to
peg again from. Items whose lines wait in pools that share sources are pegged as ever.

Rules 5.2 to 5.4 are the source.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from stocktrail.ledger.allocation import pools_that_share
from stocktrail.ledger.pegging import OpenReceipt, Peg, Reach, as_they_come, reaches
from stocktrail.ledger.stock.open_lines import LineKey
from stocktrail.ledger.waiting_units import WaitingUnits
from stocktrail.projections.as_of.every_line import LineThen, ReceiptThen, place_of
from stocktrail.projections.as_of.ledger_as_of import LedgerAsOf, WholePromise
from stocktrail.projections.as_of.pegged_queues import pegged_queues
from stocktrail.projections.folding.shadow_tables import gc_paused
from stocktrail.projections.models.item_switches import NEVER_SWITCHED, Switches, switches_at
from stocktrail.projections.models.overdue import OverdueReceipt, RestsOn, all_of
from stocktrail.projections.models.queue_sources import QueueSources

_NOBODY = WaitingUnits()
_NOTHING: RestsOn = ()


class LinesPegged:
    """Lines of items, with all that these have, each of which is promised by itself.

    ``pegged`` counts the units of each purchase line that lines wait for, ``sharing`` are the items
    that lines in pools which share sources want.
    """

    def __init__(
        self, past: LedgerAsOf, lines: Sequence[LineThen], receipts: Sequence[ReceiptThen],
        today: date,
    ) -> None:
        self.past: LedgerAsOf = past
        self.receipts: Sequence[ReceiptThen] = receipts
        self.today: date = today
        self.pegged: dict[LineKey, int] = {}
        self.sharing: list[str] = []
        by_item: dict[str, list[LineThen]] = defaultdict(list)
        for line in lines:
            by_item[line.sku].append(line)
        with gc_paused():
            self._peg(by_item)

    def _peg(self, by_item: Mapping[str, Sequence[LineThen]]) -> None:
        past, settings = self.past, self.past.settings
        switches = switches_at(past.now.place, past.now.cursor, list(by_item), past.position)
        receipts: dict[str, list[OpenReceipt]] = defaultdict(list)
        for sku, receipt, *_ in self.receipts:
            receipts[sku].append(receipt)
        for sku, lines in by_item.items():
            switched = switches.get(sku, NEVER_SWITCHED)
            is_managed = settings.manages(switched.manage)
            by_pool: dict[str, list[LineThen]] = {}
            for line in lines:
                line.promised = line.requested
                line.sku = sku                      # one text for all: lines are kept
                by_pool.setdefault(line.pool, []).append(line)
                if not is_managed:
                    line.managed = False
            if len(by_pool) > 1 and pools_that_share(by_pool, settings.pools):
                self.sharing.append(sku)
            elif is_managed:
                reaching = self._reaching(receipts.get(sku, ()), by_pool, switched)
                for pool, of_pool in by_pool.items():
                    self._walk(of_pool, reaching[pool])
        self._peg_sharing(by_item)

    def _reaching(
        self, receipts: Sequence[OpenReceipt], pools: Iterable[str], switched: Switches
    ) -> Mapping[str, Sequence[Reach]]:
        """Return how far the receipts of an item that are not blocked reach in each pool."""
        settings = self.past.settings
        sources = QueueSources(out_of_stock=switched.out_of_stock)
        blocked = {
            source for source in {each.source for each in receipts}
            if sources.why_blocked(source, settings)
        }
        coming = as_they_come(
            (each for each in receipts if each.source not in blocked), self.today,
            settings.overdue_offset_days,
        )
        return reaches(
            dict.fromkeys(pools, _NOBODY), lambda: _NOBODY, coming, settings.pools
        )

    def _walk(self, lines: Sequence[LineThen], reaching: Sequence[Reach]) -> None:
        """Promise the lines of a pool that wait; the others are promised for the day they want."""
        waiting = [line for line in lines if line.remaining > line.allocated]
        waiting.sort(key=place_of)
        ends = [each.until for each in reaching]
        days = [each.ready.toordinal() for each in reaching]
        all_ends, covered = len(ends), ends[-1] if ends else 0
        none_overdue = not any(each.overdue_since for each in reaching)
        at = begin = 0
        pegged_last, pegged_to, rests_on = (0, -1), reaching[:0], _NOTHING
        for line in waiting:
            end = begin + line.remaining - line.allocated
            while at < all_ends and ends[at] <= begin:
                at += 1
            first = at
            while at < all_ends and ends[at] < end:
                at += 1
            if end > covered:
                line.promised = None
                line.uncovered = end - max(begin, covered)
            elif days[at] > line.requested:
                line.promised = days[at]
            if pegged_last != (first, at):      # several lines in a row wait for one receipt
                pegged_last, pegged_to = (first, at), reaching[first : at + 1]
                rests_on = _NOTHING if none_overdue else _overdue_among(pegged_to)
            line.pegged_to, line.rests_on = pegged_to, rests_on
            begin = end
        before = 0
        for until, order, number, *_ in reaching:
            if before >= begin:
                break
            self.pegged[order, number] = min(until, begin) - before
            before = until

    def _peg_sharing(self, by_item: Mapping[str, Sequence[LineThen]]) -> None:
        for sku, queue in pegged_queues(self.past, self.sharing, self.today).items():
            for line in by_item[sku]:
                promised = queue.lines[line.key]
                own = promised.own_date
                line.promised = None if own is None else own.toordinal()
                line.rests_on, line.uncovered = promised.own_rests_on, promised.uncovered
                line.pegged_to = promised.pegs
                for peg in promised.pegs:
                    key = (peg.purchase_order, peg.purchase_line)
                    self.pegged[key] = self.pegged.get(key, 0) + peg.quantity


def _overdue_among(reaching: Iterable[Reach | Peg]) -> RestsOn:
    return all_of(
        (OverdueReceipt(each.purchase_order, each.purchase_line, each.overdue_since),)
        for each in reaching if each.overdue_since is not None
    )


def promise_together(lines: Iterable[LineThen]) -> dict[str, WholePromise]:
    """Promise the lines of orders that ship complete the latest day of all; return it by order."""
    by_order: dict[str, list[LineThen]] = defaultdict(list)
    for line in lines:
        if line.ships_complete:
            by_order[line.order].append(line)
    found: dict[str, WholePromise] = {}
    for order, parts in by_order.items():
        days = [each.promised for each in parts if each.promised is not None]
        latest = max(days) if len(days) == len(parts) else None
        rests_on = all_of(each.rests_on for each in parts)
        for each in parts:
            each.promised, each.rests_on = latest, rests_on
        found[order] = (None if latest is None else date.fromordinal(latest), rests_on)
    return found
