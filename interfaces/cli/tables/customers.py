"""Customers, one a line: how many orders each placed, and what they wait for."""

from stocktrail.interfaces.cli.screen import Show
from stocktrail.interfaces.cli.tables.listed import list_table

show: Show = list_table(("customer", "customers"), {
    "customer": "~customer", "name": "~name", "orders": "#orders", "open_lines": "#open lines",
    "waiting_lines": "#waiting", "slipped_lines": "#slipped", "order": "last order",
})
