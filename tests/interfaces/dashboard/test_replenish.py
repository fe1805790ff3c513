"""Replenish over plain HTTP: what is ticked is tried and applied, and what is wrong is said."""

import re
from collections.abc import Iterator

import pytest

from tests.interfaces.api.serving import Served, served
from tests.interfaces.dashboard.page_form import PageForm, go_back, send_form


@pytest.fixture
def shop(sqlite_url: str) -> Iterator[Served]:
    """Return a service on a shop that needs kettles and cups of two vendors, and has tins."""
    with served(sqlite_url) as running:
        running.accept("set-backorder-policy", backorders="allow")
        running.accept("change-threshold", threshold="notify_below", value=2)
        running.accept("register-source", source="depot")
        for sku, vendor in (("KETTLE", "Nordic"), ("CUP", "Kyoto"), ("TIN", "Nordic")):
            running.accept("register-product", sku=sku)
            running.accept("place-purchase-order", purchase_order=f"PO-{sku}", vendor=vendor,
                           lines=[{"sku": sku, "quantity": 1}])
            running.accept("receive-goods", purchase_order=f"PO-{sku}", receipt=f"R-{sku}")
        running.accept("receive-stock", sku="TIN", quantity=9, source="depot")
        running.accept("place-order", order="SO-1", customer="Anna", lines=[
            {"sku": "KETTLE", "quantity": 5}, {"sku": "CUP", "quantity": 3},
        ])
        assert running.ask("/replenishment")["total"] == 3      # and is folded by then
        yield running


def test_all_that_is_proposed_is_tried_and_applied_as_one(shop: Served) -> None:
    page = shop.client.get("/view/replenishment")
    tried = send_form(shop, page, "")
    assert "2 purchase orders and 1 transfer" in tried.text
    assert "Whose promise moves" in tried.text
    done = send_form(shop, tried, "apply")
    assert done.url.path == "/view/replenishment" if done.history else done.status_code == 303
    assert shop.ask("/replenishment")["rows"] == []
    assert [row["remaining"] for row in shop.ask("/backorders/vendor")["rows"]] == [4, 6]
    assert shop.ask("/stock/TIN")["on_hand"] == {"default": 2, "depot": 8}


def test_one_order_alone_is_tried_by_its_button(shop: Served) -> None:
    page = shop.client.get("/view/replenishment")
    tried = send_form(shop, page, "", only="0", **{"quantity-0.0": "7", "expected-0": "2099-01-02"})
    assert "Order from Kyoto" in tried.text
    answer = send_form(shop, tried, "apply")
    assert "/view/purchase-orders/PO-" in (answer.headers.get("location") or str(answer.url))
    [row] = shop.ask("/backorders/vendor")["rows"]
    assert (row["vendor"], row["sku"], row["remaining"]) == ("Kyoto", "CUP", 7)
    assert row["expected_date"] == "2099-01-02"


def test_what_is_not_ticked_is_not_ordered(shop: Served) -> None:
    page = shop.client.get("/view/replenishment")
    assert "Order from Nordic" in send_form(shop, page, "", line=["1.0"]).text
    nothing = send_form(shop, page, "", line=[])
    assert nothing.status_code == 422
    assert "Nothing is ticked" in nothing.text


def test_back_from_a_dry_run_brings_what_was_ticked_and_written(shop: Served) -> None:
    page = shop.client.get("/view/replenishment")
    tried = send_form(shop, page, "", line=["1.0"], **{"quantity-1.0": "11"})
    back = PageForm(go_back(shop, tried).text).fields
    assert [value for name, value in back if name == "line"] == ["1.0"]
    assert ("quantity-1.0", "11") in back
    shop.accept("receive-stock", sku="CUP", quantity=50)
    assert shop.ask("/replenishment")["total"] == 2     # number 1 would be another item's by now
    assert "11" not in dict(PageForm(go_back(shop, tried).text).fields).values()


def test_what_is_wrong_is_said_at_its_field_and_all_else_stays(shop: Served) -> None:
    page = shop.client.get("/view/replenishment")
    wrong = send_form(shop, page, "", **{
        "quantity-0.0": "many", "vendor-1": "", "number-1": "MINE", "line": ["0.0", "1.0"],
    })
    assert wrong.status_code == 422
    assert "Name the vendor to order from." in wrong.text
    assert 'aria-describedby="error-0.0"' in wrong.text
    assert 'value="many"' in wrong.text
    assert 'value="MINE"' in wrong.text
    again = send_form(shop, wrong, "", **{"quantity-0.0": "2", "vendor-1": "Nordic"})
    assert "2 purchase orders" in again.text
    assert "transfer" not in again.text.partition("</h1>")[0].rpartition("<h1>")[2]


def test_lines_that_the_page_did_not_have_are_told_of(shop: Served) -> None:
    page = shop.client.get("/view/replenishment")
    strange = send_form(shop, page, "", line=["9" * 5000, "x.y", "t.z", "0.<i>"])
    assert strange.status_code == 422
    assert "<i>" not in strange.text


