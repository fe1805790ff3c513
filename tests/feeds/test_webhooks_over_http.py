"""Webhooks over HTTP: what the command line can do, a program can do too."""

import asyncio
from typing import Any

import httpx
import pytest
from fastapi import FastAPI, Request

from commands.model import Command
from commands.result import Result
from commands.submission import submit_one
from feeds.webhooks.signing import is_genuine
from interfaces.api.webhooks import delivering, webhooks_router
from ledger.refusal import Refusal
from ledger.store import Ledger
from tests.commands.scenes import given, product, receive
from tests.feeds.receiver import Receiver, receiving


def application(ledger: Ledger) -> FastAPI:
    """Make an application of the one router."""
    async def submit(request: Request, command: Command) -> Result:
        return submit_one(ledger, command)

    made = FastAPI()
    made.include_router(webhooks_router(lambda request: ledger, submit))
    return made


def ask(ledger: Ledger, method: str, path: str, body: Any = None) -> httpx.Response:
    """Send one request."""
    async def sent() -> httpx.Response:
        transport = httpx.ASGITransport(application(ledger))
        async with httpx.AsyncClient(transport=transport, base_url="http://here") as client:
            return await client.request(method, path, json=body)

    return asyncio.run(sent())


def created(ledger: Ledger, receiver: Receiver) -> str:
    """Create a webhook that hears of everything, and give its secret."""
    body = {"webhook": "shop", "url": receiver.url, "after": 0}
    answer = ask(ledger, "POST", "/webhooks", body)
    assert (answer.status_code, answer.headers["Position"]) == (201, "1")
    assert ask(ledger, "POST", "/webhooks", body).json()["secret"] == answer.json()["secret"]
    secret: str = answer.json()["secret"]
    return secret


def test_created_tried_listed_and_deleted(ledger: Ledger) -> None:
    with receiving() as receiver:
        secret = created(ledger, receiver)
        tried = ask(ledger, "POST", "/webhooks/shop/test").json()
        assert (tried["delivered"], tried["status"]) == (True, 204)
        (message,) = receiver.messages
        seconds = int(message.headers["webhook-timestamp"])
        assert is_genuine(secret, message.headers, message.body, seconds)
    (row,) = ask(ledger, "GET", "/webhooks").json()["rows"]
    assert (row["webhook"], row["status"], row["lag"]) == ("shop", "enabled", 1)
    rotated = ask(ledger, "POST", "/webhooks/shop/secret").json()["secret"]
    assert rotated != secret
    assert ask(ledger, "DELETE", "/webhooks/shop").status_code == 200
    assert ask(ledger, "GET", "/webhooks").json()["rows"] == []


def test_other_terms_are_a_conflict_and_bad_targets_are_invalid(ledger: Ledger) -> None:
    with receiving() as receiver:
        created(ledger, receiver)
    answer = ask(ledger, "POST", "/webhooks", {"webhook": "shop", "url": "https://x.example/"})
    assert (answer.status_code, answer.json()["code"]) == (409, "already_exists")
    assert answer.headers["content-type"] == "application/problem+json"
    for url in ("http://x.example/", "ftp://x.example/", "https://u:p@x.example/", "https://", "x"):
        body = {"webhook": "bad", "url": url}
        assert ask(ledger, "POST", "/webhooks", body).status_code == 422


def test_what_is_recorded_is_delivered_while_a_service_runs(ledger: Ledger) -> None:
    with receiving() as receiver:
        created(ledger, receiver)

        async def meanwhile() -> None:
            async with delivering(ledger):
                await asyncio.to_thread(given, ledger, product(), receive(1))
                async with asyncio.timeout(10):
                    while len(receiver.messages) < 3:
                        await asyncio.sleep(0.05)

        asyncio.run(meanwhile())
        found = ask(ledger, "GET", "/webhooks/shop/deliveries?limit=2").json()
        assert [row["position"] for row in found["rows"]] == [3, 2]
        older = ask(ledger, "GET", f"/webhooks/shop/deliveries?before={found['next']}").json()
        assert [row["position"] for row in older["rows"]] == [1]
        answer = ask(ledger, "POST", "/webhooks/shop/replay", {"after": 1, "until": 2})
        assert (answer.status_code, answer.json()["until"]) == (202, 2)


def test_a_webhook_that_is_not_there_is_refused(ledger: Ledger) -> None:
    for method, path in (
        ("DELETE", ""), ("POST", "/test"), ("GET", "/deliveries"), ("POST", "/secret"),
    ):
        with pytest.raises(Refusal, match="There is no webhook none"):
            ask(ledger, method, f"/webhooks/none{path}")
