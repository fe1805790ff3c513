"""Orders that can ship, one a line."""

from stocktrail.interfaces.cli.screen import Show
from stocktrail.interfaces.cli.tables.listed import list_table

show: Show = list_table(("order that can ship", "orders that can ship"), {
    "order": "order", "customer": "~customer", "requested_date": "requested",
    "priority": "#priority", "lines_ready": "#lines ready", "lines": "#of lines",
    "ready": "#units ready", "remaining": "#of units",
})
