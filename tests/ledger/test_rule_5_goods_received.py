"""Rule 5.1: goods of a purchase order are put on hand at the source and serve the queue at once."""

import pytest

from stocktrail.ledger.quantity import LIMIT, SCALE
from tests.ledger.facts import (
    allocated,
    backorders_set,
    received,
    registered,
    reserved,
    source_registered,
    status_set,
    two_pools,
    units,
)
from tests.ledger.reallocating import goods_received, receive_goods
from tests.scenes import SKU, given

WAITING = [
    registered(),
    backorders_set("allow"),
    received(2),
    reserved("SO-1", 5, waits_for=3),
    reserved("SO-2", 4, waits_for=4, priority=1),
]


def test_goods_serve_the_queue_in_order_and_what_is_left_is_free() -> None:
    shop = given(*WAITING).when(receive_goods(goods_received(10))).then(
        goods_received(10), allocated(4, "SO-2"), allocated(3, "SO-1")
    )
    assert shop.stock.on_hand == {"default": units(12)}
    assert shop.salable() == 3


def test_too_few_goods_go_to_the_first_in_the_queue() -> None:
    given(*WAITING).when(receive_goods(goods_received(5))).then(
        goods_received(5), allocated(4, "SO-2"), allocated(1, "SO-1")
    )


def test_two_lines_of_a_receipt_serve_the_queue_together() -> None:
    shop = given(*WAITING).when(
        receive_goods(goods_received(2, line=1), goods_received(3, line=2, over=3))
    ).then(
        goods_received(2, line=1), goods_received(3, line=2, over=3),
        allocated(4, "SO-2"), allocated(1, "SO-1"),
    )
    assert shop.stock.on_hand == {"default": units(7)}


def test_goods_create_the_source_item_in_stock() -> None:
    shop = given(registered(), source_registered("berlin")).when(
        receive_goods(goods_received(5, source="berlin"), source="berlin")
    ).then(goods_received(5, source="berlin"))
    assert shop.stock.on_hand == {"berlin": units(5)}
    assert shop.stock.sellable(shop.settings) == {"berlin": units(5)}


def test_goods_at_a_source_out_of_stock_serve_nobody_yet() -> None:
    shop = given(
        registered(), backorders_set("allow"), received(0), status_set("out_of_stock"),
        reserved("SO-1", 5, waits_for=5),
    )
    shop.when(receive_goods(goods_received(5))).then(goods_received(5))


def test_goods_at_a_shared_source_serve_the_queue_over_all_pools() -> None:
    given(
        *two_pools(), registered(), backorders_set("allow"), received(0, "shared"),
        reserved("SO-A", 3, waits_for=3, pool="A"),
        reserved("SO-B", 3, waits_for=3, pool="B", priority=1),
    ).when(receive_goods(goods_received(4, source="shared"), source="shared")).then(
        goods_received(4, source="shared"),
        allocated(3, "SO-B", pool="B"), allocated(1, "SO-A", pool="A"),
    )


def test_goods_serve_nobody_twice_while_what_is_left_lies_out_of_reach() -> None:
    given(
        *two_pools(), registered(), backorders_set("allow"), received(5, "of-b"),
        received(0, "of-a"),
        reserved("SO-1", 3, waits_for=3, pool="A"), reserved("SO-2", 3, waits_for=3, pool="A"),
    ).when(receive_goods(goods_received(2, source="of-a"), source="of-a")).then(
        goods_received(2, source="of-a"), allocated(2, "SO-1", pool="A")
    )


def test_what_cannot_be_received_is_refused() -> None:
    given().when(receive_goods(goods_received(5))).then_refused("unknown_sku", sku=SKU)
    shop = given(registered())
    shop.when(receive_goods(goods_received(5), source="nowhere")).then_refused(
        "unknown_source", source="nowhere"
    )
    shop.when(receive_goods(goods_received(1), goods_received(0.5))).then_refused(
        "decimal_not_allowed", sku=SKU
    )
    shop.when(receive_goods(goods_received((LIMIT // SCALE) - 1), goods_received(1))).then_refused(
        "quantity_too_large", sku=SKU
    )


@pytest.mark.parametrize("quantity", [0.5, 2.25])
def test_fractions_of_what_may_be_cut_arrive(quantity: float) -> None:
    given(registered(decimal=True)).when(receive_goods(goods_received(quantity))).then(
        goods_received(quantity)
    )
