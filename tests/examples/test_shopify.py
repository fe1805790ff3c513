"""The adapter for Shopify: its webhooks become commands, in any order and however often."""

import itertools
import random
from collections.abc import Iterator

import pytest

import stocktrail
from examples.shopify.platform import shopify
from examples.storefront.forwarding import moment_of
from stocktrail.commands import (
    CountStock,
    NewLine,
    PlaceOrder,
    ReceiveStock,
    RegisterProduct,
    RegisterSource,
)
from stocktrail.questions import Stock
from tests.examples.scenes import Adapter
from tests.examples.shopify_payloads import (
    AT,
    LAMP,
    LATER,
    MUG,
    fulfillment,
    item,
    order,
    product,
    refund,
    refunded,
)


@pytest.fixture
def adapter() -> Iterator[Adapter]:
    """Return an adapter of a shop whose location 655441491 is the source Berlin."""
    with stocktrail.open_in_memory() as shop:
        yield Adapter(shopify({"655441491": "berlin"}), shop)


def test_an_order_is_placed_as_it_was_ordered_and_a_line_without_a_sku_is_told(
    adapter: Adapter,
) -> None:
    adapter.hear("orders/create", order())
    placed = adapter.order("#9999")
    assert (placed.customer, placed.currency, placed.captured_amount) == (
        "shopify-115310627314723954", "EUR", "139.30"
    )
    assert placed.placed_at.isoformat() == "2026-03-01T14:00:00+00:00"
    assert [(each.line, each.sku, each.ordered) for each in placed.lines] == [
        (1, "MUG", 2), (2, "LAMP", 5),
    ]
    assert adapter.told() == ["done: Gift wrap on #9999 has no SKU: it is not in the ledger."]


def test_a_fulfilment_ships_and_refunds_release_return_or_write_off(adapter: Adapter) -> None:
    adapter.shop.submit([RegisterSource(source="berlin")])
    adapter.hear("orders/create", order())
    adapter.hear("fulfillments/create", fulfillment())
    pending = fulfillment(2, item(LAMP, "LAMP", 3, "Lamp"), status="pending")
    adapter.hear("fulfillments/create", pending)
    assert (adapter.stock("MUG"), adapter.stock("LAMP")) == ((8, 8), (2, 0))
    adapter.hear("refunds/create", refund(
        refunded(MUG, 1, "return", "fulfilled", 655441491),
        refunded(MUG, 1, "no_restock", "fulfilled"), refunded(LAMP, 2, "cancel", "partial"),
    ))
    found = adapter.order("#9999")
    assert [(each.shipped, each.released, each.remaining) for each in found.lines] == [
        (2, 0, 0), (3, 2, 0),
    ]
    assert (found.status, found.refunded_amount) == ("complete", "79.60")
    assert (adapter.stock("MUG")[0], adapter.stock("LAMP")) == (9, (2, 2))
    assert [each for each in adapter.told() if "Gift" not in each] == []


def test_the_samples_of_the_documentation_are_understood(adapter: Adapter) -> None:
    """Its order has five lines of one unit; its fulfilment, still pending, takes them all.

    Its refund restocks none of them, and does not know of the fulfilment.
    """
    skus = ("SKU2006-001", "LENS-PROTECT-2YR", "CASE-LEATHER-PREM", "SKU2006-020", "SKU2006-035")
    ids = (487817672276298554, 789012345678901234, 890123456789012345, 976318377106520349,
           315789986012684393)
    items = [item(line, sku, 1, sku) for line, sku in zip(ids, skus, strict=True)]
    adapter.shop.submit([RegisterProduct(sku=sku) for sku in skus])
    adapter.shop.submit([ReceiveStock(sku=sku, quantity=2) for sku in skus])
    adapter.hear("orders/create", order(line_items=items, financial_status="voided"))
    adapter.hear("fulfillments/create", fulfillment(123456, *items, status="pending"))
    assert adapter.order("#9999").status == "complete"
    lines = [{**refunded(line, 1, "no_restock"), "line_item": each}
             for line, each in zip(ids, items, strict=True)]
    adapter.hear("refunds/create", refund(*lines))
    assert adapter.order("#9999").refunded_amount == "99.50"
    assert (adapter.stock("SKU2006-035"), adapter.told()) == ((1, 1), [])


