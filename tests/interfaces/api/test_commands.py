"""Commands over HTTP: one at a time, each exactly once, refused with codes."""

from typing import Any

import pytest

from tests.interfaces.api.serving import Served


def test_a_command_is_recorded_and_says_where(shop: Served) -> None:
    answer = shop.send("receive-stock", sku="WIDGET", quantity=5)
    assert answer.status_code == 201
    assert answer.headers["Position"] == "3"
    assert answer.json()["status"] == "accepted"
    assert [event["type"] for event in answer.json()["events"]] == ["StockReceived"]


def test_what_cannot_have_happened_yet_is_409_and_a_past_below_zero_is_said(shop: Served) -> None:
    late = {"sku": "WIDGET", "quantity": 5, "occurred_at": "2062-03-02T00:00:00Z"}
    refused = shop.send("receive-stock", **late)
    assert (refused.status_code, refused.json()["code"]) == (409, "occurred_in_future")
    told = shop.send("adjust-stock", sku="WIDGET", delta=-5, reason="theft",
                     occurred_at="2020-03-02T00:00:00Z")
    assert told.status_code == 201
    assert told.json()["messages"][0].startswith("past_below_zero: ")


def test_a_command_names_itself_at_the_common_address(shop: Served) -> None:
    body = {"command": "receive-stock", "sku": "WIDGET", "quantity": "2.0000"}
    answer = shop.client.post("/commands", json=body)
    assert answer.status_code == 201, answer.text
    assert shop.ask("/stock/WIDGET")["supply"] == 27


def test_the_idempotency_key_is_the_id(shop: Served) -> None:
    def receive(quantity: int, **more: Any) -> Any:
        return shop.client.post(
            "/commands/receive-stock", json={"sku": "WIDGET", "quantity": quantity, **more},
            headers={"Idempotency-Key": "k-1"},
        )

    first, again, other = receive(5), receive(5, id="k-1"), receive(6)
    assert (first.status_code, first.json()["id"]) == (201, "k-1")
    assert "Idempotency-Hit" not in first.headers
    assert (again.status_code, again.headers["Idempotency-Hit"]) == (200, "true")
    assert again.json() == first.json() | {"status": "duplicate"}
    assert (other.status_code, other.json()["code"]) == (422, "conflict")
    assert other.json()["details"]["field"] == "quantity"
    assert shop.ask("/stock/WIDGET")["supply"] == 30


def test_a_key_that_contradicts_the_body_is_invalid(shop: Served) -> None:
    answer = shop.client.post(
        "/commands/receive-stock", json={"sku": "WIDGET", "quantity": 5, "id": "mine"},
        headers={"Idempotency-Key": "yours"},
    )
    assert answer.status_code == 422
    assert [error["code"] for error in answer.json()["errors"]] == ["conflicting_id"]
    assert shop.ask("/stock/WIDGET")["supply"] == 25


def test_a_refused_command_is_409_with_code_sentence_and_details(shop: Served) -> None:
    answer = shop.send(
        "place-order", order="SO-1", customer="ADA", lines=[{"sku": "WIDGET", "quantity": 26}]
    )
    problem = answer.json()
    assert answer.status_code == 409
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert problem["code"] == "not_enough_salable"
    assert problem["type"] == "urn:stocktrail:problem:not_enough_salable"
    assert problem["status"] == 409
    assert problem["result"]["status"] == "rejected"
    assert problem["details"]["sku"] == "WIDGET"


def test_a_dry_run_says_what_would_happen_and_records_nothing(shop: Served) -> None:
    answer = shop.client.post(
        "/commands/receive-stock?dry_run=true", json={"sku": "WIDGET", "quantity": 5}
    )
    assert answer.status_code == 200
    assert answer.json()["dry_run"] is True
    assert answer.json()["judged_at"] == 2
    assert shop.ask("/stock/WIDGET")["supply"] == 25


def test_a_dry_run_about_who_waits_previews_whose_promise_moves(shop: Served) -> None:
    shop.accept("set-backorder-policy", sku="WIDGET", backorders="allow")
    shop.accept("place-order", order="SO-1", customer="ADA", lines=[
        {"sku": "WIDGET", "quantity": 30, "requested_date": "2031-03-01"}])
    shop.accept("place-purchase-order", purchase_order="PO-1", vendor="Acme", lines=[
        {"sku": "WIDGET", "quantity": 5, "expected_date": "2031-03-05"}])
    answer = shop.client.post("/commands/delay-purchase-order?dry_run=true", json={
        "purchase_order": "PO-1", "expected_date": "2031-03-09", "reason": "strike"})
    [slip] = answer.json()["preview"]["slips"]
    assert (slip["customer"], slip["new_date"]) == ("ADA", "2031-03-09")


