"""A customer calls: all of their orders, in two clicks, or in one where they are named."""

from tests.interfaces.dashboard.counted_visitor import CountedVisitor


def test_all_orders_of_a_customer_take_two_clicks(working_day: CountedVisitor) -> None:
    day, page = working_day, working_day.page
    page.click("nav a.group:text-is('Customers')")
    page.wait_for_selector("h1:text-is('Customers')")
    row = page.locator("tbody tr", has_text="Frankenversand")
    placed = row.locator("a[href^='/view/orders?']")
    count = placed.get_attribute("data-figure")
    placed.click()
    page.wait_for_selector("h1:text-is('Orders')")
    assert day.effort() == (2, 0)
    assert page.get_attribute("[data-total]", "data-total") == count
    customers = page.locator("tbody td[data-heading=Customer]").all_inner_texts()
    assert set(customers) == {"Frankenversand"}
    assert len(customers) == int(count or 0)
    day.open("/")
    page.locator("main a[href^='/view/customers/']").first.click()
    page.wait_for_selector("h1:has-text('Customer')")
    assert day.effort() == (3, 0)
    listed = page.locator("section:has(h2:has-text('Orders')) tbody tr").count()
    everything = page.locator("dt:text-is('Orders') + dd a").get_attribute("data-figure")
    assert listed == min(int(everything or 0), 20)
