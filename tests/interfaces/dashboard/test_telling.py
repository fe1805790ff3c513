"""To tell, as forms are sent: one customer of several, what is wrong with a form, and the past."""

import re
from typing import Any

import httpx
import pytest

from tests.interfaces.api.serving import Served
from tests.interfaces.dashboard.page_form import PageForm, go_back, send_form


@pytest.fixture
def slipped(empty_shop: Served) -> Served:
    """Two customers who wait for a purchase order that was delayed."""
    shop = empty_shop
    shop.accept("register-product", sku="KETTLE")
    shop.accept("count-stock", sku="KETTLE", counted=0)
    shop.accept("set-backorder-policy", backorders="allow")
    for order, customer in (("SO-1", "Anna & <b>"), ("SO-2", "Bert")):
        shop.accept("place-order", order=order, customer=customer, lines=[
            {"sku": "KETTLE", "quantity": 2, "requested_date": "2030-01-05"}])
    shop.accept("place-purchase-order", purchase_order="PO-1", vendor="Kyoto Kogei", lines=[
        {"sku": "KETTLE", "quantity": 4, "expected_date": "2030-01-10"}])
    shop.accept("delay-purchase-order", purchase_order="PO-1", expected_date="2030-01-24",
                reason="the ship waits")
    shop.ask("/to-tell")
    return shop


@pytest.fixture
def counted_down(empty_shop: Served) -> Served:
    """Anna was promised what was there; a count found none, and the receipt is overdue."""
    shop = empty_shop
    shop.accept("register-product", sku="KETTLE")
    shop.accept("receive-stock", sku="KETTLE", quantity=2)
    shop.accept("set-backorder-policy", backorders="allow")
    shop.accept("place-purchase-order", purchase_order="PO-1", vendor="Kyoto Kogei", lines=[
        {"sku": "KETTLE", "quantity": 4, "expected_date": "2020-01-10"}])
    shop.accept("place-order", order="SO-1", customer="Anna", lines=[
        {"sku": "KETTLE", "quantity": 2, "requested_date": "2020-01-05"}])
    shop.accept("count-stock", sku="KETTLE", counted=0, reason="Yearly count")
    shop.ask("/to-tell")
    return shop


def try_it(shop: Served, **changes: Any) -> httpx.Response:
    """Send the form of the page as it stands, with some fields changed."""
    return send_form(shop, shop.client.get("/view/to-tell"), "try", **changes)


def apply(shop: Served, tried: httpx.Response) -> httpx.Response:
    """Apply what was tried."""
    return send_form(shop, tried, "apply")


def test_all_that_is_ticked_is_told_with_how_and_note(slipped: Served) -> None:
    tried = try_it(slipped, how="letter", note=" we are sorry ")
    assert "Mark 2 customers as told" in tried.text
    assert apply(slipped, tried).status_code == 303
    rows = slipped.ask("/to-tell", told="yes")["rows"]
    assert [(row["order"], row["told_how"], row["note"]) for row in rows] == [
        ("SO-1", "letter", "we are sorry"), ("SO-2", "letter", "we are sorry"),
    ]
    assert slipped.ask("/to-tell")["total"] == 0
    page = slipped.client.get("/view/orders/SO-1").text
    assert re.search(r"told\s+by letter", page)


def test_back_from_a_dry_run_brings_what_was_ticked_and_written(slipped: Served) -> None:
    first = [value for name, value in PageForm(slipped.client.get("/view/to-tell").text).fields
             if name == "line"][:1]
    tried = try_it(slipped, line=first, how="letter", note="we are sorry")
    back = PageForm(go_back(slipped, tried).text).fields
    assert [value for name, value in back if name == "line"] == first
    assert {("how", "letter"), ("note", "we are sorry")} <= set(back)


def test_one_customer_of_several_is_told(slipped: Served) -> None:
    apply(slipped, try_it(slipped, only="Anna & <b>"))
    assert [row["order"] for row in slipped.ask("/to-tell")["rows"]] == ["SO-2"]


def test_what_was_told_is_what_the_page_said(slipped: Served) -> None:
    tried = try_it(slipped)
    slipped.accept("delay-purchase-order", purchase_order="PO-1", expected_date="2030-02-01",
                   reason="still waits")
    slipped.ask("/to-tell")
    apply(slipped, tried)
    rows = slipped.ask("/to-tell")["rows"]
    assert [(row["known_date"], row["promise_date"]) for row in rows] == [
        ("2030-01-24", "2030-02-01"), ("2030-01-24", "2030-02-01"),
    ]


