"""Salable quantities go back to the shops: once for many events, at least once, within limits."""

from collections.abc import Iterator
from contextlib import closing
from decimal import Decimal
from pathlib import Path

import pytest

import stocktrail
from examples.shopify.stock import ShopifyStock
from examples.storefront.ledger import LedgerInProcess, LedgerOverHttp, Salable
from examples.storefront.stand_ins import StandIn, shopify_stand_in, woocommerce_stand_in
from examples.storefront.web import TryLater
from examples.storefront.write_back import WriteBack
from examples.woocommerce.stock import WooCommerceStock
from stocktrail.commands import (
    ChangeThreshold,
    NewLine,
    PlaceOrder,
    ReceiveStock,
    RegisterProduct,
    SetBackorderPolicy,
)
from stocktrail.feeds.client import Batch, Subscription
from tests.examples.scenes import Clock
from tests.interfaces.api.serving import served


class Storefront:
    """A ledger in memory, and a program that writes its quantities to a shop."""

    def __init__(self, shop: stocktrail.Shop, own: Path) -> None:
        self.shop = shop
        self.own = str(own)
        self.clock = Clock()

    def take_all(self, back: WriteBack) -> None:
        """Give the program what was recorded since it was last told."""
        events = [
            {"subject": str(each.originator_id), "sequence": str(each.position),
             "data": {"sku": getattr(each.payload, "sku", None)}}
            for each in self.shop.events(after=back.position)
        ]
        head = max((int(str(each["sequence"])) for each in events), default=back.position)
        back.take(Batch(tuple(events), head, head))

    def back_to(self, to: ShopifyStock | WooCommerceStock) -> WriteBack:
        """Return the program, as it is after each start."""
        return WriteBack(self.own, LedgerInProcess(self.shop), to, clock=self.clock)


@pytest.fixture
def front(tmp_path: Path) -> Iterator[Storefront]:
    """Return a storefront with ten mugs, three T-shirts and no lamp."""
    with stocktrail.open_in_memory() as shop:
        shop.submit([
            RegisterProduct(sku="MUG"), RegisterProduct(sku="TEE"),
            RegisterProduct(sku="LAMP", source="default"),
            ReceiveStock(sku="MUG", quantity=10), ReceiveStock(sku="TEE", quantity=3),
        ])
        yield Storefront(shop, tmp_path / "own.db")


def of_shopify(shop: StandIn, grace_seconds: float = 5.0) -> ShopifyStock:
    """Return the quantities of a stand-in for Shopify."""
    return ShopifyStock("", "shpat_1", "655441491", grace_seconds, shop.site)


def of_woocommerce(shop: StandIn) -> WooCommerceStock:
    """Return the quantities of a stand-in for WooCommerce."""
    return WooCommerceStock(shop.site, "ck_1", "cs_1")


def test_many_events_make_one_reading_and_one_writing(front: Storefront) -> None:
    with shopify_stand_in(MUG=0, TEE=0, LAMP=0) as shop, closing(
        front.back_to(of_shopify(shop))
    ) as back:
        for number in range(5):
            front.shop.submit(PlaceOrder(order=f"SO-{number}", customer="ANNA",
                                         lines=[NewLine(sku="MUG", quantity=1)]))
        front.take_all(back)
        assert back.write() is None
        assert shop.quantities == {"MUG": 5, "TEE": 3, "LAMP": 0}
        assert len(shop.requests) == 2
        _, written = shop.requests[1]
        assert written["variables"]["input"] == {
            "name": "available", "reason": "correction", "quantities": [
                {"inventoryItemId": f"gid://shopify/InventoryItem/{number}",
                 "locationId": "gid://shopify/Location/655441491", "quantity": quantity,
                 "changeFromQuantity": 0}
                for number, quantity in ((700, 5), (701, 3))
            ],
        }
        front.take_all(back)
        assert back.write() is None
        assert len(shop.requests) == 2


def test_what_a_busy_shop_did_not_take_is_written_after_the_time_it_asks_for(
    front: Storefront,
) -> None:
    throttled = {
        "errors": [{"message": "Throttled", "extensions": {"code": "THROTTLED"}}],
        "extensions": {"cost": {"requestedQueryCost": 252, "actualQueryCost": None,
                                "throttleStatus": {"maximumAvailable": 2000.0,
                                                   "currentlyAvailable": 52, "restoreRate": 100}}},
    }
    with shopify_stand_in(MUG=0, TEE=0, LAMP=0) as shop, closing(
        front.back_to(of_shopify(shop))
    ) as back:
        shop.busy = [(429, {"Retry-After": "7"}, {}), (200, {}, throttled), (503, {}, {})]
        front.take_all(back)
        for seconds in (7, 2, 5):
            assert back.write() == seconds
            assert back.write() == seconds
            front.clock.now += seconds
        assert back.write() is None
        assert shop.quantities["MUG"] == 10
        assert len(shop.requests) == 5


def test_a_crash_between_the_events_and_the_shop_loses_nothing(front: Storefront) -> None:
    with shopify_stand_in(MUG=0, TEE=0, LAMP=0) as shop:
        with closing(front.back_to(of_shopify(shop))) as back:
            front.take_all(back)
        with closing(front.back_to(of_shopify(shop))) as back:
            assert (back.position, shop.requests) == (6, [])
            assert back.write() is None
            assert shop.quantities == {"MUG": 10, "TEE": 3, "LAMP": 0}


