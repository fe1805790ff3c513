"""How the ledger may change: one model per command, each with the few lines that carry it out.

This is the one door for every change. Commands decide on aggregates, never on read models.
"""

from stocktrail.commands import customers, pools, purchasing, settings, stock, webhooks
from stocktrail.commands.model import COMMANDS, Command
from stocktrail.commands.orders import fulfilment, place, queue, refund

__all__ = [
    "COMMANDS", "Command", "customers", "fulfilment", "place", "pools", "purchasing", "queue",
    "refund", "settings", "stock", "webhooks",
]
