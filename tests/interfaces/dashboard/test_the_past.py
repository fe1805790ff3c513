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
