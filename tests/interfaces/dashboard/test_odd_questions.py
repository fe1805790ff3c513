"""Odd questions: whatever stands in an address, the answer is a page with a sentence."""

from tests.interfaces.api.serving import served

ADDRESSES = (
    "/view/items?q={}", "/view/find?q={}", "/view/items?pool={}", "/view/items?facet={}",
    "/view/items?sort={}", "/view/items?after={}", "/view/backorders/item?item={}",
    "/view/backorders/customer?customer={}&cutoff={}", "/view/backorders/vendor?vendor={}",
    "/view/backorders/{}", "/view/backlog?item={}&pool={}", "/view/settings?sku={}",
    "/view/settings?source={}", "/view/events?stream={}", "/view/events?before={}",
    "/view/events/{}", "/?as_of={}", "/?today={}", "/?recorded={}", "/?format={}",
    "/view/items/{}", "/view/items/{}/chart", "/view/orders/{}", "/view/purchase-orders/{}",
    "/view/webhooks/{}", "/view/actions/{}", "/view/actions/receive-stock?sku={}",
    "/view/notices?after={}", "/view/login?next={}", "/view/assets/{}",
)
ODD = ("%00", "%ED%A0%80", "%F0%9F%8D%B5", "%27%22%3C%26", "9" * 400, "%2e%2e%2f", "-1", "%")


def test_whatever_is_asked_is_answered_with_a_page(database_url: str) -> None:
    with served(database_url) as shop:
        shop.accept("register-product", sku="KETTLE")
        for address in ADDRESSES:
            for odd in ODD:
                asked = address.replace("{}", odd)
                answer = shop.client.get(asked, headers={"Accept": "text/html"})
                assert answer.status_code in (200, 303, 400, 404, 409, 422), asked
                assert "Traceback" not in answer.text, asked
