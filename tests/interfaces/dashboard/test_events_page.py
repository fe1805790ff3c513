"""The page of events: narrowed down by what stands in its form, in links, on CLI and over HTTP."""

import re

from tests.interfaces.api.serving import Served
from tests.interfaces.terminal import Terminal


def test_rows_lead_to_what_was_sent_together(busy_shop: Served) -> None:
    [row] = busy_shop.client.get("/view/events?limit=1&format=json").json()["rows"]
    page = busy_shop.client.get("/view/events?limit=1").text
    [link] = re.findall(r'href="(/view/events\?command=[^"]*)"', page)
    together = busy_shop.client.get(f"{link}&format=json").json()
    assert {each["command_id"] for each in together["rows"]} == {row["command_id"]}
    assert together["next"] is None


def test_the_events_of_a_customer_are_those_of_all_orders(busy_shop: Served) -> None:
    asked = {"customer": "Island Trading", "type": "OrderPlaced", "limit": 1000}
    rows = busy_shop.ask("/events/latest", **asked)["rows"]
    assert rows
    assert {row["data"]["customer"] for row in rows} == {"Island Trading"}
    placed = busy_shop.ask("/events/latest", type="OrderPlaced", limit=1000)["rows"]
    assert len(rows) == sum(row["data"]["customer"] == "Island Trading" for row in placed)


def test_a_day_without_events_says_so_and_is_the_last_page(busy_shop: Served) -> None:
    asked = {"since": "2020-01-01", "until": "2020-01-01"}
    page = busy_shop.client.get("/view/events", params=asked).text
    assert "Nothing like it was recorded." in page
    assert 'rel="next"' not in page
    for day in ("2019-12-31", "2020-01-02"):
        assert f"since={day}&amp;until={day}" in page
    refused = busy_shop.client.get("/view/events?since=soon&format=json")
    assert (refused.status_code, refused.json()["code"]) == (422, "bad_moment")


def test_the_command_line_narrows_the_log_down_too(terminal: Terminal) -> None:
    terminal.type("register-product", "--sku", "A", "--actor", "Ada")
    terminal.type("receive-stock", "--sku", "A", "--quantity", "4")
    for name, customer in (("SO-1", "C-1"), ("SO-2", "C-2")):
        terminal.type(
            "place-order", "--order", name, "--customer", customer, "--id", name,
            "--lines", '[{"sku": "A", "quantity": 1}]', "--actor", "Ada",
        )

    def types(*flags: str) -> list[str]:
        return [row["type"] for row in terminal.type("events", "--json", *flags).rows]

    of_an_order = ["OrderPlaced", "StockReserved"]
    assert types("--actor", "Ada") == ["ProductRegistered", *2 * of_an_order]
    assert types("--actor", "Ada", "--type", "OrderPlaced") == ["OrderPlaced"] * 2
    assert types("--customer", "C-2") == ["OrderPlaced"]
    assert types("--command", "SO-2") == of_an_order
    assert types("--until", "2020-01-01") == types("--command", "none") == []
    assert len(types("--since", "2020-01-01")) == 6
    assert terminal.type("events", "--follow", "--customer", "C-2").status == 4
    assert "neither a day" in terminal.type("events", "--since", "soon").err
