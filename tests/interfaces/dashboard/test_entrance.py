"""The entrance: who is let in, who may do what, and forms that are not ours."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from stocktrail.interfaces.service.sessions import COOKIE
from stocktrail.ledger.store.side_tables.access import AccessTokens, Scope
from tests.interfaces.api.serving import Served
from tests.interfaces.dashboard.visitor import Visitor


@pytest.fixture
def stranger(browser: Browser, guarded_shop: Served) -> Iterator[Visitor]:
    """Return a visitor of a shop that asks for a token."""
    with browser.new_context() as context:
        found = Visitor(context.new_page(), guarded_shop)
        yield found
        found.has_nothing_to_complain_of()


def log_in(stranger: Visitor, scope: Scope) -> str:
    """Log in with a new token, from the page that was wanted; give the token's id."""
    secret, token = AccessTokens(stranger.shop.service.ledger).create("Anna's laptop", scope)
    stranger.open("/view/items", "KETTLE")
    stranger.fill(token=secret)
    stranger.click("Log in")
    stranger.page.wait_for_url("**/view/items/KETTLE")
    return token.token_id


def test_a_page_asks_for_a_token_and_comes_back(stranger: Visitor) -> None:
    stranger.open("/view/items", "KETTLE")
    assert stranger.page.locator("nav").count() == 0
    stranger.fill(token="stk_wrong")
    stranger.click("Log in")
    stranger.page.locator("#token-error").wait_for()
    assert "This token is not known" in stranger.text

    log_in(stranger, "command")
    assert stranger.figure("Supply") == "4"
    kept = next(each for each in stranger.page.context.cookies() if each["name"] == COOKIE)
    assert (kept["httpOnly"], kept["sameSite"]) == (True, "Strict")

    stranger.page.click("button:text('Log out')")
    stranger.page.wait_for_url("**/view/login")
    stranger.open("/")
    assert "/view/login" in stranger.page.url


def test_who_acts_is_recorded_under_the_token(stranger: Visitor) -> None:
    log_in(stranger, "command")
    stranger.click("Receive")
    stranger.act(quantity="3")
    stranger.open("/view/items", "KETTLE")
    assert "Anna's laptop" in stranger.page.locator("#movements ~ .scroll").inner_text()


def test_a_reader_sees_no_forms_and_is_refused_them(stranger: Visitor) -> None:
    log_in(stranger, "read")
    assert stranger.page.locator("main .button").count() == 0
    assert stranger.page.locator("nav a:text('Actions')").count() == 0
    stranger.open("/view/actions/receive-stock")
    assert "takes one with the scope command" in stranger.text
    stranger.open("/view/webhooks")
    assert "takes one with the scope admin" in stranger.text
    stranger.open("/view/events")
    stranger.page.wait_for_selector("#live:has-text('Live')")


def test_webhooks_are_for_administrators(stranger: Visitor) -> None:
    log_in(stranger, "command")
    assert stranger.page.locator("nav a:text('Webhooks')").count() == 0
    stranger.open("/view/actions")
    assert "Create webhook" not in stranger.text
    stranger.open("/view/actions/create-webhook")
    assert "scope admin" in stranger.text


def test_a_revoked_token_ends_its_session(stranger: Visitor) -> None:
    token_id = log_in(stranger, "command")
    AccessTokens(stranger.shop.service.ledger).revoke(token_id)
    stranger.open("/")
    assert "/view/login" in stranger.page.url


def test_a_forged_form_changes_nothing(stranger: Visitor) -> None:
    log_in(stranger, "command")
    head = stranger.shop.service.ledger.head().position
    for proof in ("", "0" * 64):
        answer = stranger.page.request.post(
            f"{stranger.url}/view/actions/receive-stock",
            form={"proof": proof, "step": "apply", "sku": "KETTLE", "quantity": "5"},
        )
        assert answer.status == 403
        assert "not sent from a page of this dashboard" in answer.text()
    assert stranger.shop.service.ledger.head().position == head
