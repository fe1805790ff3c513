"""Lists by plain HTTP: searched, narrowed, sorted and with other columns, each by an address."""

import re
from csv import reader
from html import unescape

import pytest

from tests.interfaces.api.serving import Served

PAGE = {"Accept": "text/html"}
LISTS = ("/view/orders", "/view/purchase-orders", "/view/items")


def links(page: str, text: str) -> list[str]:
    """Return where links of a page lead whose text begins so."""
    found = re.findall(r'<a[^>]* href="([^"]*)"[^>]*>\s*([^<]*)', page)
    return [unescape(address) for address, called in found if called.strip().startswith(text)]


@pytest.mark.parametrize("address", LISTS)
def test_a_facet_leads_to_the_rows_that_it_counts_and_back(
    busy_shop: Served, address: str
) -> None:
    page = busy_shop.client.get(address, headers=PAGE).text
    counted = re.findall(r'data-figure="(\d+)" href="([^"]*facet=[^"]*)"', page)
    assert len(counted) >= 5
    for number, link in counted:
        there = busy_shop.client.get(unescape(link), headers=PAGE).text
        assert f'data-total="{number}"' in there
        back = re.search(r'class="chosen" aria-current="true" href="([^"]*)"', there)
        assert back is not None
        assert "facet" not in back[1]


@pytest.mark.parametrize("address", LISTS)
def test_headings_sort_by_what_they_are_above(busy_shop: Served, address: str) -> None:
    page = busy_shop.client.get(address, headers=PAGE).text
    head = page.partition("<thead")[2].partition("</thead>")[0]
    sorted_by = [unescape(each) for each in re.findall(r'href="([^"]*sort=[^"]*)"', head)]
    assert len(sorted_by) >= 5
    for link in sorted_by:
        there = busy_shop.client.get(link, headers=PAGE).text
        assert there.count("aria-sort=") == 1
        assert "data-total=" in there


def test_columns_are_chosen_by_a_form_and_are_those_of_csv_too(busy_shop: Served) -> None:
    chosen = "/view/orders?columns=order&columns=pool&columns=promise_date&sort=-promise_date"
    page = busy_shop.client.get(chosen, headers=PAGE).text
    headings = re.findall(r'<th scope="col"[^>]*>(?:<a[^>]*>)?([^<]+)', page)
    assert headings == ["Order", "Pool", "Promised"]
    table = busy_shop.client.get(f"{chosen}&format=csv").content.decode("utf-8-sig")
    rows = list(reader(table.splitlines()))
    assert rows[0] == ["order", "pool", "promise_date"]
    assert len(rows) == busy_shop.ask("/orders")["total"] + 1
    as_at_first = links(page, "As at first")
    assert as_at_first == ["/view/orders"]


def test_what_is_searched_stays_while_one_narrows_and_looks_back(busy_shop: Served) -> None:
    page = busy_shop.client.get("/view/orders?q=ALFREDS&as_of=600", headers=PAGE).text
    found = int(re.findall(r'data-total="(\d+)"', page)[0])
    assert 0 < found < busy_shop.ask("/orders")["total"]
    (late,) = re.findall(r'href="([^"]*facet=late[^"]*)"', page)
    assert {"q=ALFREDS", "as_of=600"} <= set(unescape(late).partition("?")[2].split("&"))
    nothing = busy_shop.client.get("/view/orders?q=nobody+is+called+so", headers=PAGE).text
    assert links(nothing, "Show all") == ["/view/orders"]
