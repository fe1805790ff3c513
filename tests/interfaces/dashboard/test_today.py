"""Today: every number leads to the list that it counts, and what it says of the day is so."""

import re
from html import unescape
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from playwright.sync_api import Browser

from stocktrail.ledger.store import open_ledger
from stocktrail.ledger.store.side_tables.access import AccessTokens
from stocktrail.projections import ReadModels
from stocktrail.projections.questions.overview import Overview
from tests.interfaces.api.serving import Served, served
from tests.interfaces.dashboard.visitor import Visitor
from tests.waiting import wait_until

MOMENTS = ("", "?as_of=400", "?as_of=700&today=2031-01-01", "?today=2031-01-01")
FIGURE = re.compile(r'<a data-figure="(\d+)" href="([^"]+)"')


def rows_of(shop: Served, address: str) -> tuple[int, int]:
    """Go through all pages of a list; give the total that it says, and how many rows it has."""
    total, rows, after = 0, 0, None
    while True:
        asked: dict[str, Any] = {"format": "json", "limit": 40}
        if after is not None:
            asked["after"] = after
        answer = shop.client.get(address, params={**_query(address), **asked}).json()
        total, after = answer["total"], answer["next"]
        rows += len(answer["rows"])
        if after is None:
            return total, rows


def _query(address: str) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(address).query))


@pytest.mark.parametrize("moment", MOMENTS)
def test_every_number_that_is_a_link_is_the_total_of_the_list_it_leads_to(
    busy_shop: Served, moment: str
) -> None:
    page = busy_shop.client.get(f"/{moment}", headers={"Accept": "text/html"}).text
    figures = [(int(number), unescape(where)) for number, where in FIGURE.findall(page)]
    assert len(figures) > 10
    for number, where in figures:
        assert rows_of(busy_shop, where) == (number, number), where


@pytest.mark.parametrize("moment", MOMENTS[:2])
def test_following_a_number_in_the_browser_shows_as_many(
    browser: Browser, busy_shop: Served, moment: str
) -> None:
    with browser.new_context() as context:
        visitor = Visitor(context.new_page(), busy_shop)
        visitor.open("/", query=moment)
        links = visitor.page.locator(".tiles a, .to-do a[data-figure], .columns h2 a")
        for index in range(links.count()):
            text = re.sub(r"\s", "", links.nth(index).inner_text())
            shown = re.search(r"\d+", text)
            expected = links.nth(index).get_attribute("data-figure")
            assert shown is None or shown.group() == expected, text
            links.nth(index).click()
            assert visitor.page.get_attribute("[data-total]", "data-total") == expected, text
            visitor.page.go_back()
        visitor.has_nothing_to_complain_of()


def test_who_waits_longest_is_found_among_all_who_are_late(visitor: Visitor) -> None:
    shop = visitor.shop
    for sku in ("KETTLE", "CUP"):
        shop.accept("register-product", sku=sku)
    shop.accept("receive-stock", sku="CUP", quantity=20)
    shop.accept("receive-stock", sku="KETTLE", quantity=1)
    shop.accept("set-backorder-policy", backorders="allow")
    for number in range(9):
        shop.accept("place-order", order=f"OLD-{number}", customer="Anna", lines=[
            {"sku": "CUP", "quantity": 1, "requested_date": "2020-01-01"}])
    shop.accept("place-order", order="SO-1", customer="Bert", lines=[
        {"sku": "KETTLE", "quantity": 4, "requested_date": "2020-01-05"}])
    shop.ask("/stock/KETTLE")
    visitor.open("/")
    assert "Nobody waits longer than they asked for" not in visitor.text
    assert "SO-1" in visitor.page.inner_text("section:has(h2:has-text('Oldest backorders'))")


