"""Values that are set, one a line."""

from stocktrail.interfaces.cli.screen import Show
from stocktrail.interfaces.cli.tables.listed import list_table

show: Show = list_table(("value that is set", "values that are set"), {
    "setting": "setting", "value": "#value", "sku": "item", "pool": "pool", "source": "source",
    "level": "level",
})
