"""The reference of the HTTP API, drawn and tried in a browser under the policy of all pages."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from stocktrail.ledger.store.side_tables.access import AccessTokens
from tests.interfaces.api.serving import Served
from tests.interfaces.dashboard.visitor import Visitor

DRAWN_WITHIN_MS = 60_000
"""How long a loaded machine may take to draw more than eighty operations, or one with all."""


@pytest.fixture
def reader(browser: Browser, guarded_shop: Served) -> Iterator[Visitor]:
    """Return a visitor, at night, of a shop that asks for tokens; the console stays silent."""
    with browser.new_context(color_scheme="dark") as context:
        found = Visitor(context.new_page(), guarded_shop)
        found.page.set_default_timeout(DRAWN_WITHIN_MS)
        yield found
        found.has_nothing_to_complain_of()


def tried(reader: Visitor, operation: str, body: str) -> str:
    """Try an operation on the page; give the status that comes back."""
    block = reader.page.locator(f"[id$='-{operation}']")
    if "is-open" not in str(block.get_attribute("class")):
        block.locator(".opblock-summary-control").click()
        block.locator(".try-out__btn").click()
    block.locator("textarea.body-param__text").fill(body)
    block.locator(".execute").click()
    return block.locator(".live-responses-table tbody .response-col_status").inner_text()


def test_the_reference_is_read_with_a_login_and_tried_with_a_token(reader: Visitor) -> None:
    secret, _ = AccessTokens(reader.shop.service.ledger).create("Anna's laptop", "command")
    reader.open("/docs")
    reader.page.wait_for_url("**/view/login?next=%2Fdocs")
    reader.fill(token=secret)
    reader.click("Log in")
    reader.page.wait_for_url("**/docs")
    reader.page.locator(".opblock").first.wait_for()
    described = reader.shop.client.get("/openapi.json").json()
    operations = [each for path in described["paths"].values() for each in path]
    assert reader.page.locator(".opblock").count() == len(operations)
    assert "dark-mode" in str(reader.page.get_attribute("html", "class"))

    wish = '{"sku": "KETTLE", "quantity": 3, "id": "c-1"}'
    assert tried(reader, "receive-stock", wish).startswith("401")   # a login changes nothing
    reader.page.locator(".btn.authorize").first.click()
    reader.page.fill(".modal-ux input", secret)
    reader.page.click(".modal-ux .modal-btn.authorize")
    reader.page.click(".modal-ux .btn-done")
    reader.page.locator("[id$='-receive-stock'] .btn-clear").click()
    assert tried(reader, "receive-stock", wish).startswith("20")
    assert reader.shop.service.ledger.head().position == 3

    reader.page.locator("[id$='-receive-stock'] .tablinks:text('Schema')").first.click()
    reader.page.emulate_media(color_scheme="light")
    reader.page.wait_for_selector("html:not(.dark-mode)")


def test_a_stranger_is_not_shown_the_reference_and_a_program_is_told_so(
    guarded_shop: Served,
) -> None:
    answer = guarded_shop.client.get("/docs", headers={"Accept": "application/json"})
    assert (answer.status_code, answer.json()["code"]) == (401, "login_needed")