def test_whatever_comes_first_and_twice_the_ledger_is_the_same(adapter: Adapter) -> None:
    """Fulfilment and refund before the order, an update before its creation, all of it twice."""
    shipped, paid_back = fulfillment(), refund(refunded(MUG, 1, "return", "fulfilled"))
    webhooks = [
        ("orders/create", order()),
        ("fulfillments/create", shipped),
        ("orders/updated", order(updated_at=LATER, fulfillments=[shipped])),
        ("refunds/create", paid_back),
        ("orders/updated", order(updated_at=LATER, fulfillments=[shipped], refunds=[paid_back])),
    ]
    chance = random.Random(17)
    for mixed in (*itertools.islice(itertools.permutations(webhooks), 0, 120, 15),
                  *(chance.sample(webhooks * 2, 10) for _ in range(4))):
        with stocktrail.open_in_memory() as shop:
            other = Adapter(shopify(), shop)
            for topic, payload in mixed:
                other.hear(topic, payload)
            found = other.order("#9999")
            assert [(each.shipped, each.remaining) for each in found.lines] == [(2, 0), (0, 5)]
            assert (found.refunded_amount, other.stock("MUG")) == ("19.90", (9, 9))
            recorded = [type(each.payload).__name__ for each in shop.events(subject="order/#9999")]
            assert sorted(recorded) == ["OrderPlaced", "OrderRefunded", "OrderShipped"]
            assert not [each for each in other.told() if not each.startswith("done: Gift wrap")]


def test_the_same_delivery_changes_nothing_and_its_body_is_not_kept(adapter: Adapter) -> None:
    assert adapter.inbox.put("orders/create one", "orders/create", b"{}")
    assert not adapter.inbox.put("orders/create one", "orders/create", b"{}")
    adapter.hear("orders/create", order())
    head = adapter.head()
    adapter.hear("orders/create", order())
    assert adapter.head() == head
    assert [each.body for each in adapter.inbox.troubled() if each.state == "done"] == [b""]


@pytest.mark.parametrize("order_first", [True, False])
def test_a_cancelled_order_is_released_once_whether_its_refund_comes_before_or_after(
    adapter: Adapter, order_first: bool
) -> None:
    cancelled = order(cancelled_at=LATER, cancel_reason="customer")
    released = refund(refunded(MUG, 2, "cancel"), refunded(LAMP, 5, "cancel"))
    webhooks = [("orders/cancelled", cancelled), ("refunds/create", released)]
    adapter.hear("orders/create", order())
    for topic, payload in webhooks if order_first else reversed(webhooks):
        adapter.hear(topic, payload)
    found = adapter.order("#9999")
    assert (found.status, found.refunded_amount) == ("cancelled", "139.30")
    assert (adapter.stock("MUG"), adapter.stock("LAMP")) == ((10, 10), (5, 5))
    assert not [each for each in adapter.told() if not each.startswith("done: Gift wrap")]


def test_what_the_ledger_refuses_waits_is_told_and_tried_again(adapter: Adapter) -> None:
    adapter.shop.submit(CountStock(sku="LAMP", counted=3))
    adapter.hear("orders/create", order())
    [told] = adapter.told()
    assert told.startswith("waiting: place-order was refused (not_enough_salable): ")
    adapter.shop.submit(CountStock(sku="LAMP", counted=5))
    adapter.pass_by(30)
    assert [each.partition(":")[0] for each in adapter.told()] == ["waiting"]
    adapter.pass_by(31)
    assert adapter.order("#9999").status == "processing"


