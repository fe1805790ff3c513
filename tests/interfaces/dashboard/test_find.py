"""The one search: what is found as a page and while somebody types, and where it leads."""

import re
from html import unescape

import pytest

from stocktrail.commands.customers import RegisterCustomer
from stocktrail.commands.scripts.submission import submit_one
from stocktrail.ledger.store.side_tables.access import AccessTokens, Scope
from stocktrail.projections import ReadModels
from tests.interfaces.api.serving import Served

WHILE_TYPING = {"HX-Request": "true", "HX-Target": "answers", "Accept": "text/html"}


@pytest.mark.parametrize(
    ("written", "where"),
    [
        ("KETTLE-15", "/view/items/KETTLE-15"), ("kettle-15", "/view/items/KETTLE-15"),
        ("SO-1001", "/view/orders/SO-1001"), ("PO-001", "/view/purchase-orders/PO-001"),
        ("o-1001", "/view/orders/SO-1001"), ("1001", "/view/orders/SO-1001"),
        ("sh-1001", "/view/orders/SO-1001"), ("r-003", "/view/purchase-orders/PO-003"),
        ("position 7", "/view/events/7"), ("iron pot", "/view/items/TEAPOT-IRON"),
    ],
)
def test_what_can_be_only_one_thing_is_gone_to(
    busy_shop: Served, written: str, where: str
) -> None:
    answer = busy_shop.client.get("/view/find", params={"q": written})
    assert (answer.status_code, answer.headers["location"]) == (303, where)


def test_several_things_are_listed_by_kind(busy_shop: Served) -> None:
    page = busy_shop.client.get("/view/find", params={"q": "tea"}).text
    links = set(re.findall(r'<a class="key" href="([^"]*)"', page))
    assert {"/view/items/TEAPOT-IRON", "/view/items/TEAPOT-GLASS"} <= links
    assert any("Formosa" in link for link in links)
    assert re.findall("<h2>([^<]*)</h2>", page.partition("<main")[2]) == ["Items", "Vendors"]


def test_nothing_found_says_so_and_nothing_typed_says_what_to_type(busy_shop: Served) -> None:
    assert "Nothing has" in busy_shop.client.get("/view/find", params={"q": "xyzzy"}).text
    assert "Type a part" in busy_shop.client.get("/view/find").text


def test_while_somebody_types_a_few_of_each_kind_are_options(busy_shop: Served) -> None:
    found = busy_shop.client.get("/view/find", params={"q": "SO-1"}, headers=WHILE_TYPING).text
    options = [unescape(each) for each in re.findall(r'role="option"[^>]*href="([^"]*)"', found)]
    assert sum(each.startswith("/view/orders/") for each in options) == 5
    assert options[-1] == "/view/find?q=SO-1"
    assert "<html" not in found
    one = busy_shop.client.get("/view/find", params={"q": "S"}, headers=WHILE_TYPING).text
    assert "option" not in one


def test_what_is_found_in_the_past_leads_to_the_past(busy_shop: Served) -> None:
    asked = {"q": "cup", "as_of": "400"}
    page = busy_shop.client.get("/view/find", params=asked).text
    assert '/view/items/CUP-BLUE?as_of=400"' in page
    nothing = busy_shop.client.get("/view/find", params={"q": "cup", "as_of": "3"}).text
    assert "Nothing has" in nothing


def test_names_of_customers_take_the_scope_admin(guarded_shop: Served) -> None:
    ledger = guarded_shop.service.ledger
    tokens = AccessTokens(ledger)
    submit_one(ledger, RegisterCustomer(customer="C-7", name="Ada Lovelace"))
    ReadModels(ledger).catch_up()
    found = {}
    scopes: tuple[Scope, ...] = ("read", "admin")
    for scope in scopes:
        asked = {"Authorization": f"Bearer {tokens.create(scope, scope)[0]}"}
        for address in ("/search?q=lovelace&names=true", "/view/find?q=lovelace&format=json"):
            answer = guarded_shop.client.get(address, headers=asked)
            assert answer.status_code == 200
            found[scope, address.partition("?")[0]] = [
                row["key"] for row in answer.json()["rows"]
            ]
    assert found == {
        ("read", "/search"): [], ("read", "/view/find"): [],
        ("admin", "/search"): ["C-7"], ("admin", "/view/find"): ["C-7"],
    }
