"""The frame of all pages: how they travel, what they say of time, and what the keyboard reaches."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.interfaces.api.serving import Served
from tests.interfaces.dashboard.visitor import Visitor

PAGE = {"Accept": "text/html"}


@pytest.fixture
def looking(browser: Browser, busy_shop: Served) -> Iterator[Visitor]:
    """Return a visitor of a busy shop, with nothing to complain of in the end."""
    with browser.new_context() as context:
        found = Visitor(context.new_page(), busy_shop)
        yield found
        found.has_nothing_to_complain_of()


def test_pages_and_tables_are_compressed_and_streams_are_not(busy_shop: Served) -> None:
    client = busy_shop.client
    for address in ("/", "/view/backorders/customer?format=csv", "/view/items?format=json",
                    "/openapi.json"):
        answer = client.get(address, headers={"Accept-Encoding": "gzip"})
        assert answer.headers["content-encoding"] == "gzip", address
        assert "Accept-Encoding" in answer.headers["vary"], address
        plain = client.get(address, headers={"Accept-Encoding": "identity"})
        assert "content-encoding" not in plain.headers, address
    assert "content-encoding" not in client.get("/events?limit=500").headers
    follow = {"Accept": "text/event-stream", "Accept-Encoding": "gzip"}
    with client.stream("GET", "/events?after=0", headers=follow) as stream:
        assert "content-encoding" not in stream.headers


def test_the_token_of_a_form_never_looks_the_same_twice(busy_shop: Served) -> None:
    page = busy_shop.client.get("/view/actions/place-order", headers=PAGE).text
    again = busy_shop.client.get("/view/actions/place-order", headers=PAGE).text
    [one], [other] = (re.findall(r'name="proof" value="(\w+)"', each) for each in (page, again))
    assert one[:32] != other[:32]
    assert one[32:] != other[32:]


def test_a_table_is_for_spreadsheets_by_its_link_and_for_programs_by_accept(
    busy_shop: Served,
) -> None:
    link = busy_shop.client.get("/view/backorders/customer?format=csv")
    assert link.content.startswith(b"\xef\xbb\xbfcustomer,")
    assert 'filename="stocktrail-backorders.csv"' in link.headers["content-disposition"]
    program = busy_shop.client.get("/view/backorders/customer", headers={"Accept": "text/csv"})
    assert program.content == link.content[3:]
    assert not re.search(r'[{\[]"', program.text)


def test_times_are_those_of_the_shop_and_say_so(empty_shop: Served) -> None:
    empty_shop.accept("set-time-zone", zone="Asia/Tokyo")
    empty_shop.accept("register-product", sku="CUP")
    position = empty_shop.accept(
        "receive-stock", sku="CUP", quantity=1, occurred_at="2026-02-28T20:00:00Z")
    empty_shop.ask("/stock/CUP")
    event = empty_shop.client.get(f"/view/events/{position}", headers=PAGE).text
    assert '<time datetime="2026-02-28T20:00:00.000000Z"' in event
    assert "2026-03-01 05:00:00 JST" in event
    past = empty_shop.client.get("/view/items?as_of=2", headers=PAGE).text
    bar = re.search(r'class="then">(.+)</strong>', past)
    assert bar is not None
    said, in_one_piece = bar[1].removesuffix("</span>").split('<span class="nowrap">')
    assert re.fullmatch(r"As of position 2, recorded [A-Z]\w+day ", said)
    assert re.fullmatch(r"[\d-]{10} [\d:]{8} JST", in_one_piece)


def test_a_form_stays_in_the_room_that_it_is_opened_from(busy_shop: Served) -> None:
    for action, room in (
        ("place-order", "Orders"), ("ship-order", "Shipping"), ("receive-goods", "Purchasing"),
        ("receive-stock", "Items"), ("mark-told", "Customers"), ("define-pool", "Setup"),
    ):
        page = busy_shop.client.get(f"/view/actions/{action}", headers=PAGE).text
        assert re.findall(r'class="group"[^>]*aria-current="true">([^<]+)', page) == [room]


def test_a_day_is_picked_and_named(looking: Visitor) -> None:
    looking.open("/view/items")
    looking.page.keyboard.press("d")
    looking.page.fill("#days [name=as_of]", "2026-11-27")
    looking.page.click("#days button.primary")
    looking.page.wait_for_selector(".then:text('the end of Friday 2026-11-27')")
    assert looking.page.input_value(".moment [name=as_of]") == "2026-11-27"
    looking.page.keyboard.press("0")
    looking.page.wait_for_selector(".moment:not(.is-past)")


def test_keys_go_where_the_list_of_keys_says(looking: Visitor) -> None:
    looking.open("/")
    press = looking.page.keyboard.press
    press("?")
    assert "Next and previous row" in looking.page.inner_text("#keys")
    press("Escape")
    assert looking.page.locator("#keys").is_hidden()
    press("g")
    press("i")
    looking.page.wait_for_selector("h1:text-is('Items')")
    press("j")
    press("j")
    second = looking.page.locator("tbody tr a").nth(1).inner_text()
    press("Enter")
    looking.page.wait_for_url(f"**/view/items/{second}")


def test_the_search_stands_at_the_same_place_on_every_page(looking: Visitor) -> None:
    looking.page.set_viewport_size({"width": 1280, "height": 800})
    tops = set()
    for path in ("/", "/view/orders", "/view/purchase-orders", "/view/settings"):
        looking.open(path)
        box = looking.page.locator("#find").bounding_box()
        assert box is not None
        tops.add(box["y"])
    assert len(tops) == 1


def test_back_keeps_a_dry_run_and_the_focus_is_where_the_outcome_is(looking: Visitor) -> None:
    looking.open("/view/actions/receive-stock", query="?sku=CUP-BLUE&quantity=2")
    assert "2 of CUP-BLUE" in looking.try_it()
    assert looking.page.evaluate("document.activeElement.id") == "outcome"
    looking.page.click("#outcome a >> nth=0")
    looking.page.wait_for_url("**/view/orders/*")
    looking.page.go_back()
    looking.page.wait_for_selector("#outcome")
    assert "2 of CUP-BLUE" in looking.page.inner_text("#outcome")
    looking.fill(quantity="nothing")
    looking.page.keyboard.press("Control+Enter")
    looking.page.wait_for_selector("[aria-invalid=true]")
    assert looking.page.evaluate("document.activeElement.name") == "quantity"


def test_what_takes_long_and_what_is_out_of_reach_is_said_in_words(looking: Visitor) -> None:
    looking.open("/view/items")
    looking.page.context.set_offline(True)
    looking.page.wait_for_selector("#state:text('You are offline')")
    looking.page.context.set_offline(False)
    looking.page.wait_for_selector("#state", state="hidden")


def test_a_phone_shows_quantity_and_date_without_scrolling_sideways(looking: Visitor) -> None:
    looking.page.set_viewport_size({"width": 360, "height": 800})
    for address in ("/view/backorders/customer", "/view/items", "/view/events"):
        looking.open(address)
        looking.page.wait_for_selector("table.stacks")
        cells = looking.page.locator("tbody tr:first-child td:visible")
        for box in (each.bounding_box() for each in cells.all()):
            assert box is not None
            assert 0 <= box["x"] <= box["x"] + box["width"] <= 360, address


def test_a_row_stands_under_the_day_of_the_shop(empty_shop: Served) -> None:
    empty_shop.accept("set-time-zone", zone="Asia/Tokyo")
    empty_shop.accept("register-product", sku="CUP")
    then = "2026-02-28T20:00:00Z"
    empty_shop.accept("receive-stock", sku="CUP", quantity=9, occurred_at=then)
    empty_shop.accept("place-order", order="SO-1", customer="Anna", occurred_at=then,
                      lines=[{"sku": "CUP", "quantity": 1}])
    empty_shop.accept("place-purchase-order", purchase_order="PO-1", vendor="Kyoto",
                      occurred_at=then, lines=[{"sku": "CUP", "quantity": 1}])
    empty_shop.ask("/stock/CUP")
    for address in ("orders", "purchase-orders", "customers", "customers/Anna", "vendors/Kyoto"):
        page = empty_shop.client.get(f"/view/{address}", headers=PAGE).text
        assert ">2026-02-28<" not in page, address
    assert ">2026-03-01<" in empty_shop.client.get("/view/orders", headers=PAGE).text