def test_of_an_uncertain_date_page_dry_run_and_event_say_one_thing(counted_down: Served) -> None:
    shop = counted_down
    page = shop.client.get("/view/to-tell")
    news = re.findall(r"<dt>now</dt><dd>(.*?)</dd>", page.text)
    assert [each.partition(" <")[0] for each in news] == ["nobody knows yet when"]
    assert all("if it came today" in each for each in news)
    tried = send_form(shop, page, "try")
    assert "KETTLE (line 1) nobody knows yet when" in tried.text
    apply(shop, tried)
    [row] = shop.ask("/to-tell", told="yes")["rows"]
    assert (row["known_date"], row["uncertain"]) == (None, True)
    told = shop.client.get("/view/to-tell?told=yes").text
    assert "<dt>knows</dt><dd>nobody knows yet when</dd>" in told


def test_a_count_is_the_news_and_leads_to_its_event(counted_down: Served) -> None:
    page = counted_down.client.get("/view/to-tell").text
    link = re.search(r'<div class="why"><a href="(/view/events/[0-9]+)">(.*?)</a>', page)
    assert link is not None
    said = re.sub("<[^>]*>", "", link[2]).strip()
    assert said == "0 were counted at default, a change of -2 (Yearly count)."
    assert "0 were counted at default" in counted_down.client.get(link[1]).text


def test_a_dry_run_says_from_which_promise_and_what_the_customer_knows(
    counted_down: Served
) -> None:
    shop = counted_down

    def moves_from() -> list[str]:
        form = shop.client.get("/view/actions/receive-goods?purchase_order=PO-1")
        tried = send_form(shop, form, "try", receipt="R-1").text
        return [re.sub("<[^>]*>", "", each) for each in
                re.findall(r"Anna.*?</td><td>(.*?)</td>", tried.partition("Whose promise")[2])]

    [line] = shop.ask("/to-tell")["rows"]
    assert moves_from() == [
        f"{line['promise_date']} uncertainthe customer knows {line['known_date']}"
    ]
    apply(shop, try_it(shop))
    shop.ask("/to-tell")
    assert moves_from() == [
        f"{line['promise_date']} uncertainthe customer knows: nobody knows yet when"
    ]


def test_what_nobody_told_is_not_called_told_where_promises_move(slipped: Served) -> None:
    for expected in ("2030-01-23", "2030-02-01"):
        slipped.accept("delay-purchase-order", purchase_order="PO-1", expected_date=expected,
                       reason="still waits")
    slipped.ask("/to-tell")
    for address in ("/view/orders/SO-1", "/view/orders/SO-1/lines/1/why"):
        page = slipped.client.get(address).text
        assert "counted from 2030-01-24" in page
        assert "told 2030" not in page


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"line": []}, "Nothing is ticked"),
        ({"how": "shouting"}, ">how: input should be "),
        ({"note": "x" * 1001}, ">note: string should have at most 1000 characters.<"),
        ({"line": ["[1]"]}, "cannot be read"),
        ({"line": ["nothing"]}, "cannot be read"),
        ({"line": '["A", 7, 1, "none"]'}, "cannot be read"),
        ({"line": '["A", "SO-1", "x", "none"]'}, ">lines.0.line: input should be"),
        ({"line": '["A", "SO-1", 1, "2030-13-01"]'}, ">lines.0"),
    ],
)
def test_what_is_wrong_with_a_form_is_said(
    slipped: Served, changes: dict[str, Any], says: str
) -> None:
    refused = try_it(slipped, **changes)
    assert refused.status_code == 422
    assert says in refused.text
    assert "..<" not in refused.text


def test_nobody_is_told_in_the_past(slipped: Served) -> None:
    head = slipped.ask("/to-tell")["as_of"]
    page = slipped.client.get(f"/view/to-tell?as_of={head - 1}").text
    assert "checkbox" not in page
    answer = slipped.client.post(f"/view/to-tell?as_of={head - 1}", data={"line": "[]"})
    assert answer.status_code == 409


def test_an_e_mail_is_asked_for_where_the_shop_sends_any(
    slipped: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    refused = send_form(slipped, slipped.client.get("/view/to-tell"), "mail")
    assert (refused.status_code, "STOCKTRAIL_NOTICES_FROM" in refused.text) == (422, True)
    monkeypatch.setattr(type(slipped.service), "mails_customers", True)
    page = slipped.client.get("/view/to-tell")
    assert "Send by e-mail" in page.text
    assert send_form(slipped, page, "mail", only="Bert").status_code == 303
    after = slipped.client.get("/view/to-tell").text
    assert after.count("e-mail waits") == 1
    assert slipped.ask("/to-tell")["total"] == 2, "nobody was told yet"
    [notice] = slipped.client.get("/sent-notices").json()["rows"]
    assert (notice["kind"], notice["order"], notice["state"]) == ("promise", "SO-2", "waiting")
