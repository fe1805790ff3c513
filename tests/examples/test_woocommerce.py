"""The adapter for WooCommerce: whole orders become commands, in any order and however often."""

import itertools
from collections.abc import Iterator
from typing import Any

import pytest

import stocktrail
from examples.storefront.web import TryLater
from examples.woocommerce.platform import woocommerce
from stocktrail.commands import CountStock, RegisterProduct
from stocktrail.questions import Stock
from tests.examples.scenes import Adapter
from tests.examples.woocommerce_payloads import (
    LAMP,
    MUG,
    completed,
    item,
    order,
    product,
    refund,
    told,
)

GIFT = "Order 727: Gift wrap has no SKU: it is not in the ledger."


class Refunds:
    """The refunds that the REST API knows of; it may be away."""

    def __init__(self) -> None:
        self.known: list[dict[str, Any]] = []
        self.is_away = False

    def __call__(self, order_id: str) -> list[dict[str, Any]]:
        """Return the refunds of an order."""
        if self.is_away:
            raise TryLater("shop.example answered 503", 30)
        return self.known


@pytest.fixture
def refunds() -> Refunds:
    """Return no refunds yet."""
    return Refunds()


@pytest.fixture
def adapter(refunds: Refunds) -> Iterator[Adapter]:
    """Return an adapter of a shop that may be asked about refunds."""
    with stocktrail.open_in_memory() as shop:
        yield Adapter(woocommerce(refunds_of=refunds), shop)


def test_an_order_is_placed_once_it_is_paid_or_on_hold_and_shipped_when_completed(
    adapter: Adapter,
) -> None:
    adapter.hear("order.created", order("pending"))
    assert adapter.stock("MUG") == (10, 10)
    adapter.hear("order.updated", order("on-hold", 1))
    assert adapter.stock("MUG") == (10, 8)
    adapter.hear("order.updated", order("processing", 2))
    adapter.hear("order.updated", completed(30))
    found = adapter.order("727")
    assert (found.customer, found.currency, found.status) == ("woocommerce-26", "EUR", "complete")
    assert [(each.sku, each.shipped) for each in found.lines] == [("MUG", 2), ("LAMP", 5)]
    assert (adapter.stock("MUG"), adapter.stock("LAMP")) == ((8, 8), (0, 0))
    assert set(adapter.told()) == {f"done: {GIFT}"}


def test_the_sample_of_the_documentation_is_understood(adapter: Adapter) -> None:
    adapter.shop.submit([RegisterProduct(sku="Bar3"), CountStock(sku="Bar3", counted=5)])
    adapter.hear("order.created", order(
        "processing", 28, item(315, "", 2, "Woo Single #1"),
        {**item(316, "Bar3", 1, "Ship Your Idea"), "variation_id": 23, "price": 12},
        currency="USD", customer_id=0,
    ))
    placed = adapter.order("727")
    assert (placed.customer, placed.currency, placed.captured_amount) == (
        "guest of 727", "USD", "12.00"
    )
    assert [(each.line, each.sku, each.ordered) for each in placed.lines] == [(2, "Bar3", 1)]
    assert adapter.told() == [
        "done: Order 727: Woo Single #1 has no SKU: it is not in the ledger."
    ]


def test_refunds_release_before_completion_and_return_or_write_off_after(
    adapter: Adapter, refunds: Refunds
) -> None:
    adapter.hear("order.created", order("processing"))
    refunds.known = [refund(801, 10, lamp=2)]
    lamps = item(LAMP, "LAMP", 5, "Lamp", restocked=2)
    mugs = item(MUG, "MUG", 2, "Mug")
    adapter.hear("order.updated", order("processing", 10, mugs, lamps, refunds=told(801)))
    assert adapter.stock("LAMP") == (5, 2)
    adapter.hear("order.updated", completed(30, mugs, lamps, refunds=told(801)))
    assert adapter.stock("LAMP") == (2, 2)
    refunds.known = [refund(801, 10, lamp=2), refund(802, 40, mug=2)]
    back = item(MUG, "MUG", 2, "Mug", restocked=2)
    adapter.hear("order.updated", completed(40, back, lamps, refunds=told(801, 802)))
    found = adapter.order("727")
    assert [(each.shipped, each.released) for each in found.lines] == [(2, 0), (3, 2)]
    assert adapter.stock("MUG") == (10, 10)
    assert adapter.told() == [f"done: {GIFT}"]


def test_what_was_not_restocked_is_written_off_and_what_nobody_knows_is_told(
    adapter: Adapter, refunds: Refunds
) -> None:
    refunds.known = [refund(801, 40, mug=1)]
    mugs, lamps = item(MUG, "MUG", 2, "Mug"), item(LAMP, "LAMP", 5, "Lamp", restocked=1)
    adapter.hear("order.updated", completed(40, mugs, lamps, refunds=told(801)))
    assert adapter.stock("MUG") == (8, 8)
    refunds.known += [refund(802, 41, lamp=1), refund(803, 42, lamp=1)]
    adapter.hear("order.updated", completed(42, mugs, lamps, refunds=told(801, 802, 803)))
    assert (adapter.order("727").refunded_amount, adapter.stock("LAMP")) == ("19.9033", (0, 0))
    assert "1 of 2 of Lamp were restocked, but it is not told by which refund" in adapter.told()[0]


def test_refunds_wait_while_the_shop_is_away(adapter: Adapter, refunds: Refunds) -> None:
    refunds.known, refunds.is_away = [refund(801, 10, lamp=5)], True
    adapter.hear("order.updated", order("processing", 10, refunds=told(801)))
    assert adapter.told() == ["waiting: It waits: shop.example answered 503."]
    refunds.is_away = False
    adapter.pass_by(31)
    assert adapter.order("727").lines[1].released == 5


