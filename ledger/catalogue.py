"""Every event this program can read and write, by stable name and version."""

from stocktrail.ledger import configuration, customer, settings, webhook
from stocktrail.ledger.base.event import Catalogue
from stocktrail.ledger.orders import events as order_events
from stocktrail.ledger.purchase_orders import events as purchase_order_events
from stocktrail.ledger.stock.events import items, lines

CATALOGUE = Catalogue()
"""The one catalogue. A new version of an event is registered here together with its upcaster."""

CATALOGUE.register_all_of(
    configuration, settings, items, lines, order_events, purchase_order_events, customer, webhook
)
