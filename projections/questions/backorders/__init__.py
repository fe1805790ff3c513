"""The three backorder views: every open line, by item, by customer and by vendor.

"Backorder" here is any open line, of sales or purchase. Each row carries the keys (``sku``,
``order``, ``line``, ``purchase_order``, ``purchase_line``) that lead to the others'.
"""

from collections.abc import Callable, Collection
from datetime import date
from typing import Any, Literal, NamedTuple

from stocktrail.projections.models.parked_items import parked_items
from stocktrail.projections.questions.backorders import by_customer, by_item, by_vendor
from stocktrail.projections.questions.backorders.filters import NO_FILTERS, Filters
from stocktrail.projections.questions.backorders.page import Found, Page, read_page
from stocktrail.projections.questions.backorders.touched import Touched
from stocktrail.projections.questions.standing import Standing, standing_at
from stocktrail.projections.read_models import ReadModels

View = Literal["item", "customer", "vendor"]


class _View(NamedTuple):
    columns: Collection[str]
    default_sort: str
    found: Callable[[Standing, Filters, Page], Found]


VIEWS: dict[View, _View] = {
    "item": _View(by_item.COLUMNS, by_item.DEFAULT_SORT, by_item.by_item),
    "customer": _View(by_customer.COLUMNS, by_customer.DEFAULT_SORT, by_customer.by_customer),
    "vendor": _View(by_vendor.COLUMNS, by_vendor.DEFAULT_SORT, by_vendor.by_vendor),
}
"""The views by name: what they can be sorted by, and who puts them together."""


def backorders(
    models: ReadModels,
    by: View,
    filters: Filters = NO_FILTERS,
    *,
    sort: str | None = None,
    limit: int | None = None,
    after: str | None = None,
    as_of: int | None = None,
    today: date | None = None,
    occurred_until: int | None = None,
) -> dict[str, Any]:
    """Report the open lines by item, customer or vendor, a page at a time.

    ``total`` counts the rows of all pages. ``sort`` names a column (``-`` before it turns the order
    around); ``after`` is the ``next`` of the page before, which is ``None`` on the last one.
    ``occurred_until`` (an instant) counts only what had happened by it, also what was recorded
    later. With a ``cutoff`` only lines due before it count, in every row and column but what is
    there now (``supply``, ``allocated``, ``free``). Refuses an unknown pool, source, column or
    position (``unknown_*``), and a limit or page that cannot be (``bad_limit``, ``bad_page``).
    """
    filters = filters.in_known_spelling(models.ledger)
    page = _page(by, sort, limit, after)
    touched = Touched(by, filters, page)
    with standing_at(
        models, as_of, today, touched.items, occurred_until=occurred_until,
        with_orders=page.column in by_customer.ORDERED,
    ) as standing:
        found = found_in(standing, by, filters, sort=sort, limit=limit, after=after)
        total = found.total if touched.total is None else touched.total
        return {
            "by": by, "as_of": standing.position, "today": standing.today.isoformat(),
            "time_zone": standing.settings.time_zone, "cutoff": filters.before,
            "total": total, "rows": found.rows, "next": found.next,
            "parked": [each.sku for each in parked_items(standing.place, standing.cursor)],
        }


def found_in(
    standing: Standing, by: View, filters: Filters = NO_FILTERS, *, sort: str | None = None,
    limit: int | None = None, after: str | None = None,
) -> Found:
    """Find a page of a view in what stands at one moment; :func:`backorders` says the rest."""
    filters.check(standing.settings)
    return VIEWS[by].found(standing, filters, _page(by, sort, limit, after))


def _page(by: View, sort: str | None, limit: int | None, after: str | None) -> Page:
    view = VIEWS[by]
    return read_page(by, view.columns, view.default_sort, sort, limit, after)


__all__ = ["VIEWS", "Filters", "Found", "View", "backorders", "found_in"]
