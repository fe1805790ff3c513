"""Forms begin from the document: its open lines, filled in with what remains of them."""

import re
from collections.abc import Iterator

import httpx
import pytest

from tests.interfaces.api.serving import Served, served
from tests.interfaces.dashboard.page_form import PageForm, send_form


@pytest.fixture
def shop(sqlite_url: str) -> Iterator[Served]:
    """Return a shop whose PO-1 owes 6 kettles and 9 pots, of which SO-1 wants 4 and 2."""
    with served(sqlite_url) as running:
        running.accept("set-backorder-policy", backorders="allow")
        for sku in ("KETTLE", "POT"):
            running.accept("register-product", sku=sku, source="default")
        running.accept("receive-stock", sku="KETTLE", quantity=3)
        running.accept("place-order", order="SO-1", customer="Anna", lines=[
            {"sku": "KETTLE", "quantity": 4}, {"sku": "POT", "quantity": 2}])
        running.accept("place-purchase-order", purchase_order="PO-1", vendor="Kyoto", lines=[
            {"sku": "KETTLE", "quantity": 6, "expected_date": "2030-01-10"},
            {"sku": "POT", "quantity": 9}])
        running.ask("/stock/POT")
        yield running


def form_of(shop: Served, command: str, **fields: str) -> httpx.Response:
    return shop.client.get(f"/view/actions/{command}", params=fields)


def lines_of(page: httpx.Response) -> list[tuple[str, str]]:
    return [(name.removeprefix("lines-"), text) for name, text in PageForm(page.text).fields
            if name.startswith("lines-") and text]


def test_goods_are_received_as_they_came_and_the_rest_remains(shop: Served) -> None:
    page = form_of(shop, "receive-goods", purchase_order="PO-1")
    assert lines_of(page) == [("0-line", "1"), ("0-quantity", "6"), ("1-line", "2"),
                              ("1-quantity", "9")]
    assert "9 of 9 to come, no date known" in page.text
    tried = send_form(shop, page, "try", lines_0_quantity="5", lines_1_quantity="")
    assert "5 of KETTLE (line 1)" in tried.text
    assert "POT (line 2)" not in tried.text
    assert send_form(shop, tried, "apply").status_code == 303
    shop.ask("/purchase-orders/PO-1")
    assert lines_of(form_of(shop, "receive-goods", purchase_order="PO-1")) == [
        ("0-line", "1"), ("0-quantity", "1"), ("1-line", "2"), ("1-quantity", "9")]


def test_a_link_shows_the_dry_run_at_once(shop: Served) -> None:
    page = form_of(shop, "receive-goods", purchase_order="PO-1", step="try")
    assert "9 of POT (line 2)" in page.text
    assert send_form(shop, page, "apply").status_code == 303
    assert shop.ask("/purchase-orders/PO-1")["status"] == "received"


def test_no_line_at_all_is_not_every_line(shop: Served) -> None:
    page = form_of(shop, "cancel-order", order="SO-1")
    answer = send_form(shop, page, "try", lines_0_quantity="0", lines_1_quantity=" ")
    assert answer.status_code == 422
    assert "Give at least one line a quantity" in answer.text
    assert "would be recorded" not in answer.text


def test_each_command_begins_with_what_it_can_do(shop: Served) -> None:
    assert lines_of(form_of(shop, "ship-order", order="SO-1")) == [
        ("0-line", "1"), ("0-quantity", "3")]
    assert lines_of(form_of(shop, "refund-order", order="SO-1")) == [
        ("0-line", "1"), ("0-outcome", "release"), ("1-line", "2"), ("1-outcome", "release")]
    delay = form_of(shop, "delay-purchase-order", purchase_order="PO-1")
    assert lines_of(delay) == [("0-line", "1"), ("1-line", "2")]
    tried = send_form(shop, delay, "try", lines_1_expected_date="2030-02-01")
    assert "line 2" in tried.text
    assert "2030-02-01" in tried.text
    shop.accept("ship-order", order="SO-1", shipment="S-1")
    shop.ask("/stock/KETTLE")
    assert lines_of(form_of(shop, "refund-order", order="SO-1"))[1] == ("0-outcome", "return")


def test_a_document_named_in_the_form_fills_in_its_lines(shop: Served) -> None:
    empty = form_of(shop, "receive-goods")
    assert lines_of(empty) == []
    answer = send_form(shop, empty, "fill", purchase_order="PO-1")
    assert answer.headers["location"] == "/view/actions/receive-goods?purchase_order=PO-1"
    for unknown in ("PO-9", "x" * 200, " "):
        page = form_of(shop, "receive-goods", purchase_order=unknown)
        assert page.status_code == 200
        assert lines_of(page) == []


def test_ids_are_made_and_errors_are_sentences_at_their_field(shop: Served) -> None:
    page = form_of(shop, "place-order")
    made = dict(PageForm(page.text).fields)["order"]
    assert made.startswith("SO-")
    wrong = send_form(shop, page, "try", lines_0_sku="KETTLE", lines_0_quantity="-2")
    assert wrong.status_code == 422
    assert 'id="error-customer"><bdi>This has to be filled in.</bdi>' in wrong.text
    assert 'id="error-lines-0-quantity"><bdi>Must be more than 0.</bdi>' in wrong.text
    over = form_of(shop, "receive-goods", purchase_order="PO-1")
    answer = send_form(shop, over, "try", lines_1_quantity="lots")
    assert 'id="error-lines-1-quantity"' in answer.text


def test_what_is_there_is_chosen_and_not_remembered(shop: Served) -> None:
    shop.accept("register-source", source="north")
    shop.ask("/stock/POT")
    page = form_of(shop, "receive-stock")
    assert re.findall(r'<option value="(\w*)"', page.text) == ["", "default", "north"]
    assert 'list="choices-item"' in page.text
    assert 'list="choices-' not in form_of(shop, "register-product").text
    for kind, typed, found in (
        ("item", "ett", ["KETTLE"]), ("customer", "an", ["Anna"]), ("vendor", "KYO", ["Kyoto"]),
        ("purchase_order", "1", ["PO-1"]), ("order", "so", ["SO-1"]), ("item", "", []),
        ("item", "<b>", []),
    ):
        answer = shop.client.get(f"/view/choices/{kind}", params={"lines-0-sku": typed})
        assert re.findall(r'value="([^"]*)"', answer.text) == found
    assert shop.client.get("/view/choices/token").status_code == 422


def test_a_dry_run_of_a_new_order_names_the_customer_who_gains(empty_shop: Served) -> None:
    empty_shop.accept("register-product", sku="KETTLE")
    empty_shop.accept("receive-stock", sku="KETTLE", quantity=9)
    empty_shop.ask("/stock/KETTLE")
    form = empty_shop.client.get("/view/actions/place-order?lines-0-sku=KETTLE")
    tried = send_form(empty_shop, form, "try", order="SO-1", customer="Anna",
                      **{"lines-0-quantity": "4"})
    assert tried.status_code == 200
    gains = tried.text.partition("Who gains and who loses")[2]
    assert "/view/customers/Anna" in gains
    assert "KETTLE" in gains
