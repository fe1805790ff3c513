"""How the ledger may change: one model per command, each with the few lines that carry it out.

This is the one door for every change. Commands decide on aggregates, never on read models.
"""

from commands import (
    customers,
    fulfilment,
    orders,
    products,
    purchasing,
    queues,
    refunds,
    settings,
    stock,
    webhooks,
)
from commands.model import COMMANDS, Command

__all__ = [
    "COMMANDS", "Command", "customers", "fulfilment", "orders", "products", "purchasing", "queues",
    "refunds", "settings", "stock", "webhooks",
]