def test_what_shopify_sold_meanwhile_is_not_overwritten_before_its_webhook_may_have_come(
    front: Storefront,
) -> None:
    with shopify_stand_in(MUG=10, TEE=3, LAMP=0) as shop, closing(
        front.back_to(of_shopify(shop))
    ) as back:
        front.take_all(back)
        assert back.write() is None
        shop.quantities["MUG"] = 9                        # sold there; the webhook is on its way
        front.shop.submit(ReceiveStock(sku="MUG", quantity=5))
        front.take_all(back)
        assert back.write() == 5
        assert shop.quantities["MUG"] == 9
        front.shop.submit(PlaceOrder(order="SO-1", customer="ANNA",
                                     lines=[NewLine(sku="MUG", quantity=1)]))
        front.clock.now += 5
        front.take_all(back)
        assert back.write() is None
        assert shop.quantities["MUG"] == 14


def test_what_shopify_sells_between_reading_and_writing_is_seen(front: Storefront) -> None:
    with shopify_stand_in(MUG=0, TEE=0, LAMP=0) as shop, closing(
        front.back_to(of_shopify(shop))
    ) as back:
        front.take_all(back)
        shop.sold_meanwhile = {"MUG": 1}
        assert back.write() == 1
        assert shop.quantities == {"MUG": -1, "TEE": 0, "LAMP": 0}
        front.clock.now += 1
        assert back.write() is None
        assert shop.quantities == {"MUG": 10, "TEE": 3, "LAMP": 0}


def test_a_general_setting_concerns_all_items_and_unlimited_is_shown_as_none_at_least(
    front: Storefront,
) -> None:
    with shopify_stand_in(MUG=10, TEE=3, LAMP=0) as shop, closing(
        front.back_to(of_shopify(shop))
    ) as back:
        front.take_all(back)
        front.shop.submit(ChangeThreshold(threshold="out_of_stock", value=2))
        front.take_all(back)
        assert back.write() is None
        assert shop.quantities == {"MUG": 8, "TEE": 1, "LAMP": 0}
        front.shop.submit(SetBackorderPolicy(backorders="allow", sku="LAMP"))
        front.shop.submit(PlaceOrder(order="SO-1", customer="ANNA",
                                     lines=[NewLine(sku="LAMP", quantity=4)])).raise_for_status()
        front.take_all(back)
        assert back.write() is None
        assert shop.quantities["LAMP"] == 0


def test_an_item_that_shopify_refuses_for_good_holds_up_no_other(
    front: Storefront, caplog: pytest.LogCaptureFixture
) -> None:
    with shopify_stand_in(MUG=0, TEE=0, LAMP=0) as shop, closing(
        front.back_to(of_shopify(shop))
    ) as back:
        shop.not_stocked = {"MUG"}
        front.take_all(back)
        assert back.write() is None
        assert shop.quantities == {"MUG": 0, "TEE": 3, "LAMP": 0}
        assert caplog.messages == ["MUG was not written: The specified inventory item is not "
                                   "stocked at the location."]


def test_items_that_a_shop_does_not_have_are_told_and_stop_nobody(
    front: Storefront, caplog: pytest.LogCaptureFixture
) -> None:
    with woocommerce_stand_in(MUG=0) as shop, closing(
        front.back_to(of_woocommerce(shop))
    ) as back:
        front.shop.submit([RegisterProduct(sku="A,B"), ReceiveStock(sku="A,B", quantity=1)])
        front.take_all(back)
        assert back.write() is None
        assert shop.quantities == {"MUG": 10}
        assert "TEE was not written: no product has it" in caplog.messages
        assert "A,B was not written: a SKU with a comma cannot be searched for" in caplog.messages


def test_woocommerce_takes_products_and_variations_in_batches(front: Storefront) -> None:
    with woocommerce_stand_in(MUG=0, TEE=0, LAMP=0) as shop, closing(
        front.back_to(of_woocommerce(shop))
    ) as back:
        shop.busy = [(429, {"Retry-After": "3"}, {"code": "too_many_requests"})]
        front.take_all(back)
        assert back.write() == 3
        front.clock.now += 3
        assert back.write() is None
        assert shop.quantities == {"MUG": 10, "TEE": 3, "LAMP": 0}
        assert [asked for asked, _ in shop.requests[2:]] == [
            "POST /wp-json/wc/v3/products/batch",
            "POST /wp-json/wc/v3/products/31/variations/batch",
        ]


def test_a_wrong_key_is_told_and_tried_again_later() -> None:
    with woocommerce_stand_in(MUG=0) as shop, pytest.raises(TryLater, match="who are you"):
        WooCommerceStock(shop.site, "ck_1", "wrong").write([_salable("MUG", 1)])


def test_over_http_events_reach_the_shop(sqlite_url: str, tmp_path: Path) -> None:
    with (
        served(sqlite_url) as api, shopify_stand_in(MUG=0) as shop,
        closing(WriteBack(
            str(tmp_path / "own.db"), LedgerOverHttp(str(api.client.base_url)), of_shopify(shop)
        )) as back,
        Subscription(f"{api.client.base_url}/events", wait_seconds=0.1) as events,
    ):
        api.accept("register-product", sku="MUG")
        api.accept("receive-stock", sku="MUG", quantity="7")
        api.accept("change-threshold", threshold="out_of_stock", value=1)
        for batch in events.batches():
            back.take(batch)
            if batch.is_caught_up:
                break
        assert back.write() is None
        assert (back.position, shop.quantities) == (3, {"MUG": 6})
        back.begin(3)
        shop.quantities["MUG"] = 9
        assert back.write() == 5
        ledger = LedgerOverHttp(str(api.client.base_url))
        assert ledger.salable("NONE", "default") is None
        with pytest.raises(TryLater, match="no pool nowhere"):
            ledger.salable("MUG", "nowhere")


def _salable(sku: str, quantity: int) -> Salable:
    return Salable(sku, Decimal(quantity), unlimited=False)
