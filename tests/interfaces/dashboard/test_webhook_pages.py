"""Webhooks in the browser: created, tried, every attempt listed, and sent again."""

from tests.interfaces.dashboard.visitor import Visitor


def test_a_webhook_is_created_tried_and_sent_again(visitor: Visitor, receiver: str) -> None:
    visitor.shop.accept("register-product", sku="KETTLE")
    visitor.open("/view/webhooks")
    visitor.click("Add a webhook")
    visitor.act(webhook="shop", url=receiver, after="0")
    visitor.click("Send a test message")
    visitor.page.wait_for_selector(".done:has-text('The message arrived')")
    visitor.click("Make a new secret")
    assert visitor.page.inner_text(".done code").startswith("whsec_")

    rows = "table tbody tr:has-text('delivered')"
    for _ in range(40):
        visitor.open("/view/webhooks", "shop")
        if visitor.page.locator(rows).count() >= 2:
            break
        visitor.page.wait_for_timeout(150)
    first = visitor.page.locator(rows).last
    assert "204" in first.inner_text()
    first.locator("button").click()
    visitor.page.wait_for_selector(".done:has-text('sent once more')")


def test_a_range_that_is_not_there_is_refused_in_a_sentence(
    visitor: Visitor, receiver: str
) -> None:
    visitor.shop.accept("create-webhook", webhook="shop", url=receiver)
    visitor.open("/view/webhooks", "shop")
    visitor.fill(after="99")
    visitor.page.locator("form[action$=replay] button").first.click()
    visitor.page.wait_for_selector("h1")
    assert "99" in visitor.text
