"""The columns of tables: headings, kinds of cells, and which of them can be sorted."""

from typing import NamedTuple

NUMERIC = frozenset((
    "number", "money", "on_hand", "salable", "short", "to_waiting", "to_vendor", "to_pegged",
))
"""The kinds of cells that hold a number."""

FIGURES = frozenset(("of_customer", "of_vendor", "of_source", "of_pool"))
"""The kinds of cells that hold a number which leads to the list that it counts."""


class Column(NamedTuple):
    """One column: its name in the report, its heading, and the kind of its cells."""

    name: str
    heading: str
    kind: str = "text"
    sortable: bool = True
    hidden: bool = False
    """Whether a list shows it only where somebody chose it."""


BACKORDER_COLUMNS: dict[str, tuple[Column, ...]] = {
    "item": (
        Column("sku", "Item", "sku"), Column("name", "Name", "name"),
        Column("backordered", "Backordered", "short"), Column("uncovered", "Uncovered", "short"),
        Column("sales_orders_waiting", "Orders", "to_waiting"),
        Column("customers_waiting", "Customers", "to_waiting"),
        Column("oldest_requested_date", "Oldest request", "date"),
        Column("first_promise_date", "First promise", "first_promise"),
        Column("last_promise_date", "Last promise", "last_promise"),
        Column("next_receipt_date", "Next receipt", "date"),
        Column("next_receipt_quantity", "Quantity", "number"),
        Column("next_receipt_purchase_order", "Purchase order", "purchase_order"),
        Column("open_supply", "Open supply", "to_vendor"),
        Column("overdue_supply", "Overdue", "number"),
        Column("blocked_supply", "Blocked", "number"),
        Column("suggested_order_quantity", "Suggested order", "number"),
        Column("supply", "Supply", "number"), Column("allocated", "Allocated", "number"),
        Column("free", "Free", "number"), Column("safety_stock", "Safety", "number"),
        Column("open_demand", "Demand", "number"),
    ),
    "customer": (
        Column("customer", "Customer", "customer"), Column("order", "Order", "order"),
        Column("line", "Line", "number"), Column("sku", "Item", "sku"),
        Column("backordered", "Backordered", "short"), Column("uncovered", "Uncovered", "short"),
        Column("requested_date", "Requested", "date"),
        Column("promise_date", "Promised", "promise"), Column("slips", "Slips", "number"),
        Column("days_slipped", "Days slipped", "number"),
        Column("pegged_to", "Pegged to", "pegs"),
        Column("ordered", "Ordered", "number"), Column("shipped", "Shipped", "number"),
        Column("cancelled", "Cancelled", "number"), Column("remaining", "Remaining", "number"),
        Column("allocated", "Allocated", "number"), Column("priority", "Priority", "number"),
        Column("age_days", "Age", "number"),
    ),
    "vendor": (
        Column("vendor", "Vendor", "vendor"),
        Column("purchase_order", "Purchase order", "purchase_order"),
        Column("line", "Line", "number"), Column("sku", "Item", "sku"),
        Column("remaining", "Remaining", "number"),
        Column("original_expected_date", "First expected", "date"),
        Column("expected_date", "Expected", "expected"),
        Column("days_late", "Days late", "number"), Column("slips", "Slips", "number"),
        Column("blocked", "Blocked", "reason"),
        Column("pegged", "Pegged", "to_pegged"),
        Column("waiting", "Who waits", "waiting", sortable=False),
        Column("ordered", "Ordered", "number"), Column("received", "Received", "number"),
        Column("destination", "To"),
    ),
}
"""The columns of the three backorder views."""
