"""Who waits, in a browser: a vendor's delay with its slips, a reallocation, and the past."""

import pytest
from playwright.sync_api import Route

from tests.interfaces.dashboard.visitor import Visitor


@pytest.fixture
def waiting(visitor: Visitor) -> Visitor:
    """Let two customers wait for a purchase order: 4 kettles are there, 10 are wanted."""
    shop = visitor.shop
    shop.accept("register-product", sku="KETTLE")
    shop.accept("receive-stock", sku="KETTLE", quantity=4)
    shop.accept("set-backorder-policy", sku="KETTLE", backorders="allow")
    for order, customer, quantity in (("SO-1", "Anna", 4), ("SO-2", "Bert", 6)):
        shop.accept("place-order", order=order, customer=customer, lines=[
            {"sku": "KETTLE", "quantity": quantity, "requested_date": "2030-01-05"}])
    shop.accept("place-purchase-order", purchase_order="PO-1", vendor="Kyoto Kogei", lines=[
        {"sku": "KETTLE", "quantity": 6, "expected_date": "2030-01-10"}])
    shop.ask("/stock/KETTLE")
    return visitor


def test_a_vendors_delay_is_tried_and_its_slips_stand_in_all_views(waiting: Visitor) -> None:
    waiting.open("/view/purchase-orders", "PO-1")
    assert "6 for SO-2" in waiting.text
    waiting.click("Delay")
    waiting.fill(expected_date="2030-01-24", reason="the ship waits")
    said = waiting.try_it()
    assert "Bert" in said
    assert "+14" in said
    assert waiting.shop.ask("/purchase-orders/PO-1")["lines"][0]["expected_date"] == "2030-01-10"

    waiting.apply()
    assert "2030-01-24" in waiting.text
    waiting.open("/view/backorders/customer")
    row = waiting.page.locator("tbody tr:has-text('Bert')")
    assert "2030-01-24" in row.inner_text()
    waiting.follow("nav.tabs a:text('By vendor')")
    assert "14" in waiting.page.locator("tbody tr:has-text('Kyoto Kogei')").inner_text()
    waiting.follow("nav.tabs a:text('By item')")
    assert "2030-01-24" in waiting.page.locator("tbody tr:has-text('KETTLE')").inner_text()
    waiting.open("/view/orders", "SO-2")
    assert "the ship waits" in waiting.text
    assert waiting.page.locator(".mark:text-is('slip')").count() == 1
    waiting.open("/view/notices")
    assert "Bert" in waiting.text


def test_the_selection_goes_along_from_view_to_view(waiting: Visitor) -> None:
    waiting.open("/view/backorders/customer")
    waiting.fill(customer="Bert")
    waiting.click("Show")
    waiting.page.wait_for_url("**customer=Bert**")
    assert "Anna" not in waiting.page.inner_text("tbody")
    waiting.page.click("tbody a[aria-label='Vendors of KETTLE']")
    waiting.page.wait_for_url("**/vendor?**")
    assert waiting.page.input_value("#f-customer") == "Bert"
    assert "PO-1" in waiting.page.inner_text("tbody")


def test_allocated_units_move_to_another_order(waiting: Visitor) -> None:
    waiting.open("/view/items", "KETTLE")
    waiting.click("Split")
    waiting.page.fill("[name='gets-SO-2']", "3")
    waiting.page.wait_for_selector("#outcome :text('Who gains and who loses')")
    assert waiting.page.evaluate("document.activeElement.name") == "gets-SO-2"
    waiting.apply()
    lines = {
        row["order"]: row["allocated"]
        for row in waiting.shop.ask("/backorders/customer")["rows"]
    }
    assert lines == {"SO-1": 1, "SO-2": 3}


def test_what_was_written_before_the_scripts_came_is_tried_too(waiting: Visitor) -> None:
    held: list[Route] = []
    waiting.page.route("**/htmx.min.js*", lambda route: held.append(route))
    waiting.page.goto(f"{waiting.url}/view/items/KETTLE/split", wait_until="commit")
    waiting.page.fill("[name='gets-SO-2']", "3")
    [script] = held
    script.continue_()
    waiting.page.wait_for_selector("#outcome :text('Who gains and who loses')")
    assert waiting.page.input_value("[name='gets-SO-2']") == "3"


