"""Order everything that is uncovered from one vendor: nothing is typed."""

from tests.interfaces.dashboard.counted_visitor import CountedVisitor


def test_all_that_is_uncovered_of_a_vendor_is_ordered(working_day: CountedVisitor) -> None:
    day = working_day
    uncovered = day.shop.ask("/replenishment", facet="uncovered")
    vendor = uncovered["rows"][0]["vendor"]
    wanted = {row["sku"]: row["order_quantity"] for row in uncovered["rows"]
              if row["vendor"] == vendor}
    assert wanted
    day.page.click("main a[href*='/view/replenishment']")
    section = day.page.locator("section.purchase", has_text=vendor)
    section.locator("button").click()
    day.page.wait_for_selector("#outcome button[value=apply]")
    day.apply()
    assert sum(day.effort()) <= 4
    assert f"Order from {vendor}" not in day.text
    assert vendor in day.text
    assert day.shop.ask("/replenishment", facet="uncovered", vendor=vendor)["rows"] == []
    ordered = {row["sku"]: row["remaining"] for row in day.shop.ask("/backorders/vendor")["rows"]
               if row["purchase_order"] in day.page.url}
    assert ordered == wanted
