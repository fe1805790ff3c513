"""Which button was pressed is what is done: with scripts and without, and by the Enter key."""

import re
from pathlib import Path

import pytest

from stocktrail.interfaces import dashboard
from tests.interfaces.dashboard.visitor import Visitor

TEMPLATES = Path(dashboard.__file__).with_name("templates")


def test_one_order_of_several_is_shipped_alone(visitor: Visitor) -> None:
    shop = visitor.shop
    shop.accept("register-product", sku="KETTLE")
    shop.accept("receive-stock", sku="KETTLE", quantity=9)
    for order in ("SO-1", "SO-2", "SO-3"):
        shop.accept("place-order", order=order, customer="Anna",
                    lines=[{"sku": "KETTLE", "quantity": 2}])
    shop.ask("/ready-to-ship")
    visitor.open("/view/ready-to-ship")
    visitor.page.click("[aria-label='Ship only this: SO-2']")
    visitor.page.wait_for_selector("h1:text-is('Ship 1 order')")
    visitor.apply()
    assert [row["order"] for row in shop.ask("/ready-to-ship")["rows"]] == ["SO-1", "SO-3"]


def test_no_button_stands_outside_its_form() -> None:
    """Of a button outside the form, htmx does not know that it was pressed."""
    outside = {
        template.name: found for template in TEMPLATES.glob("*.html")
        if (found := re.findall(r'<(?:button|input)[^>]* form="[^"]*"', template.read_text()))
    }
    assert outside == {}


@pytest.mark.parametrize("page", ["to_tell", "replenishment"])
def test_enter_in_a_field_is_about_all_that_is_ticked(page: str) -> None:
    """Enter presses the first button of a form, which may not be one for a single row."""
    template = (TEMPLATES / f"{page}.html").read_text()
    _, _, form = template.partition('<form method="post"' if page == "to_tell" else 'class="replen')
    first = re.search(r"<button[^>]*>", form)
    assert first is not None
    assert "name=" not in first[0]
