"""Sources, one a line: what each has, is to get, and which pools it serves."""

from stocktrail.interfaces.cli.screen import Show
from stocktrail.interfaces.cli.tables.listed import list_table
from stocktrail.interfaces.cli.tables.named_together import named_together

show: Show = named_together("pools", list_table(("source", "sources"), {
    "source": "source", "name": "~name", "pools": "~pools", "items_there": "#items there",
    "lines_to_come": "#lines to come", "enabled": "enabled",
}))
