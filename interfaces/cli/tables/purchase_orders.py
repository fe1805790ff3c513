"""Purchase orders, one a line."""

from stocktrail.interfaces.cli.screen import Show
from stocktrail.interfaces.cli.tables.listed import list_table

show: Show = list_table(("purchase order", "purchase orders"), {
    "purchase_order": "purchase order", "vendor": "vendor", "status": "status",
    "expected_date": "expected", "remaining": "#to come", "days_late": "#days late",
    "orders_waiting": "#orders waiting", "ordered": "#ordered", "received": "#received",
    "source": "to",
})
