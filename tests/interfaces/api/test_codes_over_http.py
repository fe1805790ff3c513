"""Codes over HTTP: each problem has the status that the catalogue of codes says."""

from typing import Any

import pytest

from stocktrail.interfaces.cli.code_origins import origins_of
from stocktrail.interfaces.codes import CODES, Met
from tests.interfaces.api.serving import Served
from tests.promises.pydantic_codes import IN_PARAMETERS

JSON = {"Content-Type": "application/json"}
CSV = {"Content-Type": "text/csv"}
ID = {"Idempotency-Key": "c-1"}

PROBLEMS: list[tuple[str, str, dict[str, Any], str]] = [
    ("GET", "/stock/NOWHERE", {}, "unknown_sku"),
    ("GET", "/stock/WIDGET?pool=nowhere", {}, "unknown_pool"),
    ("GET", "/stock/WIDGET?as_of=999", {}, "unknown_position"),
    ("GET", "/stock/WIDGET?at_least=999", {}, "unknown_position"),
    ("GET", "/stock/WIDGET?as_of=yesterday", {}, "bad_moment"),
    ("GET", "/stock/WIDGET/availability?quantity=0", {}, "not_positive"),
    ("GET", "/orders/SO-1", {}, "unknown_order"),
    ("GET", "/orders?sort=colour", {}, "unknown_column"),
    ("GET", "/orders?facet=colour", {}, "unknown_facet"),
    ("GET", "/orders?after=x", {}, "bad_page"),
    ("GET", "/orders?limit=5000", {}, "bad_limit"),
    ("GET", "/orders?colour=red", {}, "bad_parameter"),
    ("GET", "/vendors/NOBODY", {}, "unknown_vendor"),
    ("GET", "/events?after=999", {}, "cursor_beyond_log"),
    ("GET", "/events?types=Nothing", {}, "unknown_type"),
    ("GET", "/events", {"headers": {"Last-Event-ID": "x", "Accept": "text/event-stream"}},
     "bad_event_id"),
    ("GET", "/nothing", {"headers": {"Accept": "application/json"}}, "unknown_route"),
    ("DELETE", "/orders", {}, "method_not_allowed"),
    ("GET", "/schemas/Nothing.v1.json", {}, "unknown_schema"),
    ("POST", "/commands", {"content": b"{", "headers": JSON}, "not_json"),
    ("POST", "/commands", {"content": b"\xff", "headers": JSON}, "not_utf8"),
    ("POST", "/commands", {"content": b"[]", "headers": JSON}, "not_an_object"),
    ("POST", "/commands", {"content": b"x", "headers": CSV}, "unsupported_media_type"),
    ("POST", "/commands/nothing", {"json": {}}, "unknown_command"),
    ("POST", "/commands/receive-stock", {"json": {"sku": "WIDGET"}}, "invalid"),
    ("POST", "/commands/receive-stock", {"json": {"sku": "WIDGET", "quantity": 1.5}},
     "decimal_not_allowed"),
    ("POST", "/commands/adjust-stock",
     {"json": {"sku": "WIDGET", "delta": -99, "reason": "broken"}, "headers": ID},
     "not_enough_on_hand"),
    ("POST", "/commands/adjust-stock",
     {"json": {"sku": "WIDGET", "delta": -98, "reason": "broken"}, "headers": ID}, "conflict"),
    ("POST", "/commands/place-order",
     {"json": {"order": "SO-1", "customer": "C", "lines": [{"sku": "WIDGET", "quantity": 99}]}},
     "not_enough_salable"),
    ("DELETE", "/webhooks/nothing", {}, "unknown_webhook"),
]


def test_each_problem_has_the_status_that_is_said(sqlite_shop: Served) -> None:
    for method, address, sent, code in PROBLEMS:
        answer = sqlite_shop.client.request(method, address, **sent)
        assert answer.json()["code"] == code, address
        assert answer.status_code in {
            status for origin in origins_of(CODES[code]) for status in origin.http
        }, address


@pytest.mark.parametrize("again", [True, False], ids=["known later", "refused for ever"])
def test_the_same_id_gets_what_is_said(sqlite_shop: Served, again: bool) -> None:
    sku = "LATER" if again else "WIDGET"
    sent: dict[str, Any] = {"json": {"sku": sku, "delta": -99, "reason": "broken"},
                            "headers": ID}
    first = sqlite_shop.client.post("/commands/adjust-stock", **sent)
    assert first.json()["code"] == ("unknown_sku" if again else "not_enough_on_hand")
    sqlite_shop.accept("register-product", sku="LATER")
    sqlite_shop.accept("receive-stock", sku=sku, quantity=100)
    second = sqlite_shop.client.post("/commands/adjust-stock", **sent)
    assert second.status_code == (201 if again else 409)


def test_what_pydantic_refuses_in_a_parameter_is_a_code_of_the_catalogue(
    sqlite_shop: Served,
) -> None:
    for code, address in IN_PARAMETERS.items():
        answer = sqlite_shop.client.get(address)
        assert answer.json()["code"] == "bad_parameter"
        assert [error["code"] for error in answer.json()["errors"]] == [code], address
        assert Met.PARAMETER in CODES[code].met


@pytest.mark.parametrize(
    ("typed", "code", "said"),
    [
        ("a%0Ab", "control_character", "must not contain control characters."),
        ("", "string_too_short", "must not be empty."),
        ("x" * 3000, "string_too_long", "must have at most 512 characters."),
    ],
    ids=["a line end", "empty", "too long"],
)
def test_an_id_that_cannot_be_is_refused_in_words_not_by_a_pattern(
    sqlite_shop: Served, typed: str, code: str, said: str
) -> None:
    [error] = sqlite_shop.client.get(f"/backorders/item?customer={typed}").json()["errors"]
    assert (error["code"], error["message"]) == (code, f"customer: {said}")
