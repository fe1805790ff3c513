"""How the ledger may change: one model per command, each with the few lines that carry it out.

This is the one door for every change. Commands decide on aggregates, never on read models. All of
them, and the parts that they are made of, are found here by name:

    from stocktrail.commands import NewLine, PlaceOrder
"""

from stocktrail.commands.customers import *
from stocktrail.commands.model import COMMANDS as COMMANDS
from stocktrail.commands.model import Command as Command
from stocktrail.commands.orders.cancel import *
from stocktrail.commands.orders.lines import *
from stocktrail.commands.orders.place import *
from stocktrail.commands.orders.queue import *
from stocktrail.commands.orders.refund import *
from stocktrail.commands.orders.ship import *
from stocktrail.commands.orders.tell import *
from stocktrail.commands.pools import *
from stocktrail.commands.purchasing import *
from stocktrail.commands.settings import *
from stocktrail.commands.stock import *
from stocktrail.commands.webhooks import *
