"""CSV: a table has all its rows, however many there are, unless fewer are asked for."""

import csv
from html import unescape
from io import StringIO
from re import search

import pytest

from stocktrail.interfaces.cli import csv_answers
from stocktrail.interfaces.dashboard import page_request as visit
from stocktrail.ledger.store.address import sqlite_path
from tests.interfaces.api.serving import Served
from tests.interfaces.dashboard.every_page import every_page
from tests.interfaces.terminal import Terminal

LISTS = (
    "/view/items", "/view/items?facet=backordered", "/view/items/CHAI-250/movements",
    "/view/backorders/item", "/view/backorders/customer", "/view/backorders/customer?late=1",
    "/view/backorders/vendor", "/view/backorders/vendor?sort=-pegged", "/view/notices",
    "/view/low-stock", "/view/events", "/view/events?type=OrderPlaced",
    "/view/backorders/customer?as_of=700", "/view/items?as_of=700",
)


def table(shop: Served, address: str) -> list[dict[str, str]]:
    """Read a table in CSV."""
    answer = shop.client.get(address)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    return list(csv.DictReader(StringIO(answer.content.decode("utf-8-sig"))))


def typing_about(shop: Served) -> Terminal:
    """Return a terminal about the ledger that a service answers for."""
    return Terminal(sqlite_path(shop.service.ledger.shown_url))


def also(address: str, asked: str) -> str:
    """Add to the query of an address."""
    return f"{address}{'&' if '?' in address else '?'}{asked}"


@pytest.mark.parametrize("address", LISTS)
def test_a_table_has_all_its_rows_however_few_are_held_at_a_time(
    busy_shop: Served, monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    whole = busy_shop.client.get(also(address, "format=json&limit=1000")).json()
    rows = table(busy_shop, also(address, "format=csv"))
    monkeypatch.setattr(visit, "CSV_ROWS", 3)
    assert table(busy_shop, also(address, "format=csv")) == rows
    assert len(rows) == len(whole["rows"]) == whole.get("total", len(rows))


def test_a_table_has_as_many_rows_as_are_asked_for(busy_shop: Served) -> None:
    for address in ("/view/items", "/view/backorders/customer", "/view/events"):
        assert len(table(busy_shop, f"{address}?format=csv&limit=2")) == 2


def test_more_than_a_thousand_rows_are_all_there(empty_shop: Served) -> None:
    empty_shop.stream(*(
        {"command": "register-product", "sku": f"KETTLE-{number}", "id": f"k-{number}"}
        for number in range(1050)
    ), mode="atomic")
    empty_shop.ask("/stock", limit=1)
    page = empty_shop.client.get("/view/items", headers={"Accept": "text/html"}).text
    found = search(r'href="([^"]*format=csv[^"]*)"', page)
    assert found
    rows = table(empty_shop, unescape(found.group(1)))
    assert len({row["sku"] for row in rows}) == 1050


@pytest.mark.parametrize(("address", "words"), [
    ("/view/items", "products"),
    ("/view/items?facet=backordered&columns=sku,backordered", "products --facet backordered "
     "--columns sku,backordered"),
    ("/view/orders", "orders"),
    ("/view/purchase-orders", "purchase-orders"),
    ("/view/backorders/item", "backorders --by item"),
    ("/view/backorders/customer?late=1", "backorders --by customer --late"),
    ("/view/backorders/vendor?as_of=700", "backorders --by vendor --as-of 700"),
    ("/view/to-tell", "to-tell"),
    ("/view/replenishment", "replenishment"),
    ("/view/low-stock", "low-stock"),
    ("/view/customers", "customers"),
    ("/view/settings/values", "settings"),
    ("/view/items/CHAI-250/why", "explain stock CHAI-250"),
    ("/view/compare?from=800&to=856", "diff --from 800 --to 856"),
])
def test_typed_the_table_of_a_question_has_the_same_cells(
    busy_shop: Served, monkeypatch: pytest.MonkeyPatch, address: str, words: str
) -> None:
    written = busy_shop.client.get(address, headers={"Accept": "text/csv"}).content.decode()
    monkeypatch.setattr(csv_answers, "ROWS_AT_ONCE", 7)
    typed = typing_about(busy_shop).type(*words.split(), "--csv")
    assert (typed.status, typed.err) == (0, "")
    assert typed.out == written
    assert len(written.splitlines()) > 1


def test_typed_the_table_of_the_log_has_the_same_cells(busy_shop: Served) -> None:
    rows = table(busy_shop, "/view/events?type=OrderPlaced&format=csv")
    typed = typing_about(busy_shop).type("events", "--type", "OrderPlaced", "--csv")
    assert list(csv.DictReader(StringIO(typed.out)))[::-1] == rows


def test_the_table_of_an_item_has_every_movement(busy_shop: Served) -> None:
    item = busy_shop.client.get("/view/items/CHAI-250?format=json").json()
    rows = table(busy_shop, "/view/items/CHAI-250?format=csv")
    assert len(rows) == item["movements"]["total"] > len(item["movements"]["rows"])


def test_why_an_item_stands_so_is_told_with_every_event(busy_shop: Served) -> None:
    why = busy_shop.client.get("/view/items/CHAI-250/why?format=json").json()
    rows = table(busy_shop, "/view/items/CHAI-250/why?format=csv")
    assert len(rows) == len(why["events"]) + why["earlier_events"]


def test_no_link_to_a_table_cuts_it(busy_shop: Served) -> None:
    for address in every_page(busy_shop):
        page = busy_shop.client.get(address, headers={"Accept": "text/html"}).text
        for link in (each for each in page.split('"') if "format=csv" in each):
            assert "limit=" not in link, address
            assert "after=" not in link, address
