"""Settings: level by level, side by side, changed where they stand and taken back."""

import pytest

from tests.interfaces.dashboard.visitor import Visitor


@pytest.fixture
def kettle(visitor: Visitor) -> Visitor:
    """Let there be an item whose notice is set for everybody."""
    visitor.shop.accept("register-product", sku="KETTLE")
    visitor.shop.accept("receive-stock", sku="KETTLE", quantity=4)
    visitor.shop.accept("change-threshold", threshold="notify_below", value=10)
    visitor.shop.ask("/stock/KETTLE")
    return visitor


def row(visitor: Visitor, setting: str) -> list[str]:
    """Read the cells of a setting."""
    found = visitor.page.locator(f"table.settings tr:has(th:text-is('{setting}')) td")
    return [text.partition("\n")[0] for text in found.all_inner_texts()]


def test_the_level_that_wins_is_marked_and_can_give_way_again(kettle: Visitor) -> None:
    kettle.open("/view/settings", query="?sku=KETTLE")
    assert row(kettle, "Notify below") == ["10", "level above", "level above", "level above", "10",
                                           "global"]
    kettle.page.click("[aria-label='Change Notify below, Product']")
    kettle.act(value="2")
    kettle.open("/view/settings", query="?sku=KETTLE")
    assert row(kettle, "Notify below") == ["10", "level above", "2", "level above", "2", "product"]
    assert kettle.page.locator("td.holds:has-text('2')").count() == 1

    kettle.page.click("[aria-label='Notify below, Product: use the level above']")
    said = kettle.act()
    assert "KETTLE" in said
    kettle.open("/view/settings", query="?sku=KETTLE")
    assert row(kettle, "Notify below")[-2:] == ["10", "global"]


def test_a_value_that_cannot_be_is_refused_at_its_field(kettle: Visitor) -> None:
    kettle.open("/view/actions/change-threshold", query="?threshold=notify_below&sku=KETTLE")
    kettle.fill(value="a lot")
    kettle.page.click("button[value=try]")
    assert kettle.page.locator(".field:has([name=value]) .error").inner_text() != ""
    assert kettle.page.get_attribute("[name=value]", "aria-invalid") == "true"
