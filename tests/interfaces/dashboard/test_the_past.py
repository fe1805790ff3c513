"""The past: every page can be looked at as it was, and from none of them can anything be done."""

import re

import pytest

from tests.interfaces.api.serving import Served
from tests.interfaces.dashboard.every_page import every_page
from tests.interfaces.dashboard.visitor import Visitor

PROOF = re.compile(r'name="proof" value="([0-9a-f]+)"')
FORM = re.compile(r'<form[^>]+method="post"')
ACTION = re.compile(r'href="/view/actions/')


def also(address: str, asked: str) -> str:
    """Add to the query of an address."""
    return f"{address}{'&' if '?' in address else '?'}{asked}"


def test_no_page_has_a_form_that_acts_while_the_past_is_looked_at(busy_shop: Served) -> None:
    for address in every_page(busy_shop):
        if "as_of" in address or "/login" in address:
            continue
        page = busy_shop.client.get(also(address, "as_of=849"), headers={"Accept": "text/html"})
        assert FORM.search(page.text) is None, address
        if "/view/actions/" not in address:      # that of an action leads to the same one now
            assert ACTION.search(page.text) is None, address


def test_an_action_is_not_shown_in_the_past_but_leads_to_now(visitor: Visitor) -> None:
    visitor.shop.accept("register-product", sku="KETTLE")
    visitor.open("/view/actions/receive-stock", query="?sku=KETTLE&as_of=1")
    assert visitor.page.locator("main form").count() == 0
    assert "nothing can be done any more" in visitor.text
    visitor.click("Go back to now and do it there")
    visitor.act(quantity="4")
    assert visitor.shop.ask("/stock/KETTLE")["supply"] == 4


@pytest.mark.parametrize("address", [
    "/view/actions/receive-stock", "/view/webhooks/deaf/replay", "/view/webhooks/deaf/test",
    "/view/webhooks/deaf/secret",
])
def test_what_is_sent_from_the_past_is_refused(empty_shop: Served, address: str) -> None:
    empty_shop.accept("register-product", sku="KETTLE")
    empty_shop.accept("create-webhook", webhook="deaf", url="http://127.0.0.1:9/")
    client = empty_shop.client
    form = client.get("/view/actions/receive-stock", headers={"Accept": "text/html"})
    [proof] = PROOF.findall(form.text)[:1]
    filled = {"proof": proof, "sku": "KETTLE", "quantity": "4", "step": "apply", "after": "0"}
    head = empty_shop.service.ledger.head().position
    for asked, body in (
        (f"{address}?as_of=1", filled), (f"{address}?as_of={head}", filled),
        (f"{address}?as_of=2026-01-01", filled), (address, filled | {"as_of": "1"}),
    ):
        answer = client.post(asked, data=body, headers={"Accept": "text/html"})
        assert answer.status_code == 409, asked
        assert "in_the_past" in answer.text
    assert empty_shop.service.ledger.head().position == head


@pytest.fixture
def imported(visitor: Visitor) -> Visitor:
    """Enter today what happened in February: 4 kettles came, and 6 were wanted."""
    shop = visitor.shop
    shop.accept("register-product", sku="KETTLE", occurred_at="2026-02-01T08:00:00Z")
    shop.accept("set-backorder-policy", backorders="allow", occurred_at="2026-02-01T08:00:00Z")
    shop.accept("receive-stock", sku="KETTLE", quantity=4, occurred_at="2026-02-02T08:00:00Z")
    shop.accept("place-order", order="SO-1", customer="Anna", occurred_at="2026-02-03T08:00:00Z",
                lines=[{"sku": "KETTLE", "quantity": 6}])
    shop.ask("/stock/KETTLE")
    return visitor


@pytest.mark.parametrize("path", [
    "/", "/view/items", "/view/backorders/customer", "/view/backlog", "/view/notices",
    "/view/events", "/view/settings",
])
def test_before_the_first_event_a_page_says_that_nothing_had_been_recorded(
    imported: Visitor, path: str
) -> None:
    imported.open(path, query="?as_of=2026-02-10")
    assert "Nothing had been recorded yet at that moment" in imported.text
    assert "not by when they happened" in imported.text
    assert "ever been backordered" not in imported.text
    imported.open(path)
    assert "Nothing had been recorded" not in imported.text


def test_from_a_day_before_an_import_one_goes_to_what_had_happened_by_then(
    imported: Visitor,
) -> None:
    imported.open("/view/backorders/customer", query="?as_of=2026-02-10")
    imported.click("look by when they happened")
    assert "Anna" in imported.page.inner_text("tbody")
    assert "What had happened by Tuesday 2026-02-10" in imported.page.inner_text(".moment")
    imported.follow("tbody a[href^='/view/items/']")
    assert "KETTLE" in imported.page.inner_text("h1")
    assert "occurred_as_of=2026-02-10" in imported.page.url
    assert imported.figure("Backordered") == "2"
    assert imported.page.locator("main .button").count() == 0
    imported.follow("text=By when it was recorded")
    assert "not_recorded_yet" in imported.text
    imported.click("Look by when it happened")
    assert imported.figure("On hand, default") == "4"
    imported.follow("text=Back to now")
    assert imported.page.locator("main .button").count() > 0


def test_what_happened_is_looked_at_in_the_order_in_which_it_did(imported: Visitor) -> None:
    imported.shop.accept("receive-stock", sku="KETTLE", quantity=50)
    address = "/view/items/KETTLE/movements?occurred_as_of=2026-02-02"
    rows = imported.shop.client.get(f"{address}&format=json").json()["rows"]
    assert [row["delta"] for row in rows if row["source"]] == [4]
    assert len(rows) == 2


def test_an_item_that_was_recorded_later_is_not_said_to_be_unknown(imported: Visitor) -> None:
    for path, name in (("/view/items", "KETTLE"), ("/view/orders", "SO-1")):
        imported.open(path, name, query="?as_of=1" if name == "SO-1" else "?as_of=2026-02-10")
        assert "it was recorded later, whenever it happened" in imported.text
        imported.click("Look at it now")
        imported.page.wait_for_selector(f"h1:has-text('{name}')")
    imported.open("/view/items", "NONE", query="?as_of=1")
    assert "recorded later" not in imported.text


@pytest.mark.parametrize("path", ["/", "/view/items", "/view/orders/SO-1", "/view/settings"])
def test_a_page_that_goes_by_recording_says_so(empty_shop: Served, path: str) -> None:
    answer = empty_shop.client.get(
        path, params={"occurred_as_of": "2026-02-10"}, headers={"Accept": "text/html"}
    )
    assert answer.status_code == 422
    assert "recorded_only" in answer.text
