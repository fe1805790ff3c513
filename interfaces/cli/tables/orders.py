"""Orders, one a line."""

from stocktrail.interfaces.cli.screen import Show
from stocktrail.interfaces.cli.tables.listed import list_table

show: Show = list_table(("order", "orders"), {
    "order": "order", "customer": "customer", "status": "status", "remaining": "#remaining",
    "allocated": "#allocated", "backordered": "#backordered", "uncovered": "#uncovered",
    "requested_date": "requested", "promise_date": "promised", "late": "late",
    "uncertain": "uncertain",
})