@pytest.mark.parametrize(("body", "status", "code"), [
    (b'{"sku": "WIDGET", "quantity": 1', 400, "not_json"),
    (b'{"sku": "WIDGET", "sku": "WIDGET", "quantity": 1}', 422, "invalid"),
    (b'{"sku": "WIDGET", "quantity": NaN}', 400, "not_json"),
    (b'{"sku": "\xff", "quantity": 1}', 400, "not_utf8"),
    (b"[" * 100_000, 400, "not_json"),
    (b"", 400, "not_json"),
    (b"[]", 422, "not_an_object"),
    (b'{"sku": "WIDGET"}', 422, "invalid"),
    (b'{"sku": "WIDGET", "quantity": 1.00000000000000000001}', 422, "invalid"),
    (b'{"sku": "WIDGET", "quantity": 1, "colour": "red"}', 422, "invalid"),
    (b'{"sku": "WIDGET", "quantity": 1, "group": "g"}', 422, "invalid"),
    (b'{"command": "adjust-stock", "sku": "WIDGET", "quantity": 1}', 422, "invalid"),
], ids=repr)
def test_a_body_is_judged_by_the_rules_of_scripts(
    shop: Served, body: bytes, status: int, code: str
) -> None:
    answer = shop.client.post(
        "/commands/receive-stock", content=body, headers={"Content-Type": "application/json"}
    )
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert shop.ask("/stock/WIDGET")["supply"] == 25


def test_wrong_fields_are_named_by_json_pointers(shop: Served) -> None:
    answer = shop.send("place-order", order="SO-1", customer="ADA", lines=[{"sku": "WIDGET"}])
    [error] = answer.json()["errors"]
    assert error == {
        "pointer": "/lines/0/quantity", "code": "missing",
        "message": "lines.0.quantity is missing.",
    }


@pytest.mark.parametrize(("body", "pointer", "code"), [
    (b'{"sku": "WIDGET", "quantity": 1, "quantity": 2}', "/quantity", "duplicate_key"),
    (b'{"order": "SO-1", "lines": [{"sku": "A", "sku": "B"}]}', "/lines/0/sku", "duplicate_key"),
    (b"[1, 2]", "", "not_an_object"),
    (b'"WIDGET"', "", "not_an_object"),
    (b'[{"a": 1, "a": 2}]', "", "not_an_object"),
], ids=repr)
def test_a_body_that_is_json_but_no_command_is_422_and_says_where(
    shop: Served, body: bytes, pointer: str, code: str
) -> None:
    for address in ("/commands", "/commands/receive-stock", "/webhooks"):
        answer = shop.client.post(
            address, content=body, headers={"Content-Type": "application/json"}
        )
        [error] = answer.json()["errors"]
        assert (answer.status_code, error["pointer"], error["code"]) == (422, pointer, code)
        assert error["message"].endswith(".")


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", None,
                                  "application/json; charset=latin-1"])
def test_other_types_of_bodies_are_415(shop: Served, kind: str | None) -> None:
    headers = {} if kind is None else {"Content-Type": kind}
    answer = shop.client.post("/commands", content=b"{}", headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (415, "unsupported_media_type")


def test_a_command_that_does_not_exist_is_404(shop: Served) -> None:
    answer = shop.send("steal-stock", sku="WIDGET")
    assert (answer.status_code, answer.json()["code"]) == (404, "unknown_command")


def test_a_refusal_told_again_says_when_it_was_judged_and_one_of_the_unknown_is_judged_anew(
    shop: Served,
) -> None:
    wanted = {"order": "SO-1", "customer": "ADA", "lines": [{"sku": "WIDGET", "quantity": 26}]}
    first, again = (
        shop.client.post("/commands/place-order", json=wanted, headers={"Idempotency-Key": "k-1"})
        for _ in range(2)
    )
    assert (first.status_code, again.status_code) == (409, 409)
    assert "first_judged_at" not in first.json()
    told = again.json()["first_judged_at"]
    assert told == again.json()["result"]["first_judged_at"]
    assert told["position"] == first.json()["result"]["position"]
    assert told["time"].endswith("Z")

    def receive() -> Any:
        return shop.client.post(
            "/commands/receive-stock", json={"sku": "NEW", "quantity": 1},
            headers={"Idempotency-Key": "k-2"},
        )

    assert (receive().status_code, receive().json()["code"]) == (409, "unknown_sku")
    shop.send("register-product", sku="NEW")
    assert receive().status_code == 201
