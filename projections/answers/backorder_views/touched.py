"""Which items a backorder view touches at a moment of the past: of the page, if that is known.

A view that is sorted as it is kept, and filtered by nothing but an item, a customer or a vendor,
looks at the items of its page alone, and of most others it is found from all lines at once which
these are; any other looks at every item of which anything was open. Where only the page was looked
at, its total is counted by what was open.
"""

from collections.abc import Iterable, Sequence

from stocktrail.ledger.store.tables import Row
from stocktrail.projections.answers.backorder_views.filters import NO_FILTERS, Filters
from stocktrail.projections.answers.backorder_views.page_then import items_of_page
from stocktrail.projections.answers.lines_then import lines_then
from stocktrail.projections.answers.sorted_page import Page
from stocktrail.projections.as_of import LedgerAsOf, LedgerAsRecorded
from stocktrail.projections.as_of.every_promise import EveryPromise
from stocktrail.projections.models.open_spans import PURCHASE, SALE

_KEY = ("party", "reference", "line")
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
        as_kept = self._page.column == self._by and not self._page.descending
        if self._filters == NO_FILTERS and as_kept and isinstance(past, LedgerAsRecorded):
            self.total = _count_open(past, self._by)
            return _of_page(past, self._by, self._page)
        chosen = None
        if isinstance(past, LedgerAsRecorded):
            chosen = items_of_page(EveryPromise.of(past), self._by, self._filters, self._page)
        if chosen is None:
            return past.open_skus()
        self.total = chosen.total
        return chosen.skus


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
    after: dict[str, str | int] = {}
    condition = ""
    if page.after is not None:
        after = {f"after_{name}": value for name, value in zip(_KEY, page.after[1:], strict=True)}
        condition = f"WHERE ({', '.join(_KEY)}) > ({', '.join(f':{name}' for name in after)})"
    end = f"{condition} ORDER BY {', '.join(_KEY)} LIMIT :most"
    kind = SALE if by == "customer" else PURCHASE
    return past.spans(kind, end=end, after={**after, "most": limit})


def _open_among(past: LedgerAsRecorded, by: str, rows: Sequence[Row]) -> int:
    """Count the lines that were really open."""
    if by == "customer":
        return len(rows)
    purchases = past.purchase_orders(row["reference"] for row in rows)
    return sum(
        1 for row in rows
        if row["reference"] in purchases
        and purchases[row["reference"]].lines[row["line"]].remaining
    )


def _count_open(past: LedgerAsRecorded, by: str) -> int:
    """Count all lines that were open."""
    if by == "vendor":
        return len(past.every_receipt)
    [row] = lines_then(past, "COUNT(*) AS found", "")
    return int(row["found"])
