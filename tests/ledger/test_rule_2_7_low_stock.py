"""Rule 2.7: which threshold raises a low-stock notice, per pool and per source.

The notices themselves are a conclusion: their edges are shown with the read models.
"""

import pytest

from stocktrail.ledger.base.event import Event
from stocktrail.ledger.configuration import Resolved, resolve_source_notice
from tests.ledger.facts import registered, source_registered, threshold_set, units
from tests.scenes import Scene, given

GLOBAL = threshold_set("notify_below", 1, sku=None)
POOL = threshold_set("notify_below", 2, sku=None, pool="default")
SOURCE = threshold_set("notify_below", 3, sku=None, source="berlin")
PRODUCT = threshold_set("notify_below", 4)
IN_POOL = threshold_set("notify_below", 5, pool="default")
IN_SOURCE = threshold_set("notify_below", 6, source="berlin")


def source_notice(shop: Scene, source: str = "berlin") -> Resolved | None:
    """Resolve the threshold on what is on hand at a source."""
    return resolve_source_notice(
        shop.stock.in_source.get(source),
        shop.stock.everywhere,
        shop.settings.in_source.get(source),
        shop.settings.everywhere,
    )


@pytest.mark.parametrize(
    ("events", "value", "level"),
    [
        ([], 1, "default"),
        ([GLOBAL], 1, "global"),
        ([GLOBAL, POOL], 2, "pool"),
        ([GLOBAL, POOL, SOURCE, PRODUCT], 4, "product"),
        ([GLOBAL, POOL, PRODUCT, IN_POOL, IN_SOURCE], 5, "product_in_pool"),
    ],
)
def test_the_threshold_on_the_salable_quantity_of_a_pool(
    events: list[Event], value: int, level: str
) -> None:
    shop = given(source_registered("berlin"), registered(), *events)
    policy = shop.stock.policy(shop.settings, "default")
    assert policy.notify_below == (units(value), level)


@pytest.mark.parametrize(
    ("events", "value", "level"),
    [
        ([GLOBAL, SOURCE], 3, "source"),
        ([SOURCE, PRODUCT], 4, "product"),
        ([SOURCE, PRODUCT, IN_SOURCE], 6, "product_in_source"),
        ([IN_SOURCE], 6, "product_in_source"),
    ],
)
def test_the_threshold_on_what_is_on_hand_at_a_source(
    events: list[Event], value: int, level: str
) -> None:
    shop = given(source_registered("berlin"), registered(), *events)
    assert source_notice(shop) == (units(value), level)


def test_a_source_has_a_notice_only_where_a_source_level_sets_a_threshold() -> None:
    shop = given(source_registered("berlin"), registered(), GLOBAL, POOL, PRODUCT, IN_POOL)
    assert source_notice(shop) is None
    assert source_notice(shop.happen(SOURCE), "default") is None
