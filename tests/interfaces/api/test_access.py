"""Access: tokens and their scopes, names of the service, and limits."""

import hashlib
import socket
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from stocktrail.ledger.store import open_ledger
from stocktrail.ledger.store.side_tables.access import AccessTokens, Scope
from tests.interfaces.api.serving import Served, json_lines, results, served
from tests.interfaces.terminal import Terminal


@pytest.fixture
def guarded(database_url: str) -> Iterator[Served]:
    """Return a service that asks for tokens."""
    with served(database_url, require_token=True, token_cache_seconds=0) as running:
        yield running


def bearer(api: Served, scope: Scope) -> dict[str, str]:
    """Make a token, and give the header that carries it."""
    secret, _ = AccessTokens(api.service.ledger).create("test", scope)
    return {"Authorization": f"Bearer {secret}"}


@pytest.mark.parametrize(("scope", "read", "command"), [
    ("read", 200, 403), ("command", 200, 201), ("admin", 200, 201),
])
def test_a_scope_covers_those_before_it(
    guarded: Served, scope: Scope, read: int, command: int
) -> None:
    headers = bearer(guarded, scope)
    assert guarded.client.get("/stock", headers=headers).status_code == read
    answer = guarded.client.post(
        "/commands/register-product", json={"sku": "A"}, headers=headers
    )
    assert answer.status_code == command
    if command == 403:
        assert answer.json()["code"] == "scope_missing"


@pytest.mark.parametrize("shown", [
    {}, {"Authorization": "Bearer st_guessed"}, {"Authorization": "Basic c3Q6c3Q="},
])
def test_without_a_known_token_nothing_is_answered(
    guarded: Served, shown: dict[str, str]
) -> None:
    for address in ("/stock", "/stock/A", "/orders/1", "/metrics", "/status", "/backorders/item"):
        answer = guarded.client.get(address, headers=shown)
        assert (answer.status_code, answer.json()["code"]) == (401, "token_required")
        assert answer.headers["WWW-Authenticate"] == "Bearer"
    answer = guarded.client.post("/commands", json={}, headers=shown)
    assert answer.status_code == 401
    assert guarded.client.get("/healthz").status_code == 200


def test_webhooks_take_the_scope_admin_however_they_are_sent(guarded: Served) -> None:
    webhook = {"command": "create-webhook", "webhook": "spy", "url": "https://spy.example/"}
    body = {name: value for name, value in webhook.items() if name != "command"}
    seller, admin = bearer(guarded, "command"), bearer(guarded, "admin")
    for address, sent in (
        ("/webhooks", body), ("/commands", webhook), ("/commands/create-webhook", body),
        ("/commands?dry_run=true", webhook),
    ):
        answer = guarded.client.post(address, json=sent, headers=seller)
        assert (answer.status_code, answer.json()["code"]) == (403, "scope_missing"), address
    lines = json_lines(webhook, {"command": "register-product", "sku": "A"})
    streamed = guarded.client.post(
        "/commands", content=lines, headers={**seller, "Content-Type": "application/jsonl"}
    )
    assert [row["status"] for row in results(streamed.content)] == ["invalid", "accepted"]
    assert guarded.client.post("/commands", json=webhook, headers=admin).status_code == 201


def test_a_revoked_token_is_refused(guarded: Served) -> None:
    headers = bearer(guarded, "read")
    assert guarded.client.get("/stock", headers=headers).status_code == 200
    tokens = AccessTokens(guarded.service.ledger)
    tokens.revoke(tokens.every()[0].token_id)
    time.sleep(0.01)
    assert guarded.client.get("/stock", headers=headers).status_code == 401


def test_only_the_digest_of_a_token_is_kept(terminal: Terminal) -> None:
    made = terminal.ask("token", "create", "--name", "shop", "--scope", "read")
    files = [path.read_bytes() for path in terminal.database.parent.iterdir()]
    assert not any(made["token"].encode() in content for content in files)
    with sqlite3.connect(terminal.database) as database:
        [(digest,)] = database.execute("SELECT digest FROM access_tokens")
    database.close()
    assert digest == hashlib.sha256(made["token"].encode()).hexdigest()
    assert made["token"] not in terminal.type("events", "--json").out


