"""The shop's time zone over HTTP and in the browser: it is set, and shown where today is."""

from tests.interfaces.api.serving import Served

LOS_ANGELES = "America/Los_Angeles"


def test_it_is_set_and_shown_where_today_is_shown(shop: Served) -> None:
    assert shop.ask("/backorders/customer")["time_zone"] == "UTC"
    shop.send("set-time-zone", zone=LOS_ANGELES)
    shop.send("place-order", order="SO-1", customer="ADA", occurred_at="2026-03-02T04:00:00Z",
              lines=[{"sku": "WIDGET", "quantity": 1}])
    assert shop.ask("/orders/SO-1")["lines"][0]["requested_date"] == "2026-03-01"
    assert shop.ask("/backorders/customer")["time_zone"] == LOS_ANGELES
    for page in ("/", "/view/backorders/customer", "/view/settings"):
        answer = shop.client.get(page, follow_redirects=True)
        assert answer.status_code == 200, page
        assert LOS_ANGELES in answer.text, page


def test_a_day_alone_is_the_shops(shop: Served) -> None:
    shop.send("set-time-zone", zone=LOS_ANGELES)
    shop.send("receive-stock", sku="WIDGET", quantity=5, occurred_at="2026-03-02T04:00:00Z")
    for day, on_hand in (("2026-02-28", {}), ("2026-03-01", {"default": 5})):
        assert shop.ask(f"/stock/WIDGET?occurred_as_of={day}")["on_hand"] == on_hand
        for cutoff in (day, f"{day}T20:00:00Z"):
            assert shop.ask(f"/backorders/customer?cutoff={cutoff}")["cutoff"] == day


def test_a_zone_that_nobody_knows_is_invalid(shop: Served) -> None:
    answer = shop.client.post("/commands/set-time-zone", json={"zone": "Mars/Olympus_Mons"})
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/zone")
