"""The worked example, rule 2.3, by clicking alone."""

import pytest

from stocktrail.interfaces.dashboard.rendering import number
from tests.interfaces.dashboard.visitor import Visitor


@pytest.fixture
def widgets(visitor: Visitor) -> Visitor:
    """Let the shop have what the example begins with."""
    shop = visitor.shop
    shop.accept("register-product", sku="WIDGET", name="Widget")
    shop.accept("receive-stock", sku="WIDGET", quantity=25)
    shop.accept("set-backorder-policy", sku="WIDGET", backorders="allow")
    shop.accept("change-threshold", sku="WIDGET", threshold="out_of_stock", value=-50)
    shop.ask("/stock/WIDGET")
    return visitor


def set_up(visitor: Visitor) -> None:
    """Register a product, receive 25, and set its levels, all by clicking."""
    visitor.open("/view/items")
    visitor.click("Register a product")
    visitor.act(sku="WIDGET", name="Widget")
    visitor.click("Receive")
    assert "25 were received" in visitor.act(quantity="25")
    for level, field, value in (
        ("Backorders", "backorders", "allow"), ("Out of stock threshold", "value", "-50"),
        ("Notify below", "value", "10"), ("Only x left threshold", "value", "5"),
    ):
        visitor.page.click("#settings a")
        visitor.page.click(f"[aria-label='Change {level}, Product']")
        visitor.act(**{field: value})


def sell(visitor: Visitor, order: str, quantity: int) -> None:
    """Sell units from the page of the item, and go back to it."""
    visitor.click("Sell")
    visitor.act(order=order, customer="Anna", lines_0_quantity=str(quantity))
    visitor.page.click("table a.key")
    visitor.page.wait_for_selector(".figures")


def test_the_worked_example_by_clicking(visitor: Visitor) -> None:
    shop = visitor
    set_up(shop)
    shop.open("/view/items", "WIDGET")
    assert shop.figure("Salable") == "75"

    sell(shop, "SO-1", 25)
    assert (shop.figure("Salable"), shop.figure("Backordered")) == ("50", "0")
    sell(shop, "SO-2", 1)
    assert (shop.figure("Salable"), shop.figure("Backordered")) == ("49", "1")
    sell(shop, "SO-3", 34)
    sell(shop, "SO-4", 10)
    assert shop.figure("Salable") == "5"
    assert "Only 5 left" in shop.text
    sell(shop, "SO-5", 5)
    assert shop.figure("Salable") == "0"
    assert "Out of Stock" in shop.text

    shop.click("Sell")
    shop.fill(order="SO-6", customer="Anna", lines_0_quantity="1")
    shop.page.click("button[value=try]")
    refused = shop.page.locator(".field:has([name='lines-0-quantity']) .error")
    refused.wait_for()
    assert "WIDGET" in refused.inner_text()
    assert shop.page.locator("#outcome").count() == 0

    shop.open("/view/orders", "SO-4")
    shop.click("Cancel")
    shop.act(reason="changed their mind")
    shop.open("/view/items", "WIDGET")
    assert shop.figure("Salable") == "10"
    assert shop.figure("On hand, default") == "25"

    shop.open("/view/notices")
    notices = shop.page.locator("section:has-text('Every notice') tbody tr")
    assert notices.count() == 1
    assert "WIDGET" in notices.first.inner_text()


def test_why_is_told_where_the_number_stands(widgets: Visitor) -> None:
    widgets.open("/view/items", "WIDGET")
    widgets.page.click("summary:text('Why these numbers?')")
    widgets.page.wait_for_selector("#why")
    assert "Supply is 25" in widgets.text


def test_the_item_has_a_chart_that_tells_and_zooms(widgets: Visitor) -> None:
    widgets.shop.accept("place-order", order="SO-1", customer="Anna", lines=[
        {"sku": "WIDGET", "quantity": 30}])
    widgets.shop.ask("/stock/WIDGET")
    widgets.open("/view/items", "WIDGET")
    over = widgets.page.locator(".chart .u-over")
    over.wait_for()
    box = over.bounding_box()
    assert box is not None
    mouse = widgets.page.mouse
    mouse.move(box["x"] + box["width"] * .5, box["y"] + 60)
    assert f"Out of stock at: {number(-50)}" in widgets.page.locator(".tip").inner_text()
    assert widgets.page.locator("button.reset").is_hidden()
    mouse.down()
    mouse.move(box["x"] + box["width"] * .9, box["y"] + 60, steps=4)
    mouse.up()
    widgets.page.click("button.reset")
    assert widgets.page.locator("button.reset").is_hidden()
