"""Webhooks are received: signed by the shop, not too large, kept before they are acknowledged."""

import asyncio
import json
from collections.abc import Mapping
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette

import stocktrail
from examples.shopify.platform import shopify
from examples.storefront.forwarding import Forwarder
from examples.storefront.inbox import Inbox
from examples.storefront.ledger import LedgerInProcess, LedgerOverHttp
from examples.storefront.receiver import receiver
from examples.storefront.signature import signature
from examples.woocommerce.platform import woocommerce
from tests.examples.shopify_payloads import order
from tests.interfaces.api.serving import served

NOW, BEFORE = "hush", "hush before"
BODY = json.dumps(order(), indent=1).encode()


class Sender:
    """A platform that sends webhooks to a receiver."""

    def __init__(self, application: Starlette) -> None:
        self._transport = httpx.ASGITransport(application)

    def post(
        self, body: bytes, headers: Mapping[str, str] | Mapping[bytes, bytes]
    ) -> httpx.Response:
        """Send one webhook."""
        async def sent() -> httpx.Response:
            async with httpx.AsyncClient(transport=self._transport, base_url="http://x") as client:
                return await client.post("/webhooks", content=body, headers=headers)
        return asyncio.run(sent())


@pytest.fixture
def inbox() -> Inbox:
    """Return an empty inbox."""
    return Inbox(":memory:")


@pytest.fixture
def sender(inbox: Inbox) -> Sender:
    """Return a sender to a receiver for Shopify that takes bodies of 100,000 bytes at most."""
    return Sender(receiver(shopify(), [NOW, BEFORE], inbox, most_bytes=100_000))


def headers(body: bytes, secret: str = NOW, number: str = "b54557e4") -> dict[str, str]:
    """Return the headers that Shopify documents."""
    return {
        "X-Shopify-Topic": "orders/create", "X-Shopify-Hmac-Sha256": signature(secret, body),
        "X-Shopify-Shop-Domain": "example.myshopify.com", "X-Shopify-API-Version": "2026-10",
        "X-Shopify-Webhook-Id": number, "X-Shopify-Event-Id": "98880550-7158-44d4-b7cd",
        "X-Shopify-Triggered-At": "2026-03-01T14:00:01.123Z", "Content-Type": "application/json",
    }


def test_what_is_signed_is_kept_once_byte_for_byte(sender: Sender, inbox: Inbox) -> None:
    for secret in (NOW, BEFORE):
        answer = sender.post(BODY, headers(BODY, secret))
        assert answer.status_code == 200
    [kept] = inbox.due()
    assert (kept.topic, kept.body) == ("orders/create", BODY)


@pytest.mark.parametrize("given", [
    "", "x", "hush", signature("other", BODY), signature(NOW, BODY + b" "),
    signature(NOW, BODY).lower(), signature(NOW, json.dumps(order()).encode()), "\u00fc",
])
def test_what_is_not_signed_is_refused_and_not_kept(
    sender: Sender, inbox: Inbox, given: str
) -> None:
    shown = {name.encode(): value.encode() for name, value in headers(BODY).items()}
    shown[b"X-Shopify-Hmac-Sha256"] = given.encode()
    answer = sender.post(BODY, shown)
    assert (answer.status_code, inbox.due()) == (401, [])


def test_what_is_too_large_is_refused_though_it_is_signed(
    sender: Sender, inbox: Inbox
) -> None:
    large = b" " * 100_001
    answer = sender.post(large, headers(large))
    assert (answer.status_code, inbox.due()) == (413, [])
    assert sender.post(large[:-1], headers(large[:-1])).is_success


def test_woocommerce_is_answered_when_it_only_looks_whether_anybody_is_there(
    inbox: Inbox,
) -> None:
    sender = Sender(receiver(woocommerce(), [NOW], inbox))
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    assert sender.post(b"webhook_id=7", form).status_code == 200
    assert sender.post(b"webhook_id=7&x=1", form).is_error
    body = b'{"id": 1}'
    assert sender.post(body, {
        "X-WC-Webhook-Signature": signature(NOW, body), "X-WC-Webhook-Delivery-ID": "d1",
        "X-WC-Webhook-Topic": "order.deleted",
    }).is_success
    assert [each.topic for each in inbox.due()] == ["order.deleted"]


def test_the_file_is_for_its_owner_alone(tmp_path: Path) -> None:
    file = tmp_path / "shopify.db"
    Inbox(str(file)).close()
    assert file.stat().st_mode & 0o777 == 0o600


def test_deliveries_without_an_id_are_told_apart_by_their_bodies(
    sender: Sender, inbox: Inbox
) -> None:
    for body in (BODY, BODY, b"{}"):
        shown = headers(body)
        del shown["X-Shopify-Webhook-Id"]
        assert sender.post(body, shown).is_success
    assert [each.body for each in inbox.due()] == [BODY, b"{}"]


def test_over_http_what_was_kept_while_the_ledger_was_away_reaches_it_once(
    sqlite_url: str, sender: Sender, inbox: Inbox
) -> None:
    sender.post(BODY, headers(BODY))
    Forwarder(shopify(), inbox, LedgerOverHttp("http://127.0.0.1:9")).forward()
    [waiting] = inbox.troubled()
    assert (waiting.attempt, "cannot be reached" in waiting.told) == (1, True)
    with served(sqlite_url) as api:
        for sku in ("MUG", "LAMP"):
            api.accept("register-product", sku=sku)
            api.accept("receive-stock", sku=sku, quantity=5)
        inbox.again(waiting.number)
        forwarder = Forwarder(shopify(), inbox, LedgerOverHttp(str(api.client.base_url)))
        forwarder.forward()
        placed = api.ask("/orders/%239999")
        assert (placed["status"], len(placed["lines"])) == ("processing", 2)
        assert LedgerOverHttp(str(api.client.base_url)).lines("#9999") == {1: "MUG", 2: "LAMP"}
        assert api.client.get("/events?subject=order/%239999").json()[0]["commandid"] == (
            f"shopify:order:{order()['id']}"
        )


def test_over_http_and_in_process_refusals_read_the_same(sqlite_url: str) -> None:
    sent = {"order": "SO-1", "customer": "ANNA", "lines": [{"sku": "MUG", "quantity": 1}]}
    bad = {**sent, "lines": [{"sku": "MUG", "quantity": "many"}]}
    other = {**sent, "customer": "BOB"}
    with served(sqlite_url) as api, stocktrail.open_in_memory() as shop:
        over_http = LedgerOverHttp(str(api.client.base_url))
        in_process = LedgerInProcess(shop)
        for ledger in (over_http, in_process):
            codes = [ledger.send("place-order", sent, "c-1").code]
            for command, fields in (("register-product", {"sku": "MUG"}),
                                    ("receive-stock", {"sku": "MUG", "quantity": 9})):
                assert ledger.send(command, fields, command).recorded
            codes += [ledger.send("place-order", each, "c-1").code for each in (sent, bad, other)]
            codes += [ledger.send("place-order", other, "c-2").code]
            assert codes == ["unknown_sku", "", "invalid", "conflict", "already_exists"]
            assert ledger.send("place-order", sent, "c-1").recorded
