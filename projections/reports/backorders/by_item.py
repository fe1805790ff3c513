"""Backorders by item: what is wanted, what is there, what is to come, and what to order or chase.

Without a pool the columns add up all pools; with one they are that pool's. Supply is what all those
pools can be allocated together, so that units at a shared source count once.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from ledger.allocation import Claims
from ledger.pegging import OpenReceipt, counted_on, is_overdue
from ledger.promising import suggested_order_quantity
from ledger.quantity import to_number
from ledger.salability import effective_threshold
from ledger.stock.state import ProductStock
from projections.item import Reach
from projections.open_lines import OPEN_LINE, PEGGED_ITEM, OpenLine, Queue
from projections.purchase_orders import OPEN_RECEIPT
from projections.reports.backorders.filters import Conditions, Filters
from projections.reports.backorders.page import Page, cut
from projections.reports.promised import is_late, iso, promised_for
from projections.reports.standing import Standing
from projections.stock_levels import load_items
from projections.tables import Row

COLUMNS = (
    "sku", "name", "supply", "allocated", "free", "safety_stock", "open_demand", "backordered",
    "sales_orders_waiting", "customers_waiting", "oldest_requested_date", "first_promise_date",
    "last_promise_date", "open_supply", "next_receipt_date", "next_receipt_quantity",
    "next_receipt_purchase_order", "overdue_supply", "uncovered", "suggested_order_quantity",
)
"""The columns that the view can be sorted by."""

DEFAULT_SORT = "sku"


def by_item(
    standing: Standing, filters: Filters, page: Page
) -> tuple[list[dict[str, Any]], str | None]:
    """Give a page of items of which anything is open, and the token of the next page."""
    reach = Reach(standing.settings)
    whole_pages = page.column == "sku" and not (filters.late or filters.uncovered)
    if whole_pages:
        skus = _skus(standing, filters, page)
        more = len(skus) > page.limit
        skus = skus[: page.limit]
        rows = _rows(standing, filters, skus, reach)
        return rows, page.token(skus[-1], [skus[-1]]) if more else None
    rows = _rows(standing, filters, _skus(standing, filters, None), reach)
    found, token = cut(rows, page, lambda row: row[page.column], lambda row: [row["sku"]])
    return [dict(row) for row in found], token


def _skus(standing: Standing, filters: Filters, page: Page | None) -> list[str]:
    """Name the items that have a line which is asked for; those of one page, and one more."""
    lines = standing.place.table(OPEN_LINE).name
    receipts = standing.place.table(OPEN_RECEIPT).name
    of_lines, of_receipts = Conditions(), Conditions()
    of_lines.equal("customer", filters.customer)
    of_lines.one_of("pool", filters.pools(standing.settings))
    of_receipts.equal("vendor", filters.vendor)
    of_receipts.one_of("destination", filters.destinations(standing.settings))
    if filters.before is not None:
        of_lines.add("requested_date < :cutoff", cutoff=filters.before)
        of_receipts.add("expected_date < :cutoff", cutoff=filters.before)
    chosen = Conditions()
    chosen.equal("sku", filters.item)
    has_line = f"sku IN (SELECT sku FROM {lines} {of_lines.where()})"
    has_receipt = f"sku IN (SELECT sku FROM {receipts} {of_receipts.where()})"
    if filters.customer is not None:
        chosen.parts.append(has_line)
    if filters.vendor is not None:
        chosen.parts.append(has_receipt)
    of_nobody = filters.customer is None and filters.vendor is None
    if of_nobody and (of_lines.parts or of_receipts.parts):
        chosen.parts.append(f"({has_line} OR {has_receipt})")
    parameters = {**of_lines.parameters, **of_receipts.parameters, **chosen.parameters}
    end = ""
    if page is not None:
        if page.after is not None:
            chosen.parts.append("sku < :after" if page.descending else "sku > :after")
            parameters["after"] = page.after[-1]
        end, parameters["limit"] = " LIMIT :limit", page.limit + 1
    direction = " DESC" if page is not None and page.descending else ""
    standing.cursor.execute(
        f"SELECT sku FROM {standing.place.table(PEGGED_ITEM).name} {chosen.where()} "
        f"ORDER BY sku{direction}{end}", parameters,
    )
    return [row["sku"] for row in standing.cursor.fetchall()]


def _rows(
    standing: Standing, filters: Filters, skus: Sequence[str], reach: Reach
) -> list[dict[str, Any]]:
    stocks = load_items(standing.place, standing.cursor, skus)
    queues = standing.promises.queues(skus)
    slipped = _first_expected(standing, skus)
    rows = []
    for sku in skus:
        view = ItemView(stocks[sku].stock, queues[sku], standing, reach, filters)
        if filters.uncovered and not view.uncovered:
            continue
        if filters.late and not view.is_late(slipped):
            continue
        rows.append(view.row(slipped))
    return rows


def _first_expected(standing: Standing, skus: Sequence[str]) -> Mapping[tuple[str, int], date]:
    """Say when each open purchase line of some items was first expected."""
    rows: Iterable[Row] = standing.place.table(OPEN_RECEIPT).rows_of(standing.cursor, "sku", skus)
    return {
        (row["purchase_order"], row["line"]): date.fromisoformat(row["original_expected_date"])
        for row in rows
    }


class ItemView:
    """One item with its open lines and receipts, as far as a pool and a cutoff let them be seen."""

    def __init__(
        self, stock: ProductStock, queue: Queue, standing: Standing, reach: Reach,
        filters: Filters,
    ) -> None:
        self.stock = stock
        self.queue = queue
        self.settings = standing.settings
        self.today = standing.today
        self.reach = reach
        pool, cutoff = filters.pool, filters.cutoff
        self.pools = [pool] if pool is not None else self._pools_of_item()
        sources = {source for name in self.pools for source in self.settings.sources_of(name)}
        self.all_lines = [
            line for line in queue.lines.values() if pool in (None, line.pool)
        ]
        self.all_receipts = [
            receipt for receipt in queue.receipts.values()
            if pool is None or receipt.source in sources
        ]
        self.lines = [
            line for line in self.all_lines if cutoff is None or line.requested_date < cutoff
        ]
        self.receipts = sorted(
            (
                receipt for receipt in self.all_receipts
                if cutoff is None or receipt.expected_date < cutoff
            ),
            key=lambda each: (self.counted_on(each), each.placed, each.line),
        )
        self.uncovered = sum(line.uncovered for line in self.lines)

    def _pools_of_item(self) -> list[str]:
        """Name the pools that carry the item, sell it, or get units that are to come."""
        sources = {*self.stock.on_hand, *(each.source for each in self.queue.receipts.values())}
        wanted = {line.pool for line in self.queue.lines.values()}
        return [
            pool for pool, serving in self.settings.pools.items()
            if pool in wanted or not sources.isdisjoint(serving)
        ]

    def counted_on(self, receipt: OpenReceipt) -> date:
        """Give the day on which a receipt is counted on."""
        offset = self.settings.overdue_offset_days
        return counted_on(receipt.expected_date, self.today, offset)

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
            policy = self.stock.policy(self.settings, pool)
            kept += max(effective_threshold(
                policy.out_of_stock_threshold.value, policy.backorders.value
            ).threshold, 0)
        return kept

    # ------------------------------------------------------------------ what to do

    def suggested(self) -> int:
        """Say how many units to order, whatever the cutoff.

        Pools that share sources need what they need together, and at least what any of them needs
        alone; pools that share none are added up.
        """
        groups: dict[tuple[str, ...], list[str]] = {}
        for pool in self.pools:
            groups.setdefault(self.reach.of_pool(pool), []).append(pool)
        return sum(
            max(self._needs(pools), *(self._needs([pool]) for pool in pools))
            for pools in groups.values()
        )

    def _needs(self, pools: Sequence[str]) -> int:
        sources = {source for pool in pools for source in self.settings.sources_of(pool)}
        return suggested_order_quantity(
            sum(self.stock.policy(self.settings, pool).notify_below.value for pool in pools),
            sum(line.remaining for line in self.all_lines if line.pool in pools),
            self.supply(pools),
            sum(each.quantity for each in self.all_receipts if each.source in sources),
        )

    def expedite(self, first_expected: Mapping[tuple[str, int], date]) -> list[dict[str, Any]]:
        """Name the purchase lines to chase, when enough is on order but comes too late.

        Those are the lines to which units are pegged that are promised after they were requested
        for; the one for which most units wait stands first.
        """
        if any(line.uncovered for line in self.all_lines):
            return []
        late: dict[tuple[str, int], int] = {}
        for line in self.all_lines:
            for peg in line.pegs:
                if peg.ready > line.requested_date:
                    key = (peg.purchase_order, peg.purchase_line)
                    late[key] = late.get(key, 0) + peg.quantity
        found = []
        for key, quantity in sorted(late.items(), key=lambda each: (-each[1], each[0])):
            receipt = self.queue.receipts[key]
            expected = max(receipt.expected_date, self.today)
            found.append({
                "purchase_order": key[0], "purchase_line": key[1],
                "expected_date": receipt.expected_date.isoformat(),
                "overdue": is_overdue(receipt.expected_date, self.today),
                "days_late": max((expected - first_expected[key]).days, 0),
                "quantity": to_number(quantity),
            })
        return found

    def is_late(self, first_expected: Mapping[tuple[str, int], date]) -> bool:
        """Say whether a line is promised late, or a receipt comes late."""
        return any(is_late(line, self.today) for line in self.lines) or any(
            max(each.expected_date, self.today) > first_expected[each.purchase_order, each.line]
            for each in self.receipts
        )

    # ------------------------------------------------------------------ the row

    def row(self, first_expected: Mapping[tuple[str, int], date]) -> dict[str, Any]:
        """Put together the row of the item; columns about waiting are about backordered lines."""
        waiting = [line for line in self.lines if line.backordered]
        promised = [
            day for line in waiting if (day := promised_for(line, self.today)) is not None
        ]
        supply = self.supply(self.pools)
        allocated = sum(self.stock.allocated.get(pool, 0) for pool in self.pools)
        return {
            "sku": self.stock.key,
            "name": self.stock.name,
            "supply": to_number(supply),
            "allocated": to_number(allocated),
            "free": to_number(supply - allocated),
            "safety_stock": to_number(self.safety_stock()),
            "open_demand": to_number(sum(line.remaining for line in self.lines)),
            "backordered": to_number(sum(line.backordered for line in waiting)),
            "sales_orders_waiting": len({line.order_id for line in waiting}),
            "customers_waiting": len({line.customer for line in waiting}),
            "oldest_requested_date": iso(min(_requested(waiting), default=None)),
            "first_promise_date": iso(min(promised, default=None)),
            "last_promise_date": iso(max(promised, default=None)),
            "open_supply": to_number(sum(each.quantity for each in self.receipts)),
            **self._next_receipt(),
            "overdue_supply": to_number(sum(
                each.quantity for each in self.receipts
                if is_overdue(each.expected_date, self.today)
            )),
            "uncovered": to_number(self.uncovered),
            "suggested_order_quantity": to_number(self.suggested()),
            "expedite": self.expedite(first_expected),
        }

    def _next_receipt(self) -> dict[str, Any]:
        first = self.receipts[0] if self.receipts else None
        return {
            "next_receipt_date": None if first is None else iso(self.counted_on(first)),
            "next_receipt_quantity": None if first is None else to_number(first.quantity),
            "next_receipt_purchase_order": None if first is None else first.purchase_order,
            "next_receipt_purchase_line": None if first is None else first.line,
        }


def _requested(lines: Iterable[OpenLine]) -> Iterable[date]:
    return (line.requested_date for line in lines)
