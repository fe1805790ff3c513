"""A shop in which everything has happened: every slot of its item, settings and order is filled.

Tests that ask whether a state survives ask it here too: what no history fills survives anything.
"""

from stocktrail.ledger.settings import (
    PoolDefined,
    PromiseRulesChanged,
    SourceRegistered,
    TimeZoneChanged,
)
from stocktrail.ledger.stock.events import ProductRegistered
from tests.ledger.facts import (
    backorders_set,
    received,
    reserved,
    source_disabled,
    source_registered,
    status_set,
    threshold_set,
    two_pools,
)
from tests.ledger.order_facts import line_placed, order_placed
from tests.scenes import SKU, Scene

EVERYTHING = Scene()
"""The shop."""

for occurred_at, event in enumerate((
    *two_pools(), source_registered("closed"), source_disabled("closed"),
    SourceRegistered(source="harbour", name="The harbour"),
    PoolDefined(pool="web", sources=("harbour",), name="The web shop"),
    PromiseRulesChanged(overdue_offset_days=3), TimeZoneChanged(zone="Europe/Berlin"),
    backorders_set("allow", sku=None), backorders_set("no", sku=None, pool="web"),
    threshold_set("notify_below", 4, sku=None, source="shared"),
    ProductRegistered(
        sku=SKU, name="Widget", decimal=True, unit="kg", attributes={"colour": "red"}
    ),
    backorders_set("allow_and_notify"), backorders_set("allow", pool="A"),
    threshold_set("notify_below", 2, source="of-a"),
    received(5, "shared"), received(2, "of-a"), status_set("out_of_stock", "of-a"),
    order_placed(line_placed(1, 3), ship_policy="complete"),
    reserved("SO-1", 3, pool="A"), reserved("SO-2", 4, waits_for=2, pool="B"),
)):
    EVERYTHING.happen(event, occurred_at)
