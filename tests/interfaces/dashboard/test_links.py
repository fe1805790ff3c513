"""Links: whatever an id consists of they lead to it, at the same moment, in the same pool."""

import re
from collections.abc import Iterator
from html import unescape
from html.parser import HTMLParser
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Browser

from stocktrail.ledger.store import open_ledger
from tests.interfaces.api.serving import Served, served
from tests.interfaces.dashboard.every_page import every_page
from tests.interfaces.dashboard.visitor import Visitor

IDS = ("a/b", "a?b", "a#b", "a%b", "a%2Fb", "a b&c=d+e", "Größe 日本", "//evil.example",
       '<"\'>', "a;b\\c", ".", "..")
POOL = "p/1 ?#%&é"
LINK = re.compile(r'(?:href|hx-get|data-url)="(/[^"]*)"')


@pytest.fixture(scope="module")
def odd_shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Serve a shop in which everything has a name that an address would take for something else."""
    url = f"sqlite:///{tmp_path_factory.mktemp('odd')}/shop.db"
    open_ledger(url).close()
    with served(url) as shop:
        shop.accept("register-source", source="s/1 ?#%")
        shop.accept("define-pool", pool=POOL, sources=["s/1 ?#%"])
        shop.accept("set-backorder-policy", backorders="allow")
        for name in IDS:
            shop.accept("register-product", sku=name, name=name)
            shop.accept("receive-stock", sku=name, quantity=1, source="s/1 ?#%")
            shop.accept("place-order", order=name, customer=name, pool=POOL, lines=[
                {"sku": name, "quantity": 5, "requested_date": "2020-01-01"}])
            shop.accept("place-purchase-order", purchase_order=name, vendor=name,
                        source="s/1 ?#%", lines=[
                            {"sku": name, "quantity": 2, "expected_date": "2026-01-20"}])
            shop.accept("delay-purchase-order", purchase_order=name, expected_date="2026-01-25",
                        reason=name)
        shop.ask("/stock", limit=1)
        yield shop


def pages_of(shop: Served, begin: str, most: int) -> Iterator[tuple[str, str]]:
    """Follow links from page to page; give each address with its text."""
    seen, to_see = {begin}, [begin]
    while to_see and most:
        address, most = to_see.pop(0), most - 1
        answer = shop.client.get(address, headers={"Accept": "text/html"})
        assert answer.status_code in (200, 303), (address, answer.text)
        yield address, answer.text
        for link in map(unescape, LINK.findall(answer.text)):
            path = urlsplit(link).path
            is_other = path.startswith(("/view/assets", "/view/actions", "/view/login"))
            is_another_order = "sort=" in link or "format=csv" in link
            if not is_other and not is_another_order and link not in seen:
                seen.add(link)
                to_see.append(link)


def test_no_link_is_broken_by_an_id(odd_shop: Served) -> None:
    for begin in ("/view/items", "/view/backorders/customer", "/view/backorders/vendor"):
        for address, _ in pages_of(odd_shop, begin, 60):
            assert urlsplit(address).netloc == ""


@pytest.mark.parametrize("name", IDS)
def test_every_kind_of_page_is_found_by_any_id(
    odd_shop: Served, browser: Browser, name: str
) -> None:
    with browser.new_context() as context:
        visitor = Visitor(context.new_page(), odd_shop)
        for path in ("/view/items", "/view/orders", "/view/purchase-orders"):
            visitor.open(path, name)
            assert name in visitor.page.inner_text("h1")
            [json] = [visitor.page.get_attribute(".formats a", "href")]
            assert odd_shop.client.get(str(json)).status_code == 200, path
        visitor.has_nothing_to_complain_of()


class Forms(HTMLParser):
    """Collects the forms of a page that ask, with the names of their inputs."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, set[str]]] = []
        self._is_asking = False
        self.feed(page)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        """Take a form or an input in."""
        given = dict(attributes)
        if tag == "form":
            self._is_asking = given.get("method", "get") == "get"
            if self._is_asking:
                self.found.append((given.get("action") or "", set()))
        elif tag in ("input", "button") and self._is_asking:
            self.found[-1][1].add(given.get("name") or "")


