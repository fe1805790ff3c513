"""Pools, one a line: the sources each sells from, and how many items are short or low."""

from stocktrail.interfaces.cli.screen import Show
from stocktrail.interfaces.cli.tables.listed import list_table
from stocktrail.interfaces.cli.tables.named_together import named_together

show: Show = named_together("sources", list_table(("pool", "pools"), {
    "pool": "pool", "name": "~name", "sources": "~sources", "items_backordered": "#backordered",
    "items_low": "#low",
}))
