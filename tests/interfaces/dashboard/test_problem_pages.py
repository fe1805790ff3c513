"""Problems: whatever goes wrong at an address of the dashboard is told on a page of it."""

from threading import Event

import httpx
import pytest

from stocktrail.commands.scripts.submission import submit_one
from stocktrail.commands.stock import RegisterProduct
from stocktrail.ledger.store import open_ledger
from stocktrail.ledger.store.side_tables.access import AccessTokens
from stocktrail.projections.questions.overview import Overview
from stocktrail.projections.questions.purchase_orders import PurchaseOrderList
from tests.interfaces.api.serving import Served, served
from tests.interfaces.dashboard.visitor import Visitor
from tests.interfaces.terminal import PATIENCE_SECONDS

BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
WRONG = (
    ("GET", "/view/items/NO-SUCH-ITEM", 404), ("GET", "/view/orders/NO-SUCH-ORDER", 404),
    ("GET", "/view/purchase-orders/NONE", 404), ("GET", "/view/events/99999999", 404),
    ("GET", "/view/webhooks/NONE", 404), ("GET", "/view/actions/fly", 404),
    ("GET", "/view/no-such-page", 404), ("GET", "/view", 404), ("GET", "/view/items/A/no", 404),
    ("GET", "/view/items?colour=red", 422), ("GET", "/view/items?limit=many", 422),
    ("GET", "/view/backorders/colour", 422), ("GET", "/view/events/latest", 422),
    ("GET", "/view/items?pool=MOON", 404), ("GET", "/view/items?sort=colour", 422),
    ("GET", "/view/items?after=there", 422), ("GET", "/?as_of=99999999", 409),
    ("GET", "/?as_of=yesterday", 422), ("GET", "/?recorded=99999999", 409),
    ("POST", "/view/items", 405), ("POST", "/", 405), ("DELETE", "/view/settings", 405),
    ("POST", "/view/actions/receive-stock", 403), ("POST", "/view/logout", 403),
)


def is_a_page(answer: httpx.Response) -> bool:
    """Return whether an answer is a page of ours, with a sentence and under the policy."""
    assert answer.headers["content-type"] == "text/html; charset=utf-8", answer.text
    assert answer.headers["content-security-policy"].startswith("default-src 'none'")
    assert "<h1>" in answer.text
    assert "position 0" not in answer.text
    return True


@pytest.mark.parametrize(("method", "address", "status"), WRONG)
def test_what_goes_wrong_is_told_on_a_page(
    busy_shop: Served, method: str, address: str, status: int
) -> None:
    answer = busy_shop.client.request(method, address, headers=BROWSER)
    assert answer.status_code == status
    assert is_a_page(answer)
    if method == "GET" and status == 404 and "no" not in address and address != "/view":
        head = busy_shop.service.ledger.head().position
        assert f"The ledger is at position {head}." in answer.text
    asked = busy_shop.client.request(method, address, headers={"Accept": "application/json"})
    assert asked.status_code == status
    assert asked.headers["content-type"] == "application/problem+json"


def test_a_mistake_of_ours_is_told_on_a_page(
    busy_shop: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(PurchaseOrderList, "answer", broken)
    answer = busy_shop.client.get("/view/purchase-orders", headers=BROWSER)
    assert answer.status_code == 500
    assert is_a_page(answer)
    assert "not your fault" in answer.text


def test_who_asks_too_much_is_told_on_a_page(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with open_ledger(sqlite_url) as ledger:
        submit_one(ledger, RegisterProduct(sku="KETTLE"))
    released = Event()
    monkeypatch.setattr(Overview, "answer", lambda *_, **__: released.wait(PATIENCE_SECONDS))
    with served(sqlite_url, busy_seconds=0.2) as shop:
        answer = shop.client.get("/", headers=BROWSER)
        released.set()
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    assert "Ask again" in answer.text
    assert is_a_page(answer)


def test_who_may_not_is_told_on_a_page_or_led_to_the_entrance(sqlite_url: str) -> None:
    with open_ledger(sqlite_url) as ledger:
        submit_one(ledger, RegisterProduct(sku="KETTLE"))
        secret, _ = AccessTokens(ledger).create("reader", "read")
    with served(sqlite_url, require_token=True) as shop:
        led = shop.client.get("/view/items?q=a%26b", headers=BROWSER)
        assert led.status_code == 303
        assert led.headers["location"] == "/view/login?next=%2Fview%2Fitems%3Fq%3Da%2526b"
        reader = BROWSER | {"Authorization": f"Bearer {secret}"}
        for address in ("/view/actions", "/view/webhooks"):
            answer = shop.client.get(address, headers=reader)
            assert answer.status_code == 403
            assert is_a_page(answer)
        assert is_a_page(shop.client.get("/view/nothing", headers=BROWSER))


def test_a_wrong_name_and_a_wrong_origin_are_told_on_a_page(busy_shop: Served) -> None:
    for headers, method, status in (
        ({"Host": "evil.example"}, "GET", 421), ({"Host": "[evil"}, "GET", 421),
        ({"Origin": "https://evil.example"}, "POST", 403),
    ):
        answer = busy_shop.client.request(
            method, "/view/actions/receive-stock", headers=BROWSER | headers
        )
        assert answer.status_code == status
        assert is_a_page(answer)


def test_the_api_answers_a_browser_as_it_answers_everybody(busy_shop: Served) -> None:
    for address in ("/stock/NO-SUCH-ITEM", "/no-such-address", "/view/assets/none.js"):
        answer = busy_shop.client.get(address, headers=BROWSER)
        assert answer.status_code == 404
        assert answer.headers["content-type"] == "application/problem+json"


def test_no_link_of_a_page_leads_to_another_host(busy_shop: Served) -> None:
    answer = busy_shop.client.get("/", headers=BROWSER, extensions={"target": b"//evil.example/x"})
    assert "//evil.example" not in answer.text


def test_from_a_moment_that_cannot_be_one_goes_back_to_now(visitor: Visitor) -> None:
    visitor.open("/", query="?as_of=4711")
    assert "nothing is known of position 4711" in visitor.text
    visitor.page.click("text=Back to now")
    visitor.page.wait_for_selector("h1:has-text('This ledger is empty')")


def test_a_question_that_was_broken_off_can_be_asked_again_at_the_same_place(
    sqlite_url: str,
) -> None:
    with served(sqlite_url) as shop:
        for number in range(60):
            shop.accept("register-product", sku=f"K-{number}")
    with served(sqlite_url, question_seconds=0.000_001) as shop:
        now = shop.client.get("/view/items?limit=5&as_of=", headers=BROWSER)
        past = shop.client.get("/view/items?limit=5&as_of=30", headers=BROWSER)
    assert (now.status_code, past.status_code) == (503, 503)
    assert "Ask again" in now.text
    assert "hx-trigger" not in now.text.partition("<main")[2]
    assert 'hx-get="/view/items?limit=5&amp;as_of=30" hx-trigger="load' in past.text
