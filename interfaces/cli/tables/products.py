"""Products, one a line."""

from stocktrail.interfaces.cli.screen import Show
from stocktrail.interfaces.cli.tables.listed import list_table

show: Show = list_table(("product", "products"), {
    "sku": "item", "name": "~name", "on_hand_in_pool": "#on hand", "allocated": "#allocated",
    "demand": "#demand", "backordered": "#backordered", "salable_quantity": "#salable",
    "message": "~the shop says",
})
