"""One item as a backorder view shows it: its figures, and what to order or to chase."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from stocktrail.ledger.allocation import Claims
from stocktrail.ledger.pegging import OpenReceipt, counted_on, is_overdue, why_blocked
from stocktrail.ledger.promising import suggested_order_quantity
from stocktrail.ledger.quantity import to_number
from stocktrail.ledger.salability import allowance_of
from stocktrail.ledger.settings import Settings
from stocktrail.ledger.stock.state import ProductStock
from stocktrail.projections.answers.backorder_views.by_vendor import days_late
from stocktrail.projections.answers.backorder_views.filters import Filters
from stocktrail.projections.answers.backorder_views.line_sums import (
    NOBODY_WAITS,
    LineSums,
    sums_of,
)
from stocktrail.projections.answers.moment_view import MomentView
from stocktrail.projections.answers.promised import is_late, promised_for
from stocktrail.projections.dates import iso
from stocktrail.projections.models.item import PoolGroups
from stocktrail.projections.models.overdue import all_of, uncertainty
from stocktrail.projections.models.promised_lines import PromisedLine

COLUMNS = (
    "sku", "name", "supply", "allocated", "free", "safety_stock", "open_demand", "backordered",
    "sales_orders_waiting", "customers_waiting", "oldest_requested_date", "first_promise_date",
    "last_promise_date", "open_supply", "next_receipt_date", "next_receipt_quantity",
    "next_receipt_purchase_order", "overdue_supply", "undated_supply", "blocked_supply",
    "uncovered", "suggested_order_quantity",
)
"""The columns that the view can be sorted by."""

FirstExpected = Mapping[tuple[str, int], date]
"""When each open purchase line that is not undated was first expected."""


class ItemView:
    """One item with its open lines and receipts, as far as a pool and a cutoff let them be seen.

    With the ``sums`` of all its lines, only those are needed of which anything is promised.
    ``lacks`` says whether a line of the pool, whatever the cutoff, waits for what nobody ordered.
    """

    def __init__(
        self, stock: ProductStock, lines: Iterable[PromisedLine], receipts: Collection[OpenReceipt],
        moment: MomentView, reach: PoolGroups, filters: Filters,
        sums: LineSums | None = None, lacks: bool | None = None,
    ) -> None:
        self.stock = stock
        self.settings: Settings = moment.settings
        self.today: date = moment.today
        self.reach = reach
        self.filters = filters
        self.every_receipt: dict[tuple[str, int], OpenReceipt] = {
            (each.purchase_order, each.line): each for each in receipts
        }
        pool, cutoff = filters.pool, filters.cutoff
        self.pools: list[str] = [pool] if pool is not None else self._pools_of_item(receipts)
        sources = {source for name in self.pools for source in self.settings.sources_of(name)}
        self.all_lines: list[PromisedLine] = [line for line in lines if pool in (None, line.pool)]
        self.all_receipts: list[OpenReceipt] = [
            receipt for receipt in receipts if pool is None or receipt.source in sources
        ]
        self.lines: list[PromisedLine] = [
            line for line in self.all_lines if cutoff is None or line.requested_date < cutoff
        ]
        self.receipts: list[OpenReceipt] = sorted(
            (
                receipt for receipt in self.all_receipts
                if cutoff is None or (
                    receipt.expected_date is not None and receipt.expected_date < cutoff
                )
            ),
            key=lambda each: (self.counted_on(each) or date.max, each.placed, each.line),
        )
        self.sums: LineSums = sums_of(self.lines) if sums is None else sums
        self.lacks: bool = (
            any(line.uncovered for line in self.all_lines) if lacks is None else lacks
        )

    def _pools_of_item(self, receipts: Iterable[OpenReceipt]) -> list[str]:
        """Return the pools that carry the item, sell it, or get units that are to come."""
        sources = {*self.stock.on_hand, *(each.source for each in receipts)}
        return [
            pool for pool, serving in self.settings.pools.items()
            if self.stock.demand.get(pool) or not sources.isdisjoint(serving)
        ]

    def counted_on(self, receipt: OpenReceipt) -> date | None:
        """Return the day on which a receipt is counted on; an undated one is on none."""
        if receipt.expected_date is None:
            return None
        offset = self.settings.overdue_offset_days
        return counted_on(receipt.expected_date, self.today, offset)

    def is_blocked(self, receipt: OpenReceipt) -> bool:
        """Return whether a receipt will help nobody."""
        return why_blocked(
            receipt.source, disabled=self.settings.disabled,
            out_of_stock=self.stock.out_of_stock, sources_of=self.settings.pools,
        ) is not None

    # ------------------------------------------------------------------ what is there

    def supply(self, pools: Iterable[str]) -> int:
        """Count the units that are allocated in some pools, or can be, in all of them together."""
        wanted = list(pools)
        sellable = self.stock.sellable(self.settings)
        claims = Claims(sellable, self.settings.pools)
        for pool, quantity in self.stock.allocated.items():
            claims.add(pool, quantity)
        free = sum(claims.add(pool, sum(sellable.values())) for pool in wanted)
        return free + sum(self.stock.allocated.get(pool, 0) for pool in wanted)

    def safety_stock(self) -> int:
        """Count the units that are kept from being sold."""
        kept = 0
        for pool in self.pools:
            kept += max(allowance_of(self.stock.policy(self.settings, pool)).threshold, 0)
        return kept

    # ------------------------------------------------------------------ what to do

    def suggested(self) -> int:
        """Return how many units to order, never less than what is uncovered.

        Pools that share sources need what they need together, and at least what any of them needs
        alone; pools that share none are added up. With a cutoff it is what has to come before it,
        for the lines that are wanted before it. Of an item that is not managed nothing is needed.
        """
        if any(
            self.stock.policy(self.settings, pool).manage_stock.value == "off"
            for pool in self.pools
        ):
            return 0
        groups: dict[tuple[str, ...], list[str]] = {}
        for pool in self.pools:
            groups.setdefault(self.reach.of_pool(pool), []).append(pool)
        return sum(
            max(self._needs(pools), *(self._needs([pool]) for pool in pools))
            for pools in groups.values()
        )

    def _needs(self, pools: Sequence[str]) -> int:
        waiting = [self.sums.waiting.get(pool, NOBODY_WAITS) for pool in pools]
        free = self.supply(pools) - sum(self.stock.allocated.get(pool, 0) for pool in pools)
        return suggested_order_quantity(
            sum(self.stock.policy(self.settings, pool).notify_below.value for pool in pools),
            sum(each.backordered for each in waiting),      # demand and supply without what
            free,                                           # is allocated, which is in both
            self._can_reach(pools),
            sum(each.uncovered for each in waiting),
        )

    def _can_reach(self, pools: Sequence[str]) -> int:
        """Count the open supply that can reach some pools.

        That is what comes to their sources and is not blocked, dated or not, and of what comes
        elsewhere the units that their lines are pegged to, since it frees others for them.
        """
        sources = {source for pool in pools for source in self.settings.sources_of(pool)}
        cutoff = self.filters.cutoff
        there = sum(
            each.quantity for each in self.receipts
            if each.source in sources and not self.is_blocked(each)
        )
        elsewhere = 0
        for line in self.lines:
            for peg in line.pegs if line.pool in pools else ():
                receipt = self.every_receipt[peg.purchase_order, peg.purchase_line]
                assert receipt.expected_date is not None
                in_time = cutoff is None or receipt.expected_date < cutoff
                if receipt.source not in sources and in_time:
                    elsewhere += peg.quantity
        return there + elsewhere

    def expedite(self, first_expected: FirstExpected) -> list[dict[str, Any]]:
        """Return the purchase lines to chase, when enough is on order but comes too late.

        Those are the lines to which units are pegged that are promised after they were requested
        for; the one for which most units wait stands first.
        """
        if self.lacks:
            return []
        late: dict[tuple[str, int], int] = {}
        for line in self.all_lines:
            for peg in line.pegs:
                if peg.ready > line.requested_date:
                    key = (peg.purchase_order, peg.purchase_line)
                    late[key] = late.get(key, 0) + peg.quantity
        found = []
        for key, quantity in sorted(late.items(), key=lambda each: (-each[1], each[0])):
            expected = self.every_receipt[key].expected_date
            assert expected is not None
            found.append({
                "purchase_order": key[0], "purchase_line": key[1],
                "expected_date": iso(expected),
                "overdue": is_overdue(expected, self.today),
                "days_late": days_late(first_expected[key], expected, self.today),
                "quantity": to_number(quantity),
            })
        return found

    def has_uncovered_line(self) -> bool:
        """Return whether a line waits for units that nobody has ordered."""
        return self.sums.uncovered > 0

    def has_uncertain_line(self) -> bool:
        """Return whether the promise of a line rests on an overdue receipt."""
        return any(line.uncertain for line in self.lines)

    def has_late_line(self) -> bool:
        """Return whether a line is promised late."""
        return any(is_late(line, self.today) for line in self.lines)

    # ------------------------------------------------------------------ the row

    def stock_columns(self) -> dict[str, Any]:
        """Put together what is there, what is to come and what to order.

        Nothing of it needs the lines themselves, as long as no two pools share a source.
        """
        supply = self.supply(self.pools)
        allocated = sum(self.stock.allocated.get(pool, 0) for pool in self.pools)
        blocked = [each for each in self.receipts if self.is_blocked(each)]
        first = next((
            each for each in self.receipts
            if each.expected_date is not None and each not in blocked
        ), None)
        return {
            "sku": self.stock.key,
            "name": self.stock.product.name,
            "supply": to_number(supply),
            "allocated": to_number(allocated),
            "free": to_number(supply - allocated),
            "safety_stock": to_number(self.safety_stock()),
            "open_supply": to_number(sum(each.quantity for each in self.receipts)),
            "next_receipt_date": None if first is None else iso(self.counted_on(first)),
            "next_receipt_quantity": None if first is None else to_number(first.quantity),
            "next_receipt_purchase_order": None if first is None else first.purchase_order,
            "next_receipt_purchase_line": None if first is None else first.line,
            "overdue_supply": to_number(sum(
                each.quantity for each in self.receipts
                if is_overdue(each.expected_date, self.today)
            )),
            "undated_supply": to_number(sum(
                each.quantity for each in self.receipts if each.expected_date is None
            )),
            "blocked_supply": to_number(sum(each.quantity for each in blocked)),
            "suggested_order_quantity": to_number(self.suggested()),
        }

    def line_columns(self) -> dict[str, Any]:
        """Put together who wants it; columns about waiting are about lines that wait."""
        waiting = [line for line in self.lines if line.waits_for]
        promised = [
            day for line in waiting if (day := promised_for(line, self.today)) is not None
        ]
        sums = self.sums
        return {
            "open_demand": to_number(sums.open_demand),
            "backordered": to_number(sums.backordered),
            "sales_orders_waiting": sums.orders_waiting,
            "customers_waiting": sums.customers_waiting,
            "oldest_requested_date": iso(sums.oldest_requested),
            "first_promise_date": iso(min(promised, default=None)),
            "last_promise_date": iso(max(promised, default=None)),
            "uncovered": to_number(sums.uncovered),
        }

    def uncertainty(self) -> dict[str, Any]:
        """Return the dates that are uncertain, and the overdue receipts on which they rest."""
        waiting = [line for line in self.lines if line.backordered]
        by_day: dict[date, list[bool]] = {}
        for line in waiting:
            day = promised_for(line, self.today)
            if day is not None:
                by_day.setdefault(day, []).append(line.uncertain)
        return {
            "first_promise_uncertain": bool(by_day) and all(by_day[min(by_day)]),
            "last_promise_uncertain": bool(by_day) and any(by_day[max(by_day)]),
            **uncertainty(all_of(line.rests_on for line in waiting), self.today),
        }

    def row(self, first_expected: FirstExpected) -> dict[str, Any]:
        """Put together the row of the item."""
        found = {**self.stock_columns(), **self.line_columns()}
        return {
            **{column: found[column] for column in COLUMNS},
            **self.uncertainty(),
            "next_receipt_purchase_line": found["next_receipt_purchase_line"],
            "expedite": self.expedite(first_expected),
        }
