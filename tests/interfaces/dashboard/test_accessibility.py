"""Accessibility: axe finds nothing on any page, light and dark, and keys are enough."""

from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Browser, Page

from tests.interfaces.api.serving import Served
from tests.interfaces.dashboard.every_page import every_page
from tests.interfaces.dashboard.visitor import Visitor

AXE = (Path(__file__).parent / "vendored" / "axe.min.js").read_text("utf-8")
VIOLATIONS = """async () => (await axe.run(document, {resultTypes: ["violations"]})).violations
    .map(({id, nodes: [{html, failureSummary}]}) => `${id}: ${html} ${failureSummary}`)"""


LOOKS: tuple[tuple[Literal["light", "dark"], int], ...] = (("light", 360), ("dark", 1920))
"""How each page is looked at: its colours, and the width of the window."""


def looked_at(page: Page, where: str) -> list[str]:
    """Look at a page in every way; give what axe finds, and what is wider than the window."""
    found: list[str] = []
    page.goto(where)
    for scheme, width in LOOKS:
        page.emulate_media(color_scheme=scheme)
        page.set_viewport_size({"width": width, "height": 900})
        if page.locator("[data-chart]").count():
            page.wait_for_selector("[data-drawn]")
        wide = page.evaluate("document.documentElement.scrollWidth")
        if wide > width:
            found.append(f"{where} is {wide} pixels wide")
        found += [f"{where}, {scheme}: {each}" for each in page.evaluate(VIOLATIONS)]
    return found


@pytest.mark.parametrize("half", [0, 1])
def test_axe_finds_nothing_on_any_page(
    browser: Browser, busy_shop: Served, half: int
) -> None:
    with browser.new_context() as context:
        context.add_init_script(AXE)
        visitor = Visitor(context.new_page(), busy_shop)
        for where in every_page(busy_shop)[half::2]:
            assert looked_at(visitor.page, visitor.url + where) == []
        visitor.has_nothing_to_complain_of()


def test_axe_sees_what_is_wrong(browser: Browser) -> None:
    with browser.new_context() as context:
        page = context.new_page()
        page.set_content("<main><a href='/'><img src='data:,'></a></main>")
        page.evaluate(AXE)
        assert any(each.startswith("image-alt") for each in page.evaluate(VIOLATIONS))


def test_the_keyboard_is_enough(browser: Browser, busy_shop: Served) -> None:
    with browser.new_context() as context:
        visitor = Visitor(context.new_page(), busy_shop)
        visitor.open("/")
        press = visitor.page.keyboard.press
        press("Tab")
        assert visitor.page.evaluate("document.activeElement.className") == "skip"
        press("Enter")
        assert visitor.page.evaluate("document.activeElement.id") == "main"
        press("Tab")
        press("Enter")
        visitor.page.wait_for_selector("h1:not(:text-is('Today'))")
        visitor.has_nothing_to_complain_of()
