"""A customer calls and knows half a number: where is my order?"""

from tests.interfaces.dashboard.counted_visitor import CountedVisitor


def test_an_order_is_found_by_half_its_number(working_day: CountedVisitor) -> None:
    day = working_day
    day.page.keyboard.press("/")
    day.page.keyboard.type("1042", delay=30)
    day.page.wait_for_selector("#answers [role=option]")
    day.page.keyboard.press("Enter")
    day.page.wait_for_selector("h1:has-text('SO-1042')")
    assert sum(day.effort()) == 1


def test_what_is_found_is_chosen_by_arrows(working_day: CountedVisitor) -> None:
    page = working_day.page
    page.keyboard.press("Control+k")
    page.keyboard.type("pot", delay=30)
    page.wait_for_selector("#answers [role=option]")
    page.keyboard.press("Escape")
    assert page.locator("#answers").is_hidden()
    page.keyboard.press("ArrowDown")
    chosen = page.locator("#answers [aria-selected=true]")
    assert chosen.get_attribute("id") == page.locator("#find").get_attribute(
        "aria-activedescendant"
    )
    name = chosen.locator("b").inner_text()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_selector(f"h1:has-text('{name}')")
