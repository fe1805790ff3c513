"""Customers and vendors in the browser: names for whoever may know them, figures that lead on."""

import httpx

from stocktrail.ledger.store.side_tables.access import Scope
from tests.interfaces.api.serving import Served


def as_one_with(shop: Served, scope: Scope) -> httpx.Client:
    """Return a client with a token of a scope."""
    secret, _ = shop.service.tokens.tokens.create("somebody", scope)
    return httpx.Client(
        base_url=shop.client.base_url, headers={"Authorization": f"Bearer {secret}"}
    )


def test_names_are_told_to_whoever_may_know_them(guarded_shop: Served) -> None:
    with as_one_with(guarded_shop, "admin") as admin, as_one_with(guarded_shop, "read") as reader:
        admin.post("/commands/register-customer", json={
            "customer": "C-7", "name": "Grace Hopper", "email": "grace@example.org",
        })
        admin.post("/commands/place-order", json={
            "order": "SO-7", "customer": "C-7", "lines": [{"sku": "KETTLE", "quantity": 1}],
        })
        for address in ("/view/customers", "/view/customers/C-7", "/customers",
                        "/view/customers?format=csv", "/view/customers?q=hopper"):
            told, not_told = admin.get(address), reader.get(address)
            assert "Hopper" in told.text, address
            assert "Hopper" not in not_told.text.replace('value="hopper"', ""), address
            assert told.headers["Cache-Control"] == not_told.headers["Cache-Control"] == "no-store"
            assert "C-7" in not_told.text or "q=" in address
        assert reader.get("/customers?q=hopper").json()["total"] == 0
        admin.post("/commands/erase-customer", json={"customer": "C-7", "reason": "asked"})
        assert "Hopper" not in admin.get("/view/customers/C-7").text
        assert admin.get("/customers?q=hopper").json()["total"] == 0


def test_who_is_not_known_is_not_found(empty_shop: Served) -> None:
    for address in ("/view/customers/NOBODY", "/view/vendors/NOBODY"):
        answer = empty_shop.client.get(address)
        assert answer.status_code == 404
        assert "NOBODY" in answer.text


def test_a_vendor_that_delivers_shows_how_it_kept_what_it_said(empty_shop: Served) -> None:
    shop = empty_shop
    shop.accept("register-product", sku="KETTLE")
    shop.accept("place-purchase-order", purchase_order="PO-1", vendor="Acme / Söhne", lines=[
        {"sku": "KETTLE", "quantity": 4, "expected_date": "2026-01-10"},
        {"sku": "KETTLE", "quantity": 2, "expected_date": "2030-01-10"},
    ])
    shop.accept("receive-goods", purchase_order="PO-1", receipt="R-1",
                lines=[{"line": 1, "quantity": 4}], occurred_at="2026-01-13T09:00:00Z")
    found = shop.ask("/vendors/Acme%20%2F%20S%C3%B6hne")
    assert found["performance"]["average_days_late"] == 3.0
    assert (found["open_lines"], found["performance"]["in_full"]) == (1, 1)
    page = shop.client.get("/view/vendors/Acme%20%2F%20S%C3%B6hne").text
    assert "100 %" in page
    assert "3 days at worst" in page
