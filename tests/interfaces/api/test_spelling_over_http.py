"""Over HTTP and in the browser, what is asked for decomposed is found where it is kept composed."""

from urllib.parse import quote

from tests.interfaces.api.serving import Served

COMPOSED, DECOMPOSED = "caf\u00e9", "cafe\u0301"


def test_over_http_it_is_found_in_a_path_a_query_and_a_key(shop: Served) -> None:
    shop.send("register-product", sku=DECOMPOSED)
    for way in (COMPOSED, DECOMPOSED):
        assert shop.ask(f"/stock/{quote(way)}")["sku"] == COMPOSED
        events = shop.client.get("/events", params={"subject": f"stock/{way}"}).json()
        assert [each["subject"] for each in events] == [f"stock/{COMPOSED}"]
        beginning = shop.client.get("/events", params={"subject": f"stock/{way}*"}).json()
        assert events[0] in beginning
    hits = [
        shop.client.post(
            "/commands/receive-stock", json={"sku": COMPOSED, "quantity": 1, "id": DECOMPOSED},
            headers=[(b"Idempotency-Key", way.encode())],
        ).headers.get("Idempotency-Hit")
        for way in (COMPOSED, DECOMPOSED)
    ]
    assert hits == [None, "true"]


def test_the_longest_id_has_an_address_in_either_spelling(shop: Served) -> None:
    shop.send("register-product", sku="e\u0301" * 128)
    for way in ("\u00e9" * 128, "e\u0301" * 128):
        assert shop.ask(f"/stock/{quote(way)}")["sku"] == "\u00e9" * 128


def test_in_the_browser_it_is_found_by_what_is_typed(shop: Served) -> None:
    shop.send("register-product", sku=COMPOSED)
    shop.ask(f"/stock/{quote(COMPOSED)}")
    for way in (COMPOSED, DECOMPOSED):
        found = shop.client.get("/view/find", params={"q": way}, follow_redirects=True)
        assert found.status_code == 200
        assert COMPOSED in found.text
