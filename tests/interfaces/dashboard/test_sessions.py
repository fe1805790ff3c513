"""Sessions beside the log, on both databases: begun with a token, ended with it or by its owner."""

import re
from collections.abc import Iterator

import httpx
import pytest

from stocktrail.interfaces.service.sessions import COOKIE
from stocktrail.ledger.store.side_tables.access import AccessTokens
from tests.interfaces.api.serving import Served, served


@pytest.fixture
def guarded(database_url: str) -> Iterator[Served]:
    """Return a service that asks for tokens."""
    with served(database_url, require_token=True) as running:
        yield running


def log_in(shop: Served, token: str) -> httpx.Response:
    """Send the form of the entrance, as a browser would."""
    form = shop.client.get("/view/login?next=/view/items").text
    found = re.search(r'name="proof" value="(\w+)"', form)
    assert found is not None
    return shop.client.post(
        "/view/login", data={"proof": found[1], "token": token, "next": "/view/items"}
    )


def test_a_session_is_begun_kept_and_ended(guarded: Served) -> None:
    secret, _ = AccessTokens(guarded.service.ledger).create("laptop", "read")
    assert log_in(guarded, "st_wrong").status_code == 401
    answer = log_in(guarded, secret)
    assert (answer.status_code, answer.headers["location"]) == (303, "/view/items")
    kept = guarded.client.cookies[COOKIE]
    page = guarded.client.get("/view/items")
    assert page.status_code == 200

    proof = re.search(r'name="proof" value="(\w+)"', page.text)
    assert proof is not None
    assert guarded.client.post("/view/logout", data={"proof": proof[1]}).status_code == 303
    old = {"Cookie": f"{COOKIE}={kept}", "Accept": "application/json"}
    assert guarded.client.get("/view/items", headers=old).status_code == 401


def test_where_to_go_after_logging_in_is_never_elsewhere(guarded: Served) -> None:
    secret, _ = AccessTokens(guarded.service.ledger).create("laptop", "read")
    form = guarded.client.get("/view/login?next=//evil.example/").text
    assert "evil" not in form
    found = re.search(r'name="proof" value="(\w+)"', form)
    assert found is not None
    answer = guarded.client.post("/view/login", data={
        "proof": found[1], "token": secret, "next": "https://evil.example/"})
    assert answer.headers["location"] == "/"


def test_the_cookie_opens_questions_of_the_api_and_no_commands(guarded: Served) -> None:
    secret, _ = AccessTokens(guarded.service.ledger).create("laptop", "command")
    log_in(guarded, secret)
    assert guarded.client.get("/stock").status_code == 200
    sent = guarded.client.post("/commands/register-product", json={"sku": "KETTLE"})
    assert sent.status_code == 401
