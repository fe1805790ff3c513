"""What a day began with at an earlier position: its numbers, and the items its lists begin with.

All lines are counted as they stood; only the items of the rows that are shown have to be put
together.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from heapq import nsmallest
from typing import Any, NamedTuple, TypeVar

from stocktrail.ledger.pegging import is_overdue
from stocktrail.projections.answers.backorder_views.page_then import days_late_then, slipped_by
from stocktrail.projections.as_of.every_line import LineThen, ReceiptThen
from stocktrail.projections.as_of.every_promise import EveryPromise

_Row = TypeVar("_Row", LineThen, ReceiptThen)


class UndatedLine(NamedTuple):
    """A purchase line without a date: its item, its order, and of whom."""

    sku: str
    purchase_order: str
    vendor: str


class DayThen:
    """The numbers of a day, and the items of the first so many rows of each list."""

    def __init__(self, promises: EveryPromise, rows: int) -> None:
        self._promises, self._rows = promises, rows
        self.totals: dict[str, int] = {}
        self.items: set[str] = set(promises.sharing)
        self.customers_waiting: int = 0
        self.to_tell: int = 0
        self.late_untold: int = 0
        self._count_lines(promises.lines)
        self._count_receipts(promises.receipts)

    def _count_lines(self, lines: Sequence[LineThen]) -> None:
        """Look at each line once: most are asked nothing but whether they wait and are late."""
        is_late = self._promises.is_late
        waiting, late, uncertain, slipped = [], [], [], []
        lacking: dict[str, int] = defaultdict(int)
        for line in lines:
            lacks = line.remaining - line.allocated
            lacking[line.sku] += lacks
            late_now = is_late(line)
            if lacks and line.managed:
                waiting.append(line)
                if late_now:
                    late.append(line)
            if line.rests_on:
                uncertain.append(line)
            if line.news is not None and line.news.slips:
                slipped.append(line)
            if _is_to_tell(line):
                self.to_tell += 1
                self.late_untold += late_now
        self.customers_waiting = len({line.customer for line in waiting})
        self.totals |= {"open_lines": len(lines), "lines_waiting": len(waiting)}
        self._list("lines_late", late, _by_requested_day)
        self._list("lines_uncertain", uncertain, _by_requested_day)
        self._list("lines_slipped", slipped, _most_days_slipped)
        self._count_items(lacking, {line.sku for line in waiting})

    def _count_items(self, lacking: Mapping[str, int], waited_for: set[str]) -> None:
        short = waited_for.difference(self._promises.past.parked(sorted(waited_for)))
        self.totals["items_short"] = len(short)
        self._short = nsmallest(self._rows, short, key=lambda sku: (-lacking[sku], sku))
        self.items.update(self._short)

    def short(self, most: int) -> list[str]:
        """Return the items that lacked most units, of those that anybody waited for."""
        return self._short[:most]

    def _count_receipts(self, receipts: Sequence[ReceiptThen]) -> None:
        today, pegged = self._promises.today, self._promises.pegged
        overdue = [each for each in receipts if is_overdue(each.receipt.expected_date, today)]
        self.totals |= {"open_receipts": len(receipts), "receipts_overdue": len(overdue)}
        self._list(
            "receipts_hitting", [each for each in overdue if each.key in pegged],
            lambda each: (-pegged[each.key], each.place),
        )
        self._list(
            "late_receipts",
            [each for each in receipts if each.key in pegged and days_late_then(each, today)],
            lambda each: (-days_late_then(each, today), each.place),
        )

    def _list(self, name: str, rows: Sequence[_Row], order: Callable[[_Row], Any]) -> None:
        """Count the rows of a list, and keep the items of the first ones."""
        self.totals[name] = len(rows)
        self.items.update(each.sku for each in nsmallest(self._rows, rows, key=order))

    def undated(self) -> list[UndatedLine]:
        """Return the purchase lines without a date, by item."""
        return sorted(
            UndatedLine(each.sku, each.receipt.purchase_order, each.vendor)
            for each in self._promises.receipts if each.receipt.expected_date is None
        )


def _by_requested_day(line: LineThen) -> tuple[Any, ...]:
    return line.requested, line.customer, line.order, line.line


def _most_days_slipped(line: LineThen) -> tuple[Any, ...]:
    return -slipped_by(line), line.customer, line.order, line.line


def _is_to_tell(line: LineThen) -> bool:
    """Return whether a line was promised otherwise than its customer knew.

    It is the rule of :attr:`PromisedLine.is_to_tell`; of most lines nobody told anything since they
    were placed.
    """
    promised = line.promised
    if promised is not None and not line.rests_on and (
        promised <= line.requested and not line.waits_for
    ):
        return False
    if line.news is None:
        known = line.first_told
        return known is not None and (promised is None or promised > known)
    day = None if promised is None else date.fromordinal(promised)
    return line.news.told.is_to_tell(day, uncertain=bool(line.rests_on))
