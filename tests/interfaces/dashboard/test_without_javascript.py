"""Without JavaScript: everything works by links and forms, but charts and live updates."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.interfaces.api.serving import Served
from tests.interfaces.dashboard.visitor import Visitor


@pytest.fixture
def plain(browser: Browser, empty_shop: Served) -> Iterator[Visitor]:
    """Return a visitor whose browser runs no scripts."""
    with browser.new_context(java_script_enabled=False) as context:
        found = Visitor(context.new_page(), empty_shop)
        yield found
        found.has_nothing_to_complain_of()


def test_an_item_is_registered_sold_and_explained(plain: Visitor) -> None:
    plain.open("/view/items")
    plain.click("Register a product")
    plain.act(sku="KETTLE", name="Kettle, 1.5 l")
    plain.click("Receive")
    plain.act(quantity="4")
    plain.click("Sell")
    plain.fill(order="SO-1", customer="Anna", lines_0_quantity="9")
    plain.page.click("button[value=try]")
    error = plain.page.locator(".field:has([name='lines-0-quantity']) .error")
    assert "KETTLE" in error.inner_text()
    plain.fill(lines_0_quantity="3")
    plain.try_it()
    plain.apply()

    plain.open("/view/items")
    plain.fill(q="kett")
    plain.click("Search")
    assert "Kettle, 1.5 l" in plain.page.inner_text("tbody")
    plain.follow("tbody a")
    assert plain.figure("Salable") == "1"
    plain.page.click("summary")
    plain.follow("a:text('the arithmetic behind them')")
    assert "Supply is 4" in plain.text
