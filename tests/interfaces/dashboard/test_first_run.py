"""First run: an empty ledger says what it is, and a demo, a file or a few steps fill it."""

import json
import re

from stocktrail.interfaces.service.example_scripts import EXAMPLES
from tests.interfaces.api.serving import Served
from tests.interfaces.dashboard.page_form import send_form

PAGE = {"Accept": "text/html"}
PROOF = re.compile(r'name="proof" value="([0-9a-f]+)"')


def post(shop: Served, address: str, **fields: str) -> str:
    """Send a form from the page that holds it, and give the page that comes of it."""
    page = shop.client.get("/view/import", headers=PAGE).text
    proof = PROOF.findall(page)[0]
    answer = shop.client.post(
        address, data={"proof": proof, **fields}, headers=PAGE, follow_redirects=True
    )
    assert answer.status_code < 500, answer.text
    return answer.text


def head(shop: Served) -> int:
    return shop.service.ledger.head().position


def test_an_empty_ledger_says_what_it_is_and_the_demo_fills_it(empty_shop: Served) -> None:
    begin = empty_shop.client.get("/", headers=PAGE).text
    assert "This ledger is empty" in begin
    assert "Import a file" in begin
    today = post(empty_shop, "/view/first-run/demo")
    assert "1998-05-07" in today
    assert "This ledger is empty" not in today
    for name in ("northwind.jsonl", "northwind-purchases.jsonl"):
        for line in (EXAMPLES / name).read_text("utf-8").splitlines():
            outcome = empty_shop.service.ledger.outcome(json.loads(line)["id"])
            assert outcome is not None
            assert outcome.status == "accepted", line
    reached = head(empty_shop)
    assert "not_empty" in post(empty_shop, "/view/first-run/demo")
    assert head(empty_shop) == reached


def test_a_file_is_tried_before_it_is_recorded_and_recorded_once(empty_shop: Served) -> None:
    table = "sku,quantity\nKETTLE,4\nTEAPOT,five\n"
    rows = "".join(
        json.dumps({"command": "register-product", "sku": sku}) + "\n"
        for sku in ("KETTLE", "TEAPOT")
    )
    tried = post(empty_shop, "/view/import", rows=rows, step="try")
    assert "What would be recorded: 2 of 2 rows" in tried
    assert head(empty_shop) == 0
    post(empty_shop, "/view/import", rows=rows, step="apply")
    registered = head(empty_shop)
    assert registered >= 2
    post(empty_shop, "/view/import", rows=rows, step="apply")
    assert head(empty_shop) == registered

    received = post(
        empty_shop, "/view/import", rows=table, command="receive-stock", step="apply"
    )
    assert "Recorded: 1 of 2 rows" in received
    assert re.search(r"Line 3, receive stock: .*five", received)
    assert empty_shop.ask("/stock/KETTLE")["supply"] == 4
    assert "Choose a file" in post(empty_shop, "/view/import", step="try")


def test_the_first_steps_are_ticked_by_what_was_recorded(empty_shop: Served) -> None:
    empty_shop.accept("register-product", sku="CUP")
    empty_shop.accept("set-backorder-policy", backorders="allow")
    empty_shop.ask("/stock/CUP")
    assert "First steps" in empty_shop.client.get("/", headers=PAGE).text
    steps = empty_shop.client.get("/view/first-run", headers=PAGE).text
    done = re.findall(r'<li class="is-done"><span><b>([^<]+)', steps)
    assert done == ["Register an item", "Let it be sold beyond its stock"]
    assert "/view/actions/receive-stock?sku=CUP" in steps


def test_each_first_step_leads_on_to_the_next(empty_shop: Served) -> None:
    form = empty_shop.client.get("/view/actions/register-product?sku=CUP", headers=PAGE)
    done = send_form(empty_shop, send_form(empty_shop, form, "try"), "apply")
    empty_shop.ask("/stock/CUP")
    item = empty_shop.client.get(done.headers["location"], headers=PAGE).text
    assert re.search(r'role="status">Recorded.*href="/view/first-run">Go on', item)
    assert "cannot be promised</span> for any date" in item


def test_nobody_is_led_to_first_steps_where_much_is_recorded(busy_shop: Served) -> None:
    assert "first steps" not in busy_shop.client.get("/view/items?recorded=9", headers=PAGE).text
