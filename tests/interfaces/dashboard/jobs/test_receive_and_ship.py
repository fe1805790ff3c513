"""Goods come: they are received, their pick list is printed, and what they serve is shipped."""

from tests.interfaces.dashboard.counted_visitor import CountedVisitor


def test_a_purchase_order_is_received_in_full_and_its_pick_list_printed(
    working_day: CountedVisitor
) -> None:
    day = working_day
    day.page.add_init_script("window.print = () => sessionStorage.setItem('printed', 'yes')")
    day.page.reload()
    day.follow("main table a[href^='/view/purchase-orders/']")
    number = day.page.inner_text("main h1").removeprefix("Purchase order ")
    day.page.click("main .actions a:text-is('Receive')")
    day.page.wait_for_selector("#outcome button[value=apply]")
    day.apply()
    day.page.wait_for_selector("h2:text-is('Who got what')")
    served = day.page.locator("table[role=table] >> nth=1 >> tbody tr").count()
    day.click("Print the pick list")
    day.page.wait_for_selector(".picks .code")
    day.page.wait_for_function("sessionStorage.getItem('printed')")
    assert sum(day.effort()) <= 4
    assert served
    bought = day.shop.ask(f"/purchase-orders/{number}")
    assert bought["status"] == "received"
    printed = {row["sku"] for row in day.shop.ask("/pick-list", purchase_order=number)["rows"]}
    assert printed & {line["sku"] for line in bought["lines"]}


def test_the_orders_just_served_are_shipped(working_day: CountedVisitor) -> None:
    day = working_day
    for row in day.shop.ask("/ready-to-ship")["rows"]:
        day.shop.accept("ship-order", order=row["order"], shipment=f"before {row['order']}")
    receipt = "R-9"
    day.shop.accept("receive-goods", purchase_order="PO-008", receipt=receipt)
    served = day.shop.ask(f"/purchase-orders/PO-008/receipts/{receipt}")
    day.page.click("nav a:text-is('Shipping')")
    day.click("Ship what is ticked")
    day.page.wait_for_selector("#outcome button[value=apply]")
    day.apply()
    assert sum(day.effort()) <= 3
    after = day.shop.ask(f"/purchase-orders/PO-008/receipts/{receipt}")
    assert served["orders_ready"] == served["orders"] > 9
    assert (after["orders_ready"], day.shop.ask("/ready-to-ship")["total"]) == (0, 0)
    assert "Nothing can ship" in day.text
