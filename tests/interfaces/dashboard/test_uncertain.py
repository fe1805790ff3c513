"""Uncertain promises, in a browser: what rests on an overdue receipt is so marked everywhere."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.interfaces.dashboard.visitor import Visitor

TODAY = datetime.now(UTC).date()


def day(number: int) -> str:
    """Name a day, counted from today."""
    return (TODAY + timedelta(days=number)).isoformat()


@pytest.fixture
def overdue(visitor: Visitor) -> Visitor:
    """Let Anna wait for a receipt that is 6 days overdue, and Bert for one that is not."""
    shop = visitor.shop
    for sku in ("KETTLE", "CUP"):
        shop.accept("register-product", sku=sku)
        shop.accept("receive-stock", sku=sku, quantity=1)
    shop.accept("set-backorder-policy", backorders="allow")
    for number, (sku, customer, expected) in enumerate((
        ("KETTLE", "Anna", -6), ("CUP", "Bert", 5)
    ), start=1):
        shop.accept("place-purchase-order", purchase_order=f"PO-{number}", vendor="Kyoto Kogei",
                    lines=[{"sku": sku, "quantity": 9, "expected_date": day(expected)}])
        shop.accept("place-order", order=f"SO-{number}", customer=customer, lines=[
            {"sku": sku, "quantity": 4, "requested_date": day(-7)}])
    shop.ask("/stock/KETTLE")
    return visitor


def said_of(visitor: Visitor, row: str) -> str:
    """Read the row of a table in which something stands."""
    return visitor.page.locator(f"tbody tr:has-text({row!r})").first.inner_text()


@pytest.mark.parametrize("path", [
    "/view/backorders/customer", "/view/backorders/item", "/view/items/KETTLE",
])
def test_a_date_that_rests_on_an_overdue_receipt_is_marked_beside_it(
    overdue: Visitor, path: str
) -> None:
    overdue.open(path)
    kettle = "SO-1" if "KETTLE" in path or "customer" in path else "KETTLE"
    marked = said_of(overdue, kettle) if "items" not in path else overdue.text
    assert day(1) in marked
    assert "uncertain" in marked
    assert "PO-1" in marked
    assert "6 days overdue" in marked
    overdue.open(path.replace("KETTLE", "CUP"))
    if "items" in path:
        assert "uncertain" not in overdue.page.inner_text("section:has(#waiting)")
    else:
        assert "uncertain" not in said_of(overdue, "Bert" if "customer" in path else "CUP")


def test_the_pages_of_the_order_and_the_purchase_order_mark_it(overdue: Visitor) -> None:
    overdue.open("/view/orders", "SO-1")
    line = said_of(overdue, "KETTLE")
    assert f"on {day(1)} uncertain" in line
    assert "is 6 days overdue" in line
    overdue.open("/view/purchase-orders", "PO-1")
    assert f"on {day(1)} uncertain" in overdue.text
    overdue.open("/view/purchase-orders", "PO-2")
    assert "uncertain" not in overdue.text


def test_today_counts_them_and_leads_to_them(overdue: Visitor) -> None:
    overdue.open("/")
    section = overdue.page.inner_text("section:has(h2:has-text('Uncertain promises'))")
    assert "SO-1" in section
    assert "6 days overdue" in section
    assert "SO-2" not in section
    overdue.page.click(".tiles a:has-text('promise uncertain')")
    overdue.page.wait_for_url("**uncertain=1**")
    assert overdue.page.get_attribute("[data-total]", "data-total") == "1"
    assert overdue.page.is_checked("[type=checkbox][name=uncertain]")
    overdue.follow("nav.tabs a:text('By vendor')")
    assert "PO-1" in overdue.page.inner_text("tbody")
    assert "PO-2" not in overdue.page.inner_text("tbody")


def test_a_slip_to_an_uncertain_date_says_so_in_the_notices_and_beforehand(
    overdue: Visitor,
) -> None:
    overdue.open("/view/actions/delay-purchase-order", query="?purchase_order=PO-2")
    said = overdue.act(expected_date=day(-2), reason="it should have come")
    assert "uncertain" in said
    overdue.shop.accept("cancel-purchase-order", purchase_order="PO-2")
    overdue.shop.ask("/stock/CUP")
    overdue.open("/view/orders", "SO-2")
    changed = overdue.page.inner_text("section:has(h2:has-text('What became'))")
    assert "uncertain" in changed


def test_the_mark_is_not_made_by_colour_alone(overdue: Visitor) -> None:
    overdue.open("/view/backorders/customer")
    mark = overdue.page.locator(".doubt").first
    assert mark.inner_text() == "uncertain"
    assert mark.evaluate("each => getComputedStyle(each).borderStyle") == "dashed"


def test_an_item_says_when_more_could_be_promised_and_whether_it_would_be_accepted(
    overdue: Visitor,
) -> None:
    shop = overdue.shop
    overdue.open("/view/items", "KETTLE")
    assert "would be accepted now" in overdue.page.inner_text("#promised")
    overdue.fill(quantity="5")
    overdue.click("Ask")
    said = overdue.page.inner_text("#promised")
    assert f"5 more can be promised for {day(1)} uncertain" in said
    shop.accept("set-backorder-policy", sku="KETTLE", backorders="no")
    shop.ask("/stock/KETTLE")
    overdue.open("/view/items", "KETTLE", query="?quantity=2")
    said = overdue.page.inner_text("#promised")
    assert f"would not be accepted now, but from {day(1)} on" in said
    overdue.open("/view/items", "KETTLE", query="?quantity=none")
    assert "is no quantity" in overdue.text


def test_a_receipt_that_helps_nobody_is_listed_with_the_reason(overdue: Visitor) -> None:
    shop = overdue.shop
    shop.accept("set-stock-status", sku="KETTLE", status="out_of_stock")
    shop.accept("place-purchase-order", purchase_order="PO-3", vendor="Lumen", lines=[
        {"sku": "CUP", "quantity": 3}])
    shop.ask("/stock/KETTLE")
    overdue.open("/view/items", "KETTLE")
    receipts = overdue.page.inner_text("section:has(#receipts)")
    assert "blocked: item out of stock" in receipts
    overdue.open("/view/items", "CUP")
    assert "undated" in overdue.page.inner_text("section:has(#receipts)")
    overdue.open("/view/backorders/vendor")
    assert "undated" in said_of(overdue, "PO-3")
    assert "out of stock" in said_of(overdue, "PO-1")
