"""Purchase lines, one a line: when each was due, and when it came."""

from stocktrail.interfaces.cli.screen import Show
from stocktrail.interfaces.cli.tables.listed import list_table

show: Show = list_table(("purchase line", "purchase lines"), {
    "vendor": "~vendor", "purchase_order": "purchase order", "line": "#line", "sku": "item",
    "original_expected_date": "expected", "received_date": "came", "days_late": "#days late",
    "first_ordered": "#ordered", "received": "#received", "remaining": "#to come",
})
