"""Shipping by plain HTTP: all, some or one of what is ready as one group, and its pick list."""

import re
from collections.abc import Iterator
from html import escape

import httpx
import pytest

from tests.interfaces.api.serving import Served, served
from tests.interfaces.dashboard.page_form import PageForm, go_back, send_form

ORDERS = ["SO-1", "SO/2 <b>", "SO-3"]


@pytest.fixture
def shop(sqlite_url: str) -> Iterator[Served]:
    """Return a service on a shop with three orders that can ship, one of them in part."""
    with served(sqlite_url) as running:
        running.accept("register-product", sku="KETTLE", name="Kettle")
        running.accept("receive-stock", sku="KETTLE", quantity=10)
        running.accept("set-backorder-policy", backorders="allow")
        for order in ORDERS:
            running.accept("place-order", order=order, customer=f"of {order}",
                           lines=[{"sku": "KETTLE", "quantity": 4}])
        yield running


def page(shop: Served, address: str = "/view/ready-to-ship") -> httpx.Response:
    """Look at a page once everything is there that was sent."""
    shop.ask("/ready-to-ship")
    return shop.client.get(address, headers={"Accept": "text/html"})


def apply(shop: Served, tried: httpx.Response) -> list[str]:
    """Apply a dry run, and return which orders can ship then."""
    assert tried.status_code == 200, tried.text
    assert send_form(shop, tried, "apply").status_code == 303
    return [row["order"] for row in shop.ask("/ready-to-ship")["rows"]]


def test_all_that_is_ticked_ships_as_one_group(shop: Served) -> None:
    assert [re.search(f'name="order" value="{re.escape(escape(order))}" checked',
                      page(shop).text) is not None for order in ORDERS] == [True] * 3
    tried = send_form(shop, page(shop), "try", order=ORDERS)
    assert "Ship 3 orders" in tried.text
    assert apply(shop, tried) == []
    shipped = shop.ask("/orders/SO-1")["lines"]
    assert [line["shipped"] for line in shipped] == [4]


def test_some_of_it_or_one_alone(shop: Served) -> None:
    tried = send_form(shop, page(shop), "try", order=["SO-3", "SO-1"])
    assert "Ship 2 orders" in tried.text
    assert apply(shop, tried) == ["SO/2 <b>"]
    form = PageForm(page(shop).text)
    proof = dict(form.fields)["proof"]
    alone = shop.client.post(form.action, data={"proof": proof, "only": "SO/2 <b>"})
    assert apply(shop, alone) == []
    nothing = shop.client.post(form.action, data={"proof": proof, "step": "try"})
    assert (nothing.status_code, "Nothing is ticked" in nothing.text) == (422, True)


def test_ticks_that_are_no_ids_are_told_of_in_a_sentence(shop: Served) -> None:
    for tick in ("\0", "x" * 200, " SO-1"):
        for fields in ({"order": ["SO-1", tick]}, {"only": tick}):
            refused = send_form(shop, page(shop), "try", **fields)
            assert refused.status_code == 422, fields
            assert "order: " in refused.text


def test_back_from_a_dry_run_brings_what_was_ticked(shop: Served) -> None:
    back = go_back(shop, send_form(shop, page(shop), "try", order=ORDERS[:2]))
    assert back.status_code == 200
    assert [value for name, value in PageForm(back.text).fields if name == "order"] == ORDERS[:2]


def test_more_than_a_page_shows_ships_too(shop: Served) -> None:
    shown = page(shop, "/view/ready-to-ship?limit=1")
    assert "Ship all 3" in shown.text
    assert "Ship 3 orders" in send_form(shop, shown, "all").text


def test_what_can_ship_no_more_is_told_before_anything_is_recorded(shop: Served) -> None:
    shown = page(shop)
    shop.accept("ship-order", order="SO-1", shipment="S-1")
    refused = send_form(shop, shown, "try", order=ORDERS)
    assert refused.status_code == 409
    assert "1 of 3 commands would be refused" in refused.text
    assert apply(shop, send_form(shop, refused, "rest")) == []


def test_the_pick_list_is_that_of_what_is_ticked(shop: Served) -> None:
    answer = send_form(shop, page(shop), "pick", order=["SO-3", "SO-1"])
    assert (answer.status_code, answer.headers["Location"]) == (
        303, "/view/pick-list?order=SO-1&order=SO-3"
    )
    listed = page(shop, answer.headers["Location"]).text
    assert len(re.findall('aria-label="Code 128: KETTLE"', listed)) == 1
    assert 'aria-label="Code 128: SO-3"' in listed
    assert "SO/2" not in listed
    assert "Ship 2 orders" in send_form(shop, page(shop, answer.headers["Location"]), "try").text


def test_nothing_ships_from_the_past(shop: Served) -> None:
    then = page(shop, "/view/ready-to-ship?as_of=8").text
    assert "SO/2" in then
    assert 'method="post"' not in then
    assert 'name="order"' not in then


def test_an_order_of_which_nothing_is_there_offers_no_ship(shop: Served) -> None:
    assert "/view/actions/ship-order" in page(shop, "/view/orders/SO-1").text
    shop.accept("place-order", order="SO-LATE", customer="Anna",
                lines=[{"sku": "KETTLE", "quantity": 400}])
    waits = page(shop, "/view/orders/SO-LATE").text
    assert shop.ask("/orders/SO-LATE")["lines"][0]["allocated"] == 0
    assert "/view/actions/ship-order" not in waits