def test_no_link_and_no_form_leaves_the_moment_that_is_looked_at(busy_shop: Served) -> None:
    for address in every_page(busy_shop):
        if "as_of" in address or "/login" in address:
            continue
        query = "as_of=849&today=2031-01-01"
        page = busy_shop.client.get(
            f"{address}{'&' if '?' in address else '?'}{query}", headers={"Accept": "text/html"}
        ).text
        for link in map(unescape, LINK.findall(re.sub("<form[^>]*>", "", page))):
            parts = urlsplit(link)
            if parts.path.startswith("/view/assets") or parts.path == "/docs":
                continue
            asked = parse_qs(parts.query)
            is_back = link in map(unescape, re.findall(r'href="([^"]*)">(?:Back|Go back)', page))
            is_of_an_event = parts.path.startswith("/view/events/") and "as_of" in asked
            is_then = asked.get("as_of") == ["849"] or "occurred_as_of" in asked
            assert is_then or is_back or is_of_an_event, (address, link)
            assert asked.get("today") == ["2031-01-01"] or is_back, (address, link)
        for action, names in Forms(page).found:
            assert {"as_of", "today"} <= names, (address, action)


def test_an_item_is_shown_in_its_pool_and_leads_on_in_it(odd_shop: Served) -> None:
    answer = odd_shop.client.get(
        "/view/items/a%2Fb", params={"pool": POOL}, headers={"Accept": "text/html"}
    )
    assert answer.status_code == 200
    links = [unescape(link) for link in re.findall(r'href="(/[^"]*)"', answer.text)]
    for begin in ("/view/items/a%2Fb/movements", "/view/items/a%2Fb/why", "/view/settings?sku",
                  "/view/backorders/customer", "/view/backorders/vendor"):
        found = [parse_qs(urlsplit(link).query) for link in links if link.startswith(begin)]
        assert found, begin
        assert all(asked.get("pool") == [POOL] for asked in found), begin
    order = odd_shop.client.get("/view/orders/a%2Fb", headers={"Accept": "text/html"}).text
    to_item = [unescape(link) for link in LINK.findall(order) if "/view/items/" in link]
    assert all(parse_qs(urlsplit(link).query)["pool"] == [POOL] for link in to_item)


def test_an_item_page_shows_what_belongs_to_its_pool_and_says_what_does_not(
    visitor: Visitor,
) -> None:
    shop = visitor.shop
    shop.accept("register-source", source="north")
    shop.accept("define-pool", pool="wholesale", sources=["north"])
    shop.accept("register-product", sku="KETTLE")
    shop.accept("receive-stock", sku="KETTLE", quantity=4)
    shop.accept("receive-stock", sku="KETTLE", quantity=30, source="north")
    shop.accept("set-backorder-policy", backorders="allow")
    shop.accept("place-order", order="SO-1", customer="Anna", pool="wholesale",
                lines=[{"sku": "KETTLE", "quantity": 40}])
    shop.ask("/stock/KETTLE")
    visitor.open("/view/items")
    row = visitor.page.inner_text("tbody tr")
    assert row.split("\t")[2].split() == ["4", "30", "elsewhere"]
    visitor.open("/view/items", "KETTLE")
    north = visitor.page.locator(".figures div", has_text="On hand, north").inner_text()
    assert "not sold in this pool" in north
    assert "Nobody wants any in this pool" in visitor.text
    movements = visitor.page.inner_text("section:has(#movements)")
    assert "+4" in movements
    assert "+30" not in movements
    visitor.click("1 open order line in all pools")
    assert visitor.page.get_attribute("[data-total]", "data-total") == "1"
    visitor.page.click("tbody a[href^='/view/items/']")
    visitor.page.wait_for_url("**/view/items/KETTLE?pool=wholesale")
    assert visitor.figure("Backordered") == "10"
    visitor.page.click("#movements a")
    visitor.page.wait_for_url("**/movements?pool=wholesale")
    assert "available in wholesale" in visitor.text
    assert "available in default" not in visitor.text
