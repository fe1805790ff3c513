"""Effort is what the browser saw: clicks and ticks, fields once left, and nothing made up."""

from tests.interfaces.dashboard.counted_visitor import CountedVisitor


def test_clicks_ticks_and_fields_are_counted_across_pages(working_day: CountedVisitor) -> None:
    day = working_day
    assert day.effort() == (0, 0)
    day.page.click("nav a:text-is('Orders')")
    day.page.click("nav a:text-is('Backorders')")
    day.page.wait_for_selector("h1:text-is('Backorders')")
    assert day.effort() == (2, 0)
    day.page.locator("input[type=checkbox]").first.check()
    assert day.effort() == (3, 0)
    day.page.fill(".find input", "KETTLE-15")
    day.page.press(".find input", "Enter")
    day.page.wait_for_selector("h1:has-text('KETTLE-15')")
    assert day.effort() == (3, 1)
