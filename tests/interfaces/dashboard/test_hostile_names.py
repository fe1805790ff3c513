"""Names that mean harm: markup, formulas, other directions of writing, and far too much of it."""

import csv
from io import StringIO

import pytest

from tests.interfaces.api.serving import Served
from tests.interfaces.dashboard.visitor import Visitor

SCRIPT = "<script>alert(1)</script><img src=x onerror=alert(2)>\"'><b>"
BACKWARDS = "\u202e\u05e9\u05dc\u05d5\u05dd gnp.exe\u202d {{ 7*7 }} ${7*7} </textarea></pre>"
LONG = "W" * 1000
SKU = "a/b?c#<i>'\"&%2F \u05d0"
WIDEST = "W" * 128
FAR_TOO_LONG = "Ж" * 10_000


def fill_with_malice(shop: Served) -> None:
    """Let every name that somebody may choose mean harm."""
    shop.accept("register-product", sku=SKU, name=SCRIPT)
    shop.accept("register-product", sku="LONG", name=LONG)
    shop.accept("set-backorder-policy", backorders="allow")
    for sku in (SKU, "LONG"):
        shop.accept("receive-stock", sku=sku, quantity=1, reason=BACKWARDS)
    shop.accept("place-order", order=SCRIPT, customer=SCRIPT, lines=[
        {"sku": SKU, "quantity": 5}, {"sku": "LONG", "quantity": 2}])
    shop.accept("place-purchase-order", purchase_order="</script>", vendor="=HYPERLINK(1)", lines=[
        {"sku": SKU, "quantity": 9, "expected_date": "2030-01-10"}])
    shop.accept("delay-purchase-order", purchase_order="</script>", expected_date="2030-02-10",
                reason=SCRIPT)
    shop.accept("receive-goods", purchase_order="</script>", receipt=SCRIPT,
                lines=[{"line": 1, "quantity": 1}])
    shop.accept("register-product", sku=WIDEST)
    shop.accept("count-stock", sku=WIDEST, counted=0)
    shop.accept("place-order", order=WIDEST, customer=WIDEST, lines=[
        {"sku": WIDEST, "quantity": 2, "requested_date": "2030-01-10"}])
    shop.accept("place-purchase-order", purchase_order=WIDEST, vendor=WIDEST, lines=[
        {"sku": WIDEST, "quantity": 2, "expected_date": "2030-01-10"}])
    shop.accept("receive-goods", purchase_order=WIDEST, receipt=WIDEST,
                lines=[{"line": 1, "quantity": 1}])
    shop.accept("cancel-purchase-order", purchase_order=WIDEST, reason=WIDEST)
    shop.ask("/stock/LONG")


PAGES = (
    ("/",), ("/view/items",), ("/view/items", SKU), ("/view/items", SKU, "why"),
    ("/view/items", SKU, "split"), ("/view/items", SKU, "movements"),
    ("/view/items", SKU, "chart"), ("/view/items", "LONG"),
    ("/view/orders", SCRIPT), ("/view/orders", SCRIPT, "why"),
    ("/view/purchase-orders", "</script>"), ("/view/backorders/item",),
    ("/view/backorders/customer",), ("/view/backorders/vendor",), ("/view/events",),
    ("/view/events", "8"), ("/view/notices",), ("/view/ready-to-ship",), ("/view/pick-list",),
    ("/view/purchase-orders", "</script>", "receipts", SCRIPT), ("/view/to-tell",),
    ("/view/purchase-orders", WIDEST, "receipts", WIDEST), ("/view/purchase-orders", WIDEST),
    ("/view/orders", WIDEST),
)


@pytest.fixture
def harmed(visitor: Visitor) -> Visitor:
    """Return a visitor of a shop full of malice, on a phone."""
    fill_with_malice(visitor.shop)
    visitor.page.set_viewport_size({"width": 360, "height": 700})
    return visitor


def test_names_are_nothing_but_text_on_every_page(harmed: Visitor) -> None:
    for page in PAGES:
        harmed.open(*page)
        width = harmed.page.evaluate("document.documentElement.scrollWidth")
        assert width <= 360, f"{page} is {width} pixels wide"
        assert harmed.page.locator("main :is(script, img, i:not(.chart-key i))").count() == 0, page
    harmed.open("/view/find", query="?q=www")
    assert harmed.page.locator(".found li").count() > 3
    assert harmed.page.evaluate("document.documentElement.scrollWidth") <= 360
    harmed.open("/view/items", SKU)
    assert SCRIPT in harmed.page.locator("h1 + .name").inner_text()
    harmed.page.wait_for_selector(".uplot")


def test_what_is_typed_comes_back_as_text(harmed: Visitor) -> None:
    harmed.page.set_viewport_size({"width": 1280, "height": 800})
    for typed in (SCRIPT, FAR_TOO_LONG, BACKWARDS):
        harmed.open("/view/actions/receive-stock")
        harmed.fill(sku=typed, quantity="1", reason=typed)
        harmed.page.click("button[value=try]")
        harmed.page.locator(".error").first.wait_for()
        assert harmed.page.input_value("[name=reason]") == typed
        harmed.open("/view/items")
        harmed.fill(q=typed)
        harmed.page.wait_for_selector("#found :is(td:has-text('Nothing is found'), td bdi)")


def test_no_cell_of_a_csv_file_is_a_formula(harmed: Visitor) -> None:
    written = harmed.shop.client.get("/view/backorders/vendor?format=csv").content
    row = next(csv.DictReader(StringIO(written.decode("utf-8-sig"))))
    assert row["vendor"] == "'=HYPERLINK(1)"
