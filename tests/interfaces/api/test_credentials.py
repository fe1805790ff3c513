"""Credentials: with which token a command was sent, whatever it says of itself."""

import re
from collections.abc import Iterator

import pytest

from stocktrail.interfaces.service.sessions import COOKIE
from stocktrail.ledger.store.side_tables.access import AccessTokens
from tests.interfaces.api.serving import Served, json_lines, served

SENT = {
    "/commands": {"command": "register-product", "sku": "KETTLE", "id": "by-any"},
    "/commands/register-product": {"sku": "TEA", "id": "by-its-own", "actor": "Ada"},
    "/commands/register-product?dry_run=false": {"sku": "POT", "id": "by-the-routes"},
    "/commands/register-customer": {"customer": "C", "name": "Ada", "id": "with-keys"},
    "/webhooks": {"webhook": "hook", "url": "https://example.com/", "id": "by-webhooks"},
}


@pytest.fixture
def guarded(database_url: str) -> Iterator[Served]:
    """Return a service that asks for tokens."""
    with served(database_url, require_token=True, deliver_webhooks=False) as running:
        yield running


def credentials_of(shop: Served) -> dict[str | None, set[str | None]]:
    """Return the credentials of the events of every command."""
    found: dict[str | None, set[str | None]] = {}
    for event in shop.service.ledger.read(0, 1_000):
        found.setdefault(event.command_id, set()).add(event.credential)
    return found


def test_every_way_of_a_command_records_its_token(guarded: Served) -> None:
    secret, token = AccessTokens(guarded.service.ledger).create("till", "admin")
    headers = {"Authorization": f"Bearer {secret}"}
    for address, body in SENT.items():
        answer = guarded.client.post(address, json=body, headers=headers)
        assert answer.status_code == 201, answer.text
    lines = json_lines({"command": "receive-stock", "id": "line", "sku": "TEA", "quantity": 1})
    guarded.client.post(
        "/commands", content=lines, headers={**headers, "Content-Type": "application/jsonl"}
    ).raise_for_status()
    found = credentials_of(guarded)
    assert set(found) >= {"line", *(body["id"] for body in SENT.values())}
    assert all(each == {token.token_id} for each in found.values()), found


def test_a_form_of_the_dashboard_records_the_token_of_its_session(guarded: Served) -> None:
    secret, token = AccessTokens(guarded.service.ledger).create("office", "command")
    login = _hidden(guarded.client.get("/view/login").text)
    guarded.client.post("/view/login", data={**login, "token": secret})
    assert COOKIE in guarded.client.cookies
    address = "/view/actions/register-product"
    form = _hidden(guarded.client.get(address).text) | {"sku": "KETTLE"}
    tried = form | _hidden(guarded.client.post(address, data=form).text) | {"step": "apply"}
    assert guarded.client.post(address, data=tried).status_code == 303
    assert list(credentials_of(guarded).values()) == [{token.token_id}]
    for page in ("/view/events/1", "/view/events", "/view/items/KETTLE/why?recorded=1"):
        assert token.token_id in guarded.client.get(page).text, page


def test_it_is_shown_wherever_it_is_asked_who_sent_a_command(guarded: Served) -> None:
    tokens = AccessTokens(guarded.service.ledger)
    (secret, token), (other, _) = (tokens.create(name, "command") for name in ("till", "office"))
    headers = {"Authorization": f"Bearer {secret}"}
    body = {"command": "register-product", "sku": "TEA", "source": "default", "actor": "Ada",
            "id": "c-1"}
    first = guarded.client.post("/commands", json=body, headers=headers).json()
    assert {each["credential"] for each in first["events"]} == {token.token_id}
    assert {each["actor"] for each in first["events"]} == {"Ada"}
    again = guarded.client.post(
        "/commands", json=body, headers={"Authorization": f"Bearer {other}"}
    )
    assert again.headers["Idempotency-Hit"] == "true", "a token is no part of a command"
    assert again.json()["events"] == first["events"]
    rows = guarded.client.get(
        "/stock/TEA/history", headers=headers, params={"at_least": first["position"]}
    ).json()["rows"]
    assert {(row["actor"], row["credential"]) for row in rows} == {("Ada", token.token_id)}
    page = guarded.client.get("/view/items/TEA/movements", headers=headers).text
    assert token.token_id in page


def test_it_is_absent_where_nobody_needs_a_token(shop: Served) -> None:
    assert "credential" not in shop.send("register-product", sku="TEA").json()["events"][0]
    assert credentials_of(shop).popitem()[1] == {None}


def test_nobody_says_it_in_the_body(shop: Served) -> None:
    answer = shop.send("register-product", sku="KETTLE", credential="tok_1")
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/credential")


def _hidden(page: str) -> dict[str, str]:
    """Return the hidden fields of a form of the main part of a page."""
    main = page.partition("<main")[2]
    return {
        found[1]: found[2]
        for found in re.finditer(r'<input type="hidden" name="(\w+)" value="([^"]*)"', main)
    }
