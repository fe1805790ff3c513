"""Which items say themselves whether their stock is managed: what promises have to know of that.

Setting levels are kept with the read models of stock, which another process may fold, so the one of
promises keeps what it needs itself.
"""

from stocktrail.ledger.store.tables import Table
from stocktrail.projections.models.version import versioned

MANAGED_ITEM = Table(
    versioned("managed_item"), {"sku": "TEXT NOT NULL", "manage": "TEXT NOT NULL"}, ("sku",)
)
