"""What can happen to the stock of an item. Quantities are never negative unless called a delta."""

from stocktrail.ledger.stock.events.items import *
from stocktrail.ledger.stock.events.items import StockMovement
from stocktrail.ledger.stock.events.lines import *

MOVING = frozenset(StockMovement.__subclasses__())
"""The events by which sources gain or lose units: a look at the type of an event is enough."""
