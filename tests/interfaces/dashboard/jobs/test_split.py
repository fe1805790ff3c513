"""Split an item between two orders: one number is changed, and no id is typed."""

from tests.interfaces.dashboard.counted_visitor import CountedVisitor
from tests.interfaces.dashboard.test_accessibility import AXE, VIOLATIONS


def test_units_of_an_item_go_to_another_order(working_day: CountedVisitor) -> None:
    day = working_day
    links = day.page.locator("main table a[href^='/view/items/']")
    for sku in dict.fromkeys(links.all_inner_texts()):
        lines = day.shop.ask("/backorders/customer", item=sku, pool="default")["rows"]
        giving = [line for line in lines if line["allocated"] >= 1]
        taking = [line for line in lines if line["backordered"] >= 1]
        if giving and taking and taking[0]["order"] != giving[0]["order"]:
            break
    taker = taking[0]
    day.follow(f"main table a[href^='/view/items/{sku}']")
    day.follow("main a.button:text-is('Split')")
    day.page.fill(f"[name='gets-{taker['order']}']", str(taker["allocated"] + 1))
    day.page.wait_for_selector("#outcome button[value=apply]")
    assert taker["order"] in day.page.inner_text("#outcome")
    day.apply()
    assert sum(day.effort()) <= 4
    after = day.shop.ask("/backorders/customer", item=sku, pool="default")["rows"]
    allocated = {(line["order"], line["line"]): line["allocated"] for line in after}
    assert allocated[taker["order"], taker["line"]] == taker["allocated"] + 1
    assert sum(allocated.values()) == sum(line["allocated"] for line in lines)


def test_what_would_be_refused_meanwhile_is_told_to_everybody(working_day: CountedVisitor) -> None:
    day = working_day
    day.open("/view/items/CUP-BLUE/split")
    last = day.page.locator("[name^='gets-']").last
    order = str(last.get_attribute("name")).removeprefix("gets-")
    last.fill("1")
    day.page.wait_for_selector("#outcome button[value=apply]")
    day.shop.accept("cancel-order", order=order)
    day.page.click("button[value=apply]")
    day.page.wait_for_selector(".moved")
    assert "1 of 1 command would be refused" in day.text
    day.page.evaluate(AXE)
    assert day.page.evaluate(VIOLATIONS) == []