def test_in_whatever_order_the_states_of_an_order_come_the_ledger_is_the_same() -> None:
    states = [
        ("order.created", order("pending")), ("order.updated", order("processing", 5)),
        ("order.updated", completed(30)), ("order.updated", completed(31)),
    ]
    for mixed in itertools.islice(itertools.permutations(states), 0, 24, 3):
        with stocktrail.open_in_memory() as shop:
            other = Adapter(woocommerce(), shop)
            for topic, payload in mixed * 2:
                other.hear(topic, payload)
            assert other.order("727").status == "complete"
            kinds = [type(each.payload).__name__ for each in shop.events(subject="order/727")]
            assert sorted(kinds) == ["OrderPlaced", "OrderShipped"]


def test_cancelled_deleted_and_fully_refunded_orders_free_what_they_held(
    adapter: Adapter, refunds: Refunds
) -> None:
    for number, (topic, closed) in enumerate([
        ("order.updated", order("cancelled", 9)), ("order.updated", order("trash", 9)),
        ("order.deleted", {}), ("order.updated", order("refunded", 9)),
    ], start=1):
        named: dict[str, Any] = {"id": number, "number": str(number)}
        adapter.hear("order.created", order("processing", **named))
        assert adapter.stock("LAMP") == (5, 0)
        adapter.hear(topic, {**closed, **named})
        assert (adapter.order(str(number)).status, adapter.stock("LAMP")) == ("cancelled", (5, 5))


def test_a_cancelled_order_that_is_told_before_its_creation_is_never_placed(
    adapter: Adapter,
) -> None:
    adapter.hear("order.updated", order("cancelled", 9))
    adapter.hear("order.created", order("processing", 1))
    adapter.hear("order.deleted", {"id": 728})
    with pytest.raises(stocktrail.Refusal, match="727"):
        adapter.order("727")
    assert adapter.told() == []


def test_what_the_ledger_cannot_follow_is_told(adapter: Adapter) -> None:
    adapter.hear("order.created", order("processing"))
    adapter.hear("order.updated", order("pending", 2))
    adapter.hear("order.updated", order("packed", 3))
    adapter.hear("order.updated", order("cancelled", 4))
    adapter.hear("order.updated", order("processing", 5))
    told_so = [each.removeprefix("done: Order 727: ") for each in adapter.told()][1:]
    assert told_so == [
        "It is pending again: here its units stay reserved.",
        "Status 'packed' is not WooCommerce's own: nothing was done.",
        "It was cancelled and is processing again: place it as a new order.",
    ]


def test_a_changed_order_is_told_and_stays_as_it_was_placed(adapter: Adapter) -> None:
    adapter.hear("order.created", order("on-hold", 0, item(MUG, "MUG", 2, "Mug")))
    changed = [item(MUG, "MUG", 3, "Mug"), item(LAMP, "LAMP", 1, "Lamp")]
    adapter.hear("order.updated", order("processing", 1, *changed))
    assert [each.ordered for each in adapter.order("727").lines] == [2]
    fewer = [item(MUG, "MUG", 1, "Mug"), item(LAMP, "LAMP", 1, "Lamp")]
    adapter.hear("order.updated", order("processing", 2, *fewer))
    adapter.hear("order.updated", order("processing", 3, item(LAMP, "LAMP", 1, "Lamp")))
    adapter.hear("order.updated", order("processing", 4, item(LAMP, "LAMP", 1, "Lamp")))
    assert [each.ordered for each in adapter.order("727").lines] == [2]
    told = adapter.told()
    assert len(told) == 3                       # what was told before is not told twice
    assert all("Lamp was added after it was placed" in each for each in told)
    assert "Mug on 727 is 3 now, 2 were placed: order 1 more apart." in told[0]
    assert "Mug on 727 is 1 now, 2 were placed: cancel 1 in the ledger." in told[1]
    assert "MUG on 727 is 0 now, 2 were placed: cancel 2 in the ledger." in told[2]


def test_completed_with_units_that_are_not_there_waits_until_they_are(adapter: Adapter) -> None:
    adapter.hear("order.created", order("processing"))
    adapter.shop.submit(CountStock(sku="LAMP", counted=1))
    adapter.hear("order.updated", completed(30))
    assert "ship-order was refused" in adapter.told()[-1]
    adapter.shop.submit(CountStock(sku="LAMP", counted=5))
    adapter.pass_by(61)
    assert adapter.order("727").status == "complete"


def test_simple_products_and_variations_are_registered_and_older_names_passed_over(
    adapter: Adapter,
) -> None:
    adapter.hear("product.updated", product("MUG", "Newer", 9))
    adapter.hear("product.created", product("MUG", "Older", 1))
    adapter.hear("product.updated", {**product("TEE", "Tee - Black, L", 9, "variation"), "id": 5})
    adapter.hear("product.updated", {**product("PARENT", "Tee", 9, "variable"), "id": 6})
    adapter.hear("product.updated", {**product("", "Nameless", 9), "id": 7})
    assert adapter.shop.ask(Stock(sku="MUG")).name == "Newer"
    assert adapter.shop.ask(Stock(sku="TEE")).name == "Tee - Black, L"
    with pytest.raises(stocktrail.Refusal, match="PARENT"):
        adapter.shop.ask(Stock(sku="PARENT"))
    assert adapter.told() == ["done: Nameless has no SKU: it is not in the ledger."]
