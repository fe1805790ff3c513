"""Which items a backorder view touches at a moment of the past: of the page, if that is known.

A view that is sorted as it is kept, and filtered by nothing but an item, a customer or a vendor,
looks at the items of its page alone; any other looks at every item of which anything was open.
"""

from collections.abc import Iterable, Mapping, Sequence

from projections.open_spans import PURCHASE, SALE
from projections.past import Past, RecordedPast
from projections.reports.backorders.filters import Filters
from projections.reports.backorders.page import Page
from projections.tables import Row

_SORTED_AS_KEPT = {"item": "sku", "customer": "customer", "vendor": "vendor"}
_KEYS = {"item": ("sku",), "customer": ("party", "reference", "line"),
         "vendor": ("party", "reference", "line")}
_REOPENED_AMONG = 20
"""How many more lines are looked at than a page has: some were not open all their time."""


def touched_items(past: Past, by: str, filters: Filters, page: Page) -> Iterable[str]:
    """Name the items whose rows the page may show."""
    if filters.item is not None:
        return [filters.item]
    named = _named(past, by, filters)
    if named is not None:
        return named
    others = (filters.pool, filters.source, filters.cutoff)
    is_plain = not any(others) and not filters.late and not filters.uncovered
    as_kept = page.column == _SORTED_AS_KEPT[by] and not page.descending
    if is_plain and as_kept and isinstance(past, RecordedPast):
        return _of_page(past, by, page)
    return past.open_skus()


def _named(past: Past, by: str, filters: Filters) -> Iterable[str] | None:
    """Name the items of the customer and the vendor that are asked for, if any is."""
    asked = [
        {row["sku"] for row in past.spans(kind, party=party)}
        for kind, party in ((SALE, filters.customer), (PURCHASE, filters.vendor))
        if party is not None
    ]
    return sorted(set.intersection(*asked)) if asked else None


def _of_page(past: RecordedPast, by: str, page: Page) -> Iterable[str]:
    """Name the items of the first lines after the page before, until there are enough that wait."""
    limit = page.limit + 1
    while True:
        rows = _next_rows(past, by, page, limit + _REOPENED_AMONG)
        skus = list(dict.fromkeys(row["sku"] for row in rows))
        if len(rows) < limit + _REOPENED_AMONG or _open_among(past, by, rows) >= page.limit + 1:
            return skus
        limit *= 2


def _next_rows(past: RecordedPast, by: str, page: Page, limit: int) -> Sequence[Row]:
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


def _open_among(past: RecordedPast, by: str, rows: Sequence[Row]) -> int:
    """Count the lines, or items, that were really open."""
    if by == "customer":
        return len(rows)
    purchases = past.purchase_orders(row["reference"] for row in rows if row["kind"] == PURCHASE)
    open_lines = {
        (name, number): bool(line.remaining)
        for name, order in purchases.items() for number, line in order.lines.items()
    }
    if by == "vendor":
        return sum(open_lines[row["reference"], row["line"]] for row in rows)
    return sum(_is_open(past, row, open_lines) for row in rows)


def _is_open(
    past: RecordedPast, row: Row, open_lines: Mapping[tuple[str, int], bool]
) -> bool:
    if row["kind"] == SALE:
        return True
    return open_lines.get((row["reference"], row["line"]), False)