def test_what_moved_meanwhile_is_said_and_tried_again(waiting: Visitor) -> None:
    waiting.open("/view/actions/delay-purchase-order", query="?purchase_order=PO-1")
    waiting.fill(expected_date="2030-01-24")
    waiting.try_it()
    waiting.shop.accept("cancel-order", order="SO-2")
    waiting.page.click("button[value=apply]")
    waiting.page.wait_for_selector(".moved")
    assert "The world has moved" in waiting.text
    assert "No promise moves" in waiting.page.inner_text("#outcome")
    assert waiting.shop.ask("/purchase-orders/PO-1")["lines"][0]["slips"] == 0
    waiting.apply()
    assert waiting.shop.ask("/purchase-orders/PO-1")["lines"][0]["slips"] == 1


def test_every_page_can_be_looked_at_as_of_an_earlier_position(waiting: Visitor) -> None:
    waiting.open("/view/items", "KETTLE")
    assert waiting.figure("Demand") == "10"
    waiting.fill(as_of="3")
    waiting.page.click("text=Look")
    waiting.page.wait_for_selector(".is-past")
    assert "As of position 3" in waiting.page.inner_text(".moment")
    assert waiting.figure("Demand") == "0"
    assert waiting.page.locator("main .button").count() == 0
    waiting.page.click("nav a:text-is('Orders')")
    waiting.page.click("nav a:text-is('Backorders')")
    waiting.page.wait_for_selector("h1:text-is('Backorders')")
    assert "Nothing is open" in waiting.text
    assert "as_of=3" in waiting.page.url
    waiting.follow("text=Back to now")
    assert "KETTLE" in waiting.page.inner_text("tbody")


def test_new_events_appear_by_themselves(waiting: Visitor) -> None:
    waiting.open("/view/events")
    waiting.page.wait_for_selector("#live:has-text('Live')")
    before = waiting.page.locator("#events tr").count()
    waiting.shop.accept("receive-stock", sku="KETTLE", quantity=1, reason="found one")
    waiting.page.wait_for_selector("#events tr:has-text('found one')")
    assert waiting.page.locator("#events tr").count() > before


def test_goods_that_nobody_knows_the_date_of_are_marked_as_undated(waiting: Visitor) -> None:
    waiting.shop.accept(
        "place-purchase-order", purchase_order="PO-2", vendor="Kyoto Kogei",
        lines=[{"sku": "KETTLE", "quantity": 50}],
    )
    waiting.shop.ask("/stock/KETTLE")
    waiting.open("/view/purchase-orders", "PO-2")
    assert "undated" in waiting.text
    waiting.open("/view/items", "KETTLE")
    assert "undated" in waiting.text
    waiting.open("/view/backorders/vendor")
    assert waiting.page.locator("tbody tr:has-text('PO-2')").count() == 1
    for address in ("/backorders/vendor", "/stock/KETTLE/flow", "/purchase-orders/PO-2"):
        waiting.shop.ask(address)


def test_a_date_that_was_lost_and_is_found_again_is_told_from_the_date_last_told(
    waiting: Visitor,
) -> None:
    waiting.shop.accept("cancel-purchase-order", purchase_order="PO-1")
    waiting.shop.ask("/stock/KETTLE")
    waiting.open("/")
    assert "lost" in waiting.page.inner_text("section:has(h2:has-text('Slipped promises'))")
    waiting.open("/view/actions/place-purchase-order")
    waiting.fill(purchase_order="PO-2", vendor="Lumen", lines_0_sku="KETTLE",
                 lines_0_quantity="6", lines_0_expected_date="2030-02-01")
    assert "of the date found" in waiting.try_it()
    waiting.apply()
    waiting.open("/view/orders", "SO-2")
    found = waiting.page.locator("tr:has(.mark:text-is('promise found'))").inner_text()
    assert "counted from 2030-01-10" in found
    assert "+22" in found