def test_what_is_refused_for_days_is_left_to_a_person_who_can_have_it_tried_again(
    adapter: Adapter,
) -> None:
    adapter.shop.submit(CountStock(sku="LAMP", counted=3))
    adapter.hear("orders/create", order())
    for _ in range(8):
        adapter.pass_by(86_400)
    [delivery] = adapter.inbox.troubled()
    assert (delivery.state, delivery.attempt) == ("refused", 9)
    adapter.shop.submit(CountStock(sku="LAMP", counted=5))
    assert adapter.inbox.again(delivery.number)
    adapter.pass_by(0)
    assert adapter.order("#9999").status == "processing"


def test_an_order_waits_for_a_product_that_is_told_later(adapter: Adapter) -> None:
    lines = [item(MUG, "MUG", 2, "Mug"), item(LAMP, "TEE-S", 1, "T-Shirt")]
    adapter.hear("orders/create", order(line_items=lines))
    assert "TEE-S" in adapter.told()[0]
    adapter.shop.submit([RegisterProduct(sku="TEE-S"), CountStock(sku="TEE-S", counted=4)])
    adapter.hear("products/create", product("TEE-S", None))
    assert adapter.order("#9999").lines[1].sku == "TEE-S"
    assert "done: Example T-Shirt - Medium has no SKU: it is not in the ledger." in adapter.told()


def test_an_older_product_does_not_take_a_newer_name_away(adapter: Adapter) -> None:
    adapter.hear("products/update", product("MUG", at="2026-03-02T01:00:00+02:00", title="New"))
    adapter.hear("products/update", product("MUG", at="2026-03-01T23:30:00+01:00", title="Old"))
    adapter.hear("products/update", product("MUG", at="2026-03-01T20:00:00-05:00", title="Newest"))
    assert adapter.shop.ask(Stock(sku="MUG")).name == "Newest - Small"


def test_a_line_that_is_added_later_and_a_fulfilment_that_failed_are_told(
    adapter: Adapter,
) -> None:
    adapter.hear("orders/create", order())
    more = [*order()["line_items"], item(5, "MUG", 1, "Another mug")]
    adapter.hear("orders/updated", order(line_items=more, updated_at=LATER))
    adapter.hear("fulfillments/update", fulfillment(status="cancelled"))
    assert adapter.order("#9999").lines[0].shipped == 0
    assert [each for each in adapter.told() if "Gift" not in each] == [
        "done: Fulfilment 123456 is cancelled: if it was shipped here before, "
        "count what came back.",
    ]
    assert "Another mug was added to #9999 after it was placed" in adapter.told()[1]


def test_an_edited_order_is_told_and_refunds_are_no_edits(adapter: Adapter) -> None:
    mug, lamp, gift = order()["line_items"]
    adapter.hear("orders/create", order())
    refunded_lamp = refund(refunded(LAMP, 2, "cancel"))
    lines = [mug, {**lamp, "current_quantity": 3}, gift]
    adapter.hear("orders/updated", order(line_items=lines, refunds=[refunded_lamp]))
    assert not any("were placed" in each for each in adapter.told())
    lines = [{**mug, "quantity": 4, "current_quantity": 4}, {**lamp, "current_quantity": 2}, gift]
    adapter.hear("orders/updated", order(line_items=lines, refunds=[refunded_lamp]))
    told = adapter.told()[-1]
    assert "Mug on #9999 is 4 now, 2 were placed: order 2 more apart." in told
    assert "Mid-century lamp on #9999 is 4 now, 5 were placed: cancel 1 in the ledger." in told
    assert [each.remaining for each in adapter.order("#9999").lines] == [2, 3]


