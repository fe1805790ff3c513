"""Every event this program can read and write, by stable name and version."""

from stocktrail.ledger import configuration, customer, order, purchase_order, settings, webhook
from stocktrail.ledger.base.event import Catalogue
from stocktrail.ledger.stock import events as stock_events

CATALOGUE = Catalogue()
"""The one catalogue. A new version of an event is registered here together with its upcaster."""

CATALOGUE.register(*configuration.SETTING_EVENTS)
CATALOGUE.register(*settings.EVENTS)
CATALOGUE.register(*stock_events.EVENTS)
CATALOGUE.register(*order.EVENTS)
CATALOGUE.register(*purchase_order.EVENTS)
CATALOGUE.register(*customer.EVENTS)
CATALOGUE.register(*webhook.EVENTS)
