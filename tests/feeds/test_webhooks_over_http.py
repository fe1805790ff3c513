"""Webhooks over HTTP: what the command line can do, a program can do too."""

import time

import httpx
import pytest

from stocktrail.feeds.webhooks.signing import is_genuine
from tests.feeds.receiver import Receiver, receiving
from tests.interfaces.api.serving import Served, served

PATIENCE_SECONDS = 20.0


def created(api: Served, receiver: Receiver) -> str:
    """Create a webhook that hears of everything, and give its secret."""
    body = {"webhook": "shop", "url": receiver.url, "after": 0}
    answer = api.client.post("/webhooks", json=body)
    assert (answer.status_code, answer.headers["Position"]) == (201, "1")
    assert api.client.post("/webhooks", json=body).json()["secret"] == answer.json()["secret"]
    secret: str = answer.json()["secret"]
    return secret


def wait_for_messages(receiver: Receiver, count: int) -> None:
    """Wait until so many messages have come."""
    until = time.monotonic() + PATIENCE_SECONDS
    while len(receiver.messages) < count:
        assert time.monotonic() < until, receiver.messages
        time.sleep(0.05)


def test_created_tried_listed_and_deleted(sqlite_url: str) -> None:
    with receiving() as receiver, served(sqlite_url, deliver_webhooks=False) as api:
        secret = created(api, receiver)
        tried = api.client.post("/webhooks/shop/test").json()
        assert (tried["delivered"], tried["status"]) == (True, 204)
        (message,) = receiver.messages
        seconds = int(message.headers["webhook-timestamp"])
        assert is_genuine(secret, message.headers, message.body, seconds)
        (row,) = api.client.get("/webhooks").json()["rows"]
        assert (row["webhook"], row["status"], row["lag"]) == ("shop", "enabled", 1)
        rotated = api.client.post("/webhooks/shop/secret").json()["secret"]
        assert rotated != secret
        assert api.client.delete("/webhooks/shop").status_code == 200
        assert api.client.get("/webhooks").json()["rows"] == []


def test_what_lies_beyond_the_log_is_a_conflict(api: Served) -> None:
    body = {"webhook": "shop", "url": "https://shop.example/hook"}
    begun = api.client.post("/webhooks", json={**body, "after": 7})
    assert (begun.status_code, begun.json()["code"]) == (409, "cursor_beyond_log")
    assert api.client.post("/webhooks", json=body).status_code == 201
    again = api.client.post("/webhooks/shop/replay", json={"after": 7, "until": 9})
    assert (again.status_code, again.json()["code"]) == (409, "cursor_beyond_log")


def test_other_terms_are_a_conflict_and_bad_targets_are_invalid(api: Served) -> None:
    with receiving() as receiver:
        created(api, receiver)
    body = {"webhook": "shop", "url": "https://x.example/"}
    answer = api.client.post("/webhooks", json=body)
    assert (answer.status_code, answer.json()["code"]) == (409, "already_exists")
    assert answer.headers["content-type"] == "application/problem+json"
    for url in ("http://x.example/", "ftp://x.example/", "https://u:p@x.example/", "https://", "x"):
        answer = api.client.post("/webhooks", json={"webhook": "bad", "url": url})
        assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/url")


def test_what_is_recorded_is_delivered_while_the_service_runs(api: Served) -> None:
    with receiving() as receiver:
        created(api, receiver)
        api.accept("register-product", sku="WIDGET")
        api.accept("receive-stock", sku="WIDGET", quantity=1)
        wait_for_messages(receiver, 3)
        found = wait_for_rows(api, "/webhooks/shop/deliveries?limit=2")
        assert [row["position"] for row in found["rows"]] == [3, 2]
        older = api.client.get(f"/webhooks/shop/deliveries?before={found['next']}").json()
        assert [row["position"] for row in older["rows"]] == [1]
        answer = api.client.post("/webhooks/shop/replay", json={"after": 1, "until": 2})
        assert (answer.status_code, answer.json()["until"]) == (202, 2)
        wait_for_messages(receiver, 4)
        wrong = api.client.post("/webhooks/shop/replay", json={"after": "x"})
        assert (wrong.status_code, wrong.json()["errors"][0]["pointer"]) == (422, "/after")


def wait_for_rows(api: Served, address: str) -> dict[str, list[dict[str, int]]]:
    """Return the attempts once those that came are recorded."""
    until = time.monotonic() + PATIENCE_SECONDS
    while True:
        found: dict[str, list[dict[str, int]]] = api.client.get(address).json()
        if [row["position"] for row in found["rows"]] == [3, 2]:
            return found
        assert time.monotonic() < until, found
        time.sleep(0.05)


@pytest.mark.parametrize("path", ["", "/test", "/deliveries", "/secret", "/replay"])
def test_a_webhook_that_is_not_there_is_refused(sqlite_url: str, path: str) -> None:
    with served(sqlite_url) as api:
        method = {"": "DELETE", "/deliveries": "GET"}.get(path, "POST")
        body = {"after": 0} if path == "/replay" else None
        answer: httpx.Response = api.client.request(method, f"/webhooks/none{path}", json=body)
    assert (answer.status_code, answer.json()["code"]) == (404, "unknown_webhook")
