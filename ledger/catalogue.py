"""Every event this program can read and write, by stable name and version."""

from stocktrail.ledger import configuration, customer, settings, webhook
from stocktrail.ledger.base.event import Catalogue
from stocktrail.ledger.orders import events as order_events
from stocktrail.ledger.purchase_orders import events as purchase_order_events
from stocktrail.ledger.stock import events as stock_events

CATALOGUE = Catalogue()
"""The one catalogue. A new version of an event is registered here together with its upcaster."""

CATALOGUE.register(*configuration.SETTING_EVENTS)
CATALOGUE.register(*settings.EVENTS)
CATALOGUE.register(*stock_events.EVENTS)
CATALOGUE.register(*order_events.EVENTS)
CATALOGUE.register(*purchase_order_events.EVENTS)
CATALOGUE.register(*customer.EVENTS)
CATALOGUE.register(*webhook.EVENTS)
