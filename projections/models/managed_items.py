"""Items with a setting of their own for managing stock, as the read model of promises needs them.

Setting levels belong to the read models of stock. Another process may fold those, so promises keep
a copy of this one setting.
"""

from stocktrail.ledger.store.tables import Table
from stocktrail.projections.models.version import versioned

MANAGED_ITEM = Table(
    versioned("managed_item"), {"sku": "TEXT NOT NULL", "manage": "TEXT NOT NULL"}, ("sku",)
)