def test_late_receipts_are_those_that_somebody_waits_for_with_both_their_dates(
    visitor: Visitor,
) -> None:
    shop = visitor.shop
    for sku in ("KETTLE", "CUP"):
        shop.accept("register-product", sku=sku)
        shop.accept("receive-stock", sku=sku, quantity=1)
    shop.accept("set-backorder-policy", backorders="allow")
    shop.accept("place-purchase-order", purchase_order="PO-1", vendor="Slow", lines=[
        {"sku": "CUP", "quantity": 1, "expected_date": "2020-01-01"} for _ in range(9)])
    shop.accept("place-purchase-order", purchase_order="PO-2", vendor="Kyoto Kogei", lines=[
        {"sku": "KETTLE", "quantity": 6, "expected_date": "2030-01-10"}])
    shop.accept("place-order", order="SO-1", customer="Bert", lines=[
        {"sku": "KETTLE", "quantity": 4}])
    shop.accept("delay-purchase-order", purchase_order="PO-2", expected_date="2030-01-24",
                reason="the ship waits")
    shop.ask("/stock/KETTLE")
    visitor.open("/")
    late = visitor.page.inner_text("section:has(h2:has-text('Late receipts'))")
    assert "PO-2" in late
    assert "2030-01-10" in late
    assert "2030-01-24" in late
    assert "PO-1" not in late


def test_a_webhook_that_refuses_every_connection_does_not_keep_up(visitor: Visitor) -> None:
    shop = visitor.shop
    shop.accept("register-product", sku="KETTLE")
    shop.accept("create-webhook", webhook="deaf", url="http://127.0.0.1:9/", after=0)
    wait_until(lambda: shop.ask("/webhooks")["rows"][0]["failing"], "an attempt has failed")
    visitor.open("/")
    said = visitor.page.inner_text("#health")
    assert "Webhook deaf is not taken by its receiver" in said
    assert "every event" not in said
    visitor.page.click("#health a")
    visitor.page.wait_for_selector("h1:has-text('Webhook deaf')")


def test_who_may_only_read_is_told_that_a_webhook_fails_but_not_where_it_sends_to(
    sqlite_url: str,
) -> None:
    with open_ledger(sqlite_url) as ledger:
        tokens = AccessTokens(ledger)
        secrets = {scope: tokens.create(scope, scope)[0] for scope in ("read", "admin")}
    with served(sqlite_url, require_token=True) as shop:
        shop.client.headers["Authorization"] = f"Bearer {secrets['admin']}"
        shop.accept("create-webhook", webhook="deaf", url="http://127.0.0.1:9/", after=0)
        wait_until(lambda: shop.ask("/webhooks")["rows"][0]["failing"], "an attempt has failed")
        said = {}
        for scope, secret in secrets.items():
            shop.client.headers["Authorization"] = f"Bearer {secret}"
            said[scope] = shop.client.get("/", headers={"Accept": "text/html"}).text
    assert all("not taken" in page for page in said.values())
    assert "attempt " in said["admin"]
    assert "/view/webhooks/deaf" in said["admin"]
    assert "attempt " not in said["read"]
    assert "/view/webhooks" not in said["read"]


def test_a_webhook_that_has_everything_keeps_up(visitor: Visitor, receiver: str) -> None:
    shop = visitor.shop
    shop.accept("create-webhook", webhook="shop", url=receiver, after=0)

    def has_everything() -> bool:
        row = shop.ask("/webhooks")["rows"][0]
        return not row["lag"] and not row["waiting"]

    wait_until(has_everything, "the webhook has everything")
    visitor.open("/")
    assert "The webhook has delivered every event." in visitor.page.inner_text("#health")


def test_of_the_past_nothing_is_said_about_what_keeps_up_now(busy_shop: Served) -> None:
    page = busy_shop.client.get("/?as_of=400", headers={"Accept": "text/html"}).text
    assert "keep up" not in page


def test_what_today_shows_is_worked_out_once_until_something_is_recorded(
    empty_shop: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    answer = Overview.answer

    def counted(question: Overview, models: ReadModels) -> Any:
        asked.append(str(question.as_of))
        return answer(question, models)

    monkeypatch.setattr(Overview, "answer", counted)
    first = empty_shop.accept("register-product", sku="KETTLE")
    empty_shop.ask("/stock/KETTLE")
    for address in ("/", "/", f"/?as_of={first}", f"/?as_of={first}", "/?today=2031-01-01"):
        assert empty_shop.client.get(address, headers={"Accept": "text/html"}).status_code == 200
    assert asked == ["None", str(first), "None"]
    empty_shop.accept("receive-stock", sku="KETTLE", quantity=2)
    empty_shop.ask("/stock/KETTLE")
    now = empty_shop.client.get("/?format=json").json()
    assert now["as_of"] > first
    assert len(asked) == 4
