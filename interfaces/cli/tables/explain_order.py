"""Why an order stands as it does: shown as an explanation of stock is."""

from stocktrail.interfaces.cli.tables.explain_stock import show

__all__ = ["show"]
