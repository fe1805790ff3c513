"""Which items a backorder view touches at a moment of the past: of the page, if that is known.

A view that is sorted as it is kept, and filtered by nothing but an item, a customer or a vendor,
looks at the items of its page alone; any other looks at every item of which anything was open.
Where only the page was looked at, its total is counted by what was open.
"""

from collections.abc import Iterable, Mapping, Sequence

from stocktrail.ledger.store.tables import Row
from stocktrail.projections.answers.backorder_views.filters import NO_FILTERS, Filters
from stocktrail.projections.answers.backorder_views.page import Page
from stocktrail.projections.as_of import LedgerAsOf, LedgerAsRecorded
from stocktrail.projections.models.open_spans import PURCHASE, SALE

_SORTED_AS_KEPT = {"item": "sku", "customer": "customer", "vendor": "vendor"}
_KEYS = {"item": ("sku",), "customer": ("party", "reference", "line"),
         "vendor": ("party", "reference", "line")}
_REOPENED_AMONG = 20
"""How many more lines are looked at than a page has: some were not open all their time."""


class Touched:
    """The items of one page of a view, found when the past is there.

    ``total`` counts the rows of all pages where only the items of one were looked at.
    """

    def __init__(self, by: str, filters: Filters, page: Page) -> None:
        self._by, self._filters, self._page = by, filters, page
        self.total: int | None = None

    def items(self, past: LedgerAsOf) -> Iterable[str]:
        """Return the items whose rows the page may show."""
        if self._filters.item is not None:
            return [self._filters.item]
        named = _named(past, self._filters)
        if named is not None:
            return named
        as_kept = self._page.column == _SORTED_AS_KEPT[self._by] and not self._page.descending
        if self._filters == NO_FILTERS and as_kept and isinstance(past, LedgerAsRecorded):
            self.total = _count_open(past, self._by)
            return _of_page(past, self._by, self._page)
        return past.open_skus()


def _named(past: LedgerAsOf, filters: Filters) -> Iterable[str] | None:
    """Return the items of the customer and the vendor that are asked for, if any is."""
    asked = [
        {row["sku"] for row in past.spans(kind, party=party)}
        for kind, party in ((SALE, filters.customer), (PURCHASE, filters.vendor))
        if party is not None
    ]
    return sorted(set.intersection(*asked)) if asked else None


def _of_page(past: LedgerAsRecorded, by: str, page: Page) -> Iterable[str]:
    """Return the items of the next lines, until enough of them wait."""
    limit = page.limit + 1
    while True:
        rows = _next_rows(past, by, page, limit + _REOPENED_AMONG)
        skus = list(dict.fromkeys(row["sku"] for row in rows))
        if len(rows) < limit + _REOPENED_AMONG or _open_among(past, by, rows) >= page.limit + 1:
            return skus
        limit *= 2


def _next_rows(past: LedgerAsRecorded, by: str, page: Page, limit: int) -> Sequence[Row]:
    names = _KEYS[by]
    after: dict[str, str | int] = {}
    condition = ""
    if page.after is not None:
        after = {f"after_{name}": value for name, value in zip(names, page.after[1:], strict=True)}
        condition = f"WHERE ({', '.join(names)}) > ({', '.join(f':{name}' for name in after)})"
    end = f"{condition} ORDER BY {', '.join(names)} LIMIT :most"
    if by == "item":
        found: dict[str, Row] = {}
        for kind in (SALE, PURCHASE):
            for row in past.spans(kind, end=f"{condition} ORDER BY sku", **after):
                found.setdefault(row["sku"], row)
        return [found[sku] for sku in sorted(found)][:limit]
    kind = SALE if by == "customer" else PURCHASE
    return past.spans(kind, end=end, **after, most=limit)


def _open_among(past: LedgerAsRecorded, by: str, rows: Sequence[Row]) -> int:
    """Count the lines, or items, that were really open."""
    if by == "customer":
        return len(rows)
    purchases = past.purchase_orders(row["reference"] for row in rows if row["kind"] == PURCHASE)
    open_lines = {
        (name, number): bool(line.remaining)
        for name, order in purchases.items() for number, line in order.lines.items()
    }
    if by == "vendor":
        return sum(_is_open(row, open_lines) for row in rows)
    return len({row["sku"] for row in rows if _is_open(row, open_lines)})


def _is_open(row: Row, open_lines: Mapping[tuple[str, int], bool]) -> bool:
    if row["kind"] == SALE:
        return True
    return open_lines.get((row["reference"], row["line"]), False)


def _count_open(past: LedgerAsRecorded, by: str) -> int:
    """Count all lines, or items, that were open."""
    kinds = {"item": (SALE, PURCHASE), "customer": (SALE,), "vendor": (PURCHASE,)}[by]
    return _open_among(past, by, [row for kind in kinds for row in past.spans(kind)])
