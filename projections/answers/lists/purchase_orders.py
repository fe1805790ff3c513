"""The list of purchase orders: those with units to come from memory, all others by the database.

What is to come is little, and who waits for it has to be pegged for today; what came or was
cancelled is all that was ever bought. A line that changed after an earlier moment was open there as
far as its span says, so that what the database knows of the others held at that moment too.
"""

from collections.abc import Iterator
from typing import Any

from stocktrail.ledger.store.tables import Cursor, Row, Table
from stocktrail.projections.answers.backorder_views.filters import Conditions
from stocktrail.projections.answers.lists.definition import COUNT, QUANTITY, TEXT, ListDefinition
from stocktrail.projections.answers.lists.open_purchase_orders import open_purchase_orders
from stocktrail.projections.answers.lists.purchase_waits import NOBODY_WAITS, waits_for_orders
from stocktrail.projections.answers.moment_view import MomentView
from stocktrail.projections.models.open_spans import OPEN_SPAN, PURCHASE
from stocktrail.projections.models.purchase_orders import (
    PURCHASE_LINE,
    PURCHASE_ORDER,
)

DEFINITION = ListDefinition(
    "purchase orders",
    key=("purchase_order",),
    columns={
        "purchase_order": TEXT, "vendor": TEXT, "source": TEXT, "placed_at": COUNT,
        "position": COUNT, "lines": COUNT, "ordered": QUANTITY, "received": QUANTITY,
        "cancelled": QUANTITY, "remaining": QUANTITY, "expected_date": TEXT, "days_late": COUNT,
        "slips": COUNT, "orders_waiting": COUNT, "pegged": QUANTITY,
    },
    facets=("open", "overdue", "undated", "unconfirmed", "waited_for", "received", "cancelled"),
    flags={"received": "is_received", "cancelled": "is_cancelled"},
    searched=("purchase_order", "vendor"),
    totals=("ordered", "received", "cancelled", "remaining", "pegged"),
    sort="-position",
)

_CLOSED = """
SELECT placed.purchase_order AS purchase_order, placed.vendor AS vendor, placed.source AS source,
    placed.placed_at AS placed_at, placed.position AS position, COUNT(*) AS lines,
    CAST(SUM(bought.ordered) AS BIGINT) AS ordered,
    CAST(SUM(bought.received) AS BIGINT) AS received,
    CAST(SUM(bought.cancelled) AS BIGINT) AS cancelled, CAST(SUM(bought.slips) AS BIGINT) AS slips,
    0 AS remaining, NULL AS expected_date, 0 AS days_late, 0 AS orders_waiting, 0 AS pegged,
    0 AS open, 0 AS overdue, 0 AS undated, 0 AS unconfirmed, 0 AS waited_for,
    CASE WHEN SUM(bought.received) > 0 THEN 1 ELSE 0 END AS is_received,
    CASE WHEN SUM(bought.received) > 0 THEN 0 ELSE 1 END AS is_cancelled
FROM {placed} AS placed JOIN {bought} AS bought ON bought.purchase_order = placed.purchase_order
WHERE placed.position <= :position AND NOT EXISTS (
    SELECT 1 FROM {span} AS span WHERE span.kind = :kind
    AND span.reference = placed.purchase_order
    AND (span.until IS NULL OR span.until > :position)
){conditions}
GROUP BY placed.purchase_order
"""


class PurchaseOrdersAt:
    """Purchase orders at a moment: those that are open, and all others.

    They are those of a vendor, for a source, with a line of an item, where that is asked for.
    """

    def __init__(
        self, moment: MomentView, *, vendor: str | None, source: str | None, item: str | None
    ) -> None:
        self._moment = moment
        tables, cursor, _ = moment.live
        self._tables = tables
        self.cursor: Cursor = cursor
        self._conditions = Conditions()
        self._conditions.equal("vendor", vendor)
        self._conditions.equal("source", source)
        if item is not None:
            self._conditions.add(
                f"EXISTS (SELECT 1 FROM {self._name(PURCHASE_LINE)} AS line "
                "WHERE line.purchase_order = placed.purchase_order AND line.sku = :item)",
                item=item,
            )

    def closed(self) -> tuple[str, dict[str, Any]]:
        """Return the query for those of which nothing is to come any more, with parameters."""
        query = _CLOSED.format(
            placed=self._name(PURCHASE_ORDER), bought=self._name(PURCHASE_LINE),
            span=self._name(OPEN_SPAN),
            conditions="".join(f" AND {part}" for part in self._conditions.parts),
        )
        return query, {
            "position": self._moment.position, "kind": PURCHASE, **self._conditions.parameters
        }

    def open(self) -> Iterator[Row]:
        """Yield those of which anything is to come, and who waits for it today."""
        waits = waits_for_orders(self._moment)
        for row in open_purchase_orders(self._moment, self._conditions):
            waiting = waits.get(row["purchase_order"], NOBODY_WAITS)
            yield {
                **row, "orders_waiting": waiting.orders, "pegged": waiting.units,
                "waited_for": waiting.units > 0,
            }

    def _name(self, table: Table) -> str:
        return self._tables.table(table).name