def test_tokens_are_listed_and_revoked_by_their_ids(terminal: Terminal) -> None:
    made = terminal.ask("token", "create", "--name", "shop", "--scope", "admin")
    [row] = terminal.ask("token", "list")["rows"]
    assert (row["id"], row["name"], row["scope"], row["revoked_at"]) == (
        made["id"], "shop", "admin", None)
    first = terminal.ask("token", "revoke", made["id"])
    assert terminal.ask("token", "revoke", made["id"]) == first
    assert terminal.ask("token", "list")["rows"][0]["revoked_at"] == first["revoked_at"]
    unknown = terminal.type("token", "revoke", "nobody")
    assert (unknown.status, "[unknown_token]" in unknown.err) == (3, True)


def test_on_another_address_it_is_not_served_without_a_token(terminal: Terminal) -> None:
    refused = terminal.type("serve", "--host", "0.0.0.0", "--port", "0")
    assert refused.status == 1
    assert "[no_tokens]" in refused.err


def test_several_processes_serve_postgresql_only(terminal: Terminal) -> None:
    refused = terminal.type("serve", "--workers", "2")
    assert (refused.status, "[bad_flag]" in refused.err) == (2, True)


def test_a_port_that_is_taken_is_said_in_a_sentence(terminal: Terminal) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        refused = terminal.type("serve", "--port", str(taken.getsockname()[1]))
    assert (refused.status, "[cannot_listen]" in refused.err) == (1, True)


@pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example", "", "127.0.0.1.x"])
def test_another_name_is_turned_away_while_no_token_is_required(shop: Served, host: str) -> None:
    answer = shop.client.get("/stock", headers={"Host": host})
    assert (answer.status_code, answer.json()["code"]) == (421, "wrong_host")


@pytest.mark.parametrize("host", ["localhost", "localhost:8000", "LOCALHOST", "[::1]:80"])
def test_its_own_names_are_let_in(shop: Served, host: str) -> None:
    assert shop.client.get("/stock", headers={"Host": host}).status_code == 200


def test_a_page_of_another_origin_cannot_send_commands(shop: Served) -> None:
    answer = shop.client.post(
        "/commands/receive-stock", json={"sku": "WIDGET", "quantity": 1},
        headers={"Origin": "https://evil.example"},
    )
    assert (answer.status_code, answer.json()["code"]) == (403, "wrong_origin")
    own = f"http://{shop.client.base_url.netloc.decode()}"
    answer = shop.client.post(
        "/commands/receive-stock", json={"sku": "WIDGET", "quantity": 1}, headers={"Origin": own}
    )
    assert answer.status_code == 201


def test_a_page_that_is_named_may_ask(database_url: str) -> None:
    page = "https://shop.example"
    with served(database_url, allowed_origins=[page]) as api:
        asked = api.client.options("/stock", headers={
            "Origin": page, "Access-Control-Request-Method": "GET"})
        assert asked.headers["Access-Control-Allow-Origin"] == page
        assert api.client.get("/stock", headers={"Origin": page}).headers[
            "Access-Control-Allow-Origin"] == page


def test_a_body_that_is_too_large_is_413_whether_it_is_announced_or_not(
    database_url: str,
) -> None:
    with served(database_url, most_body_bytes=1000) as api:
        headers = {"Content-Type": "application/json"}
        for content in (b"x" * 2000, iter([b"x" * 600, b"x" * 600])):
            with httpx.Client(base_url=api.client.base_url) as client:
                answer = client.post("/commands", content=content, headers=headers)
            assert (answer.status_code, answer.json()["code"]) == (413, "body_too_large")


def test_a_page_is_no_larger_than_the_setting(database_url: str) -> None:
    with served(database_url, most_rows=2, default_rows=1) as api:
        for sku in "ABC":
            position = api.accept("register-product", sku=sku)
        page = api.client.get("/stock", params={"at_least": position}).json()
        assert [row["sku"] for row in page["rows"]] == ["A"]
        assert len(api.client.get("/stock?limit=2").json()["rows"]) == 2
        assert api.client.get("/stock?limit=3").json()["code"] == "bad_limit"


def test_tokens_are_found_in_a_ledger_that_another_process_opened(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'shop.db'}"
    with open_ledger(url) as one, open_ledger(url) as other:
        secret, token = AccessTokens(one).create("shop", "command")
        assert AccessTokens(other).find(secret) == token
        assert AccessTokens(other).find(secret + "x") is None
