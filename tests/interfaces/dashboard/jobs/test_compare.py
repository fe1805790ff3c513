"""Compare yesterday with today: nothing is typed."""

from tests.interfaces.dashboard.counted_visitor import CountedVisitor


def test_yesterday_is_compared_with_today(working_day: CountedVisitor) -> None:
    day = working_day
    day.shop.accept("receive-stock", sku="KETTLE-15", quantity=70)
    day.page.click("nav a:text-is('Log')")
    day.page.click("nav a:text-is('Compare')")
    day.page.wait_for_selector("h1:text-is('Compare')")
    assert sum(day.effort()) <= 2
    assert "KETTLE-15" in day.text
    assert day.page.locator(".chosen").inner_text() == "Since yesterday"