def test_what_cannot_be_decided_from_a_refund_is_told_not_guessed(adapter: Adapter) -> None:
    adapter.hear("orders/create", order())
    adapter.hear("fulfillments/create", fulfillment(2, item(LAMP, "LAMP", 3, "Lamp")))
    adapter.hear("refunds/create", refund(refunded(LAMP, 1, "no_restock", "partial")))
    adapter.hear("refunds/create", refund(refunded(MUG, 1, "no_restock"), number=2))
    found = adapter.order("#9999")
    assert [(each.released, each.remaining) for each in found.lines] == [(1, 1), (0, 2)]
    told = "\n".join(adapter.told())
    assert "does not say whether the units had been shipped: refund them by hand" in told
    assert "did not restock Mid-century lamp, which was not shipped" in told


@pytest.mark.parametrize("topic", ["orders/create", "fulfillments/create", "refunds/create",
                                   "products/update"])
@pytest.mark.parametrize("body", [b"", b"[]", b"nonsense", b"[" * 100_000, b'{"id": null}',
                                  b'{"id": 1, "order_id": 2, "line_items": {"a": 1}}',
                                  b'{"id": 1, "order_id": 2, "customer": "me", "line_items": '
                                  b'[{"id": 1, "sku": "MUG", "quantity": "two"}]}'])
def test_what_cannot_be_read_is_kept_and_told(adapter: Adapter, topic: str, body: bytes) -> None:
    adapter.inbox.put("bad", topic, body)
    adapter.forwarder.forward()
    [told] = adapter.told()
    assert told.startswith(("unreadable: It ", "waiting: It waits: order 2"))


def test_what_an_import_has_brought_is_not_sent_again(adapter: Adapter) -> None:
    """Imported: a mug and all lamps are open, one mug was shipped before."""
    adapter.shop.submit(PlaceOrder(order="#9999", customer="jon", lines=[
        NewLine(line=1, sku="MUG", quantity=1), NewLine(line=2, sku="LAMP", quantity=5),
    ]))
    shipped = fulfillment(1, item(MUG, "MUG", 1, "Mug"), created_at=AT)
    later = fulfillment(2, item(LAMP, "LAMP", 5, "Lamp"))
    since = Adapter(shopify(), adapter.shop, moment_of("2026-03-01T16:00:00Z"))
    since.hear("orders/updated", order(fulfillments=[shipped, later]))
    found = adapter.order("#9999")
    assert [(each.shipped, each.remaining) for each in found.lines] == [(0, 1), (5, 0)]
    assert [each for each in since.told() if "Gift" not in each] == []


def test_an_imported_order_with_other_lines_is_told_and_nothing_is_shipped(
    adapter: Adapter,
) -> None:
    adapter.shop.submit(PlaceOrder(order="#9999", customer="jon", lines=[
        NewLine(line=1, sku="LAMP", quantity=2), NewLine(line=2, sku="MUG", quantity=2),
    ]))
    since = Adapter(shopify(), adapter.shop, moment_of("2026-03-01T16:00:00Z"))
    for each in (adapter, since):
        each.hear("orders/updated", order(fulfillments=[fulfillment()]))
    assert adapter.order("#9999").lines[0].shipped == 0
    [told] = adapter.told()
    assert told.startswith("waiting: Order #9999 came to the ledger another way: say by --since")
    assert since.told() == ["waiting: Order #9999 has LAMP on line 1, MUG on line 2 in the "
                            "ledger, not here."]


def test_topics_that_move_no_stock_are_passed_over(adapter: Adapter) -> None:
    head = adapter.head()
    adapter.hear("inventory_levels/update", {
        "inventory_item_id": 271878346596884015, "location_id": 24826418, "available": 10,
        "updated_at": LATER,
    })
    adapter.hear("orders/delete", {"id": 820982911946154508})
    adapter.hear("orders/edited", {"order_edit": {
        "id": 78912328793, "order_id": 820982911946154508, "app_id": None, "notify_customer": False,
        "line_items": {"additions": [{"id": 78912328795, "delta": 1}], "removals": []},
    }})
    assert (adapter.head(), adapter.told()) == (head, [])
