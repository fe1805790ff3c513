"""Customers over HTTP: who they are is told to admins, and to nobody once they are erased."""

from stocktrail.ledger.store import open_ledger
from stocktrail.ledger.store.side_tables.access import AccessTokens
from tests.interfaces.api.serving import Served, served
from tests.interfaces.terminal import Terminal


def test_who_a_customer_is_can_be_asked_until_it_is_erased(api: Served) -> None:
    api.accept("register-customer", customer="ADA", name="Ada", email="ada@example.org")
    known = api.client.get("/customers/ADA")
    assert (known.json()["name"], known.json()["email"]) == ("Ada", "ada@example.org")
    assert known.headers["Cache-Control"] == "no-store"
    api.accept("erase-customer", customer="ADA", reason="asked for")
    erased = api.client.get("/customers/ADA").json()
    assert (erased["status"], erased["name"], erased["email"]) == ("erased", "erased", None)
    unknown = api.client.get("/customers/BOB")
    assert (unknown.status_code, unknown.json()["code"]) == (404, "unknown_customer")


def test_only_an_admin_may_know(sqlite_url: str) -> None:
    with open_ledger(sqlite_url) as ledger:
        tokens = AccessTokens(ledger)
        seller, _ = tokens.create("seller", "command")
        admin, _ = tokens.create("admin", "admin")
    with served(sqlite_url, require_token=True) as api:
        found = [
            api.client.get("/customers/ADA", headers={"Authorization": f"Bearer {token}"})
            for token in (seller, admin)
        ]
        assert [answer.status_code for answer in found] == [403, 404]


def test_what_was_sent_is_told_as_by_the_command_line(terminal: Terminal) -> None:
    with served(terminal.url) as api:
        answer = api.client.get("/sent-notices", params={"state": "sent", "limit": 1})
        assert answer.json() == terminal.ask("sent-notices", "--state", "sent", "--limit", "1")
        refused = api.client.get("/sent-notices", params={"state": "lost"})
        assert (refused.status_code, refused.json()["code"]) == (422, "bad_parameter")