def test_who_may_only_read_sees_the_same_without_a_form(shop: Served) -> None:
    position = shop.service.ledger.head().position
    past = shop.client.get(f"/view/replenishment?as_of={position}").text
    assert "Try this order" not in past
    assert 'method="post"' not in past
    assert "level 2 + wanted 5 \N{MINUS SIGN} there 1 = 6" in past


def test_the_quantity_of_each_row_is_what_its_arithmetic_comes_to(shop: Served) -> None:
    shop.accept("register-source", source="east")
    shop.accept("define-pool", pool="trade", sources=["east"])
    shop.accept("receive-stock", sku="KETTLE", quantity=2, source="east")
    shop.accept("change-threshold", sku="KETTLE", pool="trade", threshold="notify_below", value=0)
    rows = {each["sku"]: each for each in shop.ask("/replenishment")["rows"]}
    row = rows["KETTLE"]
    assert (row["missing"], row["transfer_quantity"], row["order_quantity"]) == (6, 2, 4)
    page = shop.client.get("/view/replenishment").text
    orders, _, transfers = page.partition('id="transfers"')
    assert "6 \N{MINUS SIGN} by transfer 2 = 4<" in orders
    assert "of it by transfer 2<" in transfers
    assert transfers.count("of it by transfer") == 1, "TIN is moved whole: its arithmetic is all"


def test_the_list_is_the_same_as_table(shop: Served) -> None:
    rows = shop.client.get("/view/replenishment?format=csv").text.splitlines()
    assert "sku,name,vendor,missing,uncovered,transfer_quantity,order_quantity" in rows[0]
    assert len(rows) == 1 + shop.ask("/replenishment")["total"]


def test_today_counts_what_replenish_orders_and_asks_for_dates_of_what_is_ordered(
    shop: Served,
) -> None:
    today = shop.client.get("/", headers={"Accept": "text/html"}).text
    assert "items wait for units that are not on order" in today
    for sku, quantity in (("KETTLE", 6), ("CUP", 4)):
        shop.accept("place-purchase-order", purchase_order=f"NEW-{sku}", vendor="Nordic",
                    lines=[{"sku": sku, "quantity": quantity}])
    assert shop.ask("/replenishment", facet="uncovered")["rows"] == []
    today = shop.client.get("/", headers={"Accept": "text/html"}).text
    assert "that are not on order" not in today
    assert "purchase orders have no date" in today
    assert "NEW-KETTLE" in today
    assert "/view/actions/confirm-purchase-order?purchase_order=NEW-" in today
    assert "place-purchase-order?" not in today, "nothing is to be ordered again"
    tile = re.search(r'<b>0</b> items to order</a> <small>([^<]*)', today)
    assert tile is not None
    assert tile[1] == "that lines wait for; 2 more ordered without a date"
    assert not re.search(r"items? uncovered|Uncovered: order", today), "that is the word for pegs"


def test_what_today_says_is_below_its_level_is_what_replenish_lifts(shop: Served) -> None:
    for sku in ("KETTLE", "CUP"):
        shop.accept("place-purchase-order", purchase_order=f"NEW-{sku}", vendor="Nordic",
                    lines=[{"sku": sku, "quantity": 50, "expected_date": "2099-01-01"}])
    today = shop.client.get("/", headers={"Accept": "text/html"}).text
    assert "item is below its level" in today
    shop.accept("place-purchase-order", purchase_order="NEW-TIN", vendor="Nordic",
                lines=[{"sku": "TIN", "quantity": 2}])
    assert shop.ask("/replenishment")["rows"] == []
    today = shop.client.get("/", headers={"Accept": "text/html"}).text
    assert "below its level" not in today
    assert "facet=below_level" not in today


def test_today_says_how_many_more_there_are_than_it_names(shop: Served) -> None:
    lines = []
    for number in range(3):
        shop.accept("register-product", sku=f"LID-{number}")
        shop.accept("receive-stock", sku=f"LID-{number}", quantity=1)
        lines.append({"sku": f"LID-{number}", "quantity": 9})
    shop.accept("place-order", order="SO-2", customer="Bert", lines=lines)
    assert shop.ask("/replenishment", facet="uncovered")["total"] == 5
    assert "and 2 more" in shop.client.get("/", headers={"Accept": "text/html"}).text


def test_what_today_orders_and_transfers_is_what_replenish_does(shop: Served) -> None:
    shop.accept("place-order", order="SO-2", customer="Bert",
                lines=[{"sku": "TIN", "quantity": 12}])
    [row] = [each for each in shop.ask("/replenishment")["rows"] if each["sku"] == "TIN"]
    today = shop.client.get("/", headers={"Accept": "text/html"}).text
    assert (row["transfer_quantity"], row["order_quantity"]) == (9, 4)
    assert re.search(r'>TIN<.*?"number">9</td><td class="number">4</td>', today, re.DOTALL)
    assert "/view/replenishment?facet=uncovered&amp;vendor=Nordic" in today
