"""Odd questions: whatever stands in an address, the answer is a page with a sentence."""

import re
from html import unescape
from urllib.parse import parse_qsl, urlsplit

from tests.interfaces.api.serving import Served, served
from tests.interfaces.dashboard.every_page import every_page
from tests.interfaces.dashboard.test_csv import typing_about

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


def test_a_parameter_that_a_page_does_not_know_is_refused_as_by_the_api(
    busy_shop: Served
) -> None:
    for address in every_page(busy_shop):
        if "/login" in address or "/about" in address or "/actions" in address:
            continue
        odd = f"{address}{'&' if '?' in address else '?'}colour=red"
        page = busy_shop.client.get(odd, headers={"Accept": "text/html"})
        assert page.status_code in (404, 409, 422), odd
        if page.status_code == 422:
            assert "colour is not a parameter of this question" in page.text
    problem = busy_shop.client.get("/view/items?colour=red&format=json")
    assert (problem.status_code, problem.json()["code"]) == (422, "bad_parameter")
    assert problem.json()["errors"][0]["code"] == "unknown_parameter"


def test_no_link_of_a_page_asks_for_what_the_next_does_not_know(busy_shop: Served) -> None:
    followed = set()
    for address in every_page(busy_shop):
        page = busy_shop.client.get(address, headers={"Accept": "text/html"}).text
        for link in map(unescape, re.findall(r'(?:href|hx-get|data-url)="(/[^"]*)"', page)):
            parts = urlsplit(link)
            names = frozenset(name for name, _ in parse_qsl(parts.query))
            if (kind := (re.sub("[A-Z0-9-]{3,}", "X", parts.path), names)) not in followed:
                followed.add(kind)
                asked = busy_shop.client.get(link, headers={"Accept": "application/json"})
                assert asked.status_code != 422, (address, link, asked.text)
    assert len(followed) > 30


def test_a_limit_and_a_field_that_no_page_takes_are_refused(busy_shop: Served) -> None:
    for asked, code in (
        ("limit=1001", "less_than_equal"), (f"limit={'9' * 5000}", "less_than_equal"),
        ("limit=0", "greater_than_equal"), ("limit=x", "int_parsing"),
        ("search=tea", "unknown_parameter"), ("facets=backordered", "unknown_parameter"),
    ):
        answer = busy_shop.client.get(f"/view/items?{asked}&format=json")
        assert answer.status_code == 422, asked
        assert [each["code"] for each in answer.json()["errors"]] == [code], asked


def test_an_empty_field_of_a_form_asks_for_nothing(busy_shop: Served) -> None:
    plain = busy_shop.client.get("/view/backorders/item?format=json").json()
    empty = busy_shop.client.get(
        "/view/backorders/item?format=json&item=&vendor=&cutoff=&late=&sort=&after="
    ).json()
    assert plain == empty


def test_a_period_that_ends_before_it_begins_is_refused_at_every_door(busy_shop: Served) -> None:
    said = "nothing lies between them."
    for path, begins, ends in (
        ("/orders", "placed_from", "placed_until"), ("/events", "since", "until")
    ):
        period = f"{begins}=2026-12-01&{ends}=2026-11-01"
        page = busy_shop.client.get(f"/view{path}?{period}", headers={"Accept": "text/html"})
        assert (page.status_code, said in page.text) == (422, True), path
        answer = busy_shop.client.get(f"/view{path}?{period}&format=json")
        assert (answer.status_code, answer.json()["code"]) == (422, "bad_period")
        flags = (f"--{each.replace('_', '-')}" for each in period.split("&"))
        refused = typing_about(busy_shop).type(path[1:], *flags)
        assert (refused.status, said in refused.err) == (4, True)
    assert busy_shop.client.get("/orders?placed_from=2026-12-01&placed_until=2026-11-01").json()[
        "code"] == "bad_period"


def test_a_column_that_a_list_does_not_have_is_refused_by_its_page_too(busy_shop: Served) -> None:
    for asked in ("/view/orders?columns=bogus",
                  "/view/orders?sort=nonsense"):
        page = busy_shop.client.get(asked, headers={"Accept": "text/html"})
        assert (page.status_code, "bogus" in page.text or "nonsense" in page.text) == (422, True)
