"""Credentials: with which token a command was sent, whatever it says of itself."""

import re
from collections.abc import Iterator, Sequence

import pytest

from stocktrail.commands.model import CommandEnvelope
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


@pytest.fixture
def credentials(guarded: Served, monkeypatch: pytest.MonkeyPatch) -> dict[str, str | None]:
    """Return the credentials of what reaches the writer, by the id of the command."""
    found: dict[str, str | None] = {}
    writer = guarded.service.ledger.writer
    write = writer.write

    def noticed(units: Sequence[Sequence[CommandEnvelope]], *, stop: bool = False) -> object:
        found.update({each.command_id: each.credential for unit in units for each in unit})
        return write(units, stop=stop)

    monkeypatch.setattr(writer, "write", noticed)
    return found


def test_every_way_of_a_command_tells_its_token(
    guarded: Served, credentials: dict[str, str | None]
) -> None:
    secret, token = AccessTokens(guarded.service.ledger).create("till", "admin")
    headers = {"Authorization": f"Bearer {secret}"}
    for address, body in SENT.items():
        answer = guarded.client.post(address, json=body, headers=headers)
        assert answer.status_code == 201, answer.text
    lines = json_lines({"command": "receive-stock", "id": "line", "sku": "TEA", "quantity": 1})
    guarded.client.post(
        "/commands", content=lines, headers={**headers, "Content-Type": "application/jsonl"}
    ).raise_for_status()
    assert credentials == {
        **dict.fromkeys((body["id"] for body in SENT.values()), token.token_id),
        "line": token.token_id,
    }


def test_a_form_of_the_dashboard_tells_the_token_of_its_session(
    guarded: Served, credentials: dict[str, str | None]
) -> None:
    secret, token = AccessTokens(guarded.service.ledger).create("office", "command")
    login = _hidden(guarded.client.get("/view/login").text)
    guarded.client.post("/view/login", data={**login, "token": secret})
    assert COOKIE in guarded.client.cookies
    address = "/view/actions/register-product"
    form = _hidden(guarded.client.get(address).text) | {"sku": "KETTLE"}
    tried = form | _hidden(guarded.client.post(address, data=form).text) | {"step": "apply"}
    assert guarded.client.post(address, data=tried).status_code == 303
    assert list(credentials.values()) == [token.token_id]


def test_nobody_says_it_in_the_body(database_url: str) -> None:
    with served(database_url) as shop:
        answer = shop.send("register-product", sku="KETTLE", credential="tok_1")
        assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/credential")


def _hidden(page: str) -> dict[str, str]:
    """Return the hidden fields of a form of the main part of a page."""
    main = page.partition("<main")[2]
    return {
        found[1]: found[2]
        for found in re.finditer(r'<input type="hidden" name="(\w+)" value="([^"]*)"', main)
    }
