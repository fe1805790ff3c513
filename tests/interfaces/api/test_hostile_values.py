"""Values that no sender should send: refused in a sentence, whichever way in and database."""

from collections import Counter
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote, urlencode

import orjson
import pytest

from stocktrail.interfaces.api import reference
from stocktrail.interfaces.codes import CODES
from tests.interfaces.api.hostile import ENCODED, NUMBERS, TEXTS, as_line, forged, rows
from tests.interfaces.api.serving import Served
from tests.interfaces.terminal import Terminal

IDS = {
    "sku": "W1", "order": "SO-1", "purchase_order": "PO-1", "by": "item", "line": "1",
    "customer": "C1", "webhook": "hook", "name": "OrderPlaced.v1",
}
NEEDED = {"quantity": "1", "q": "W"}
REFUSED = {200, 202, 304, 400, 404, 405, 409, 422}
JSON = {"Content-Type": "application/json"}


@pytest.fixture
def stocked(api: Served) -> Served:
    """Return a service on a shop in which every list has two pages."""
    api.accept("set-backorder-policy", backorders="allow")
    for number in range(3):
        sku = f"W{number}"
        api.accept("register-product", sku=sku)
        api.accept("receive-stock", sku=sku, quantity=2)
        api.accept("place-order", order=f"SO-{number}", customer=f"C{number}",
                   lines=[{"sku": sku, "quantity": 5}])
        api.accept("place-purchase-order", purchase_order=f"PO-{number}", vendor=f"V{number}",
                   lines=[{"sku": sku, "quantity": 5, "expected_date": "2031-01-01"}])
    api.accept("create-webhook", webhook="hook", url="https://shop.example/")
    api.ask("/stock")
    return api


def address_of(path: str, **given: str) -> str:
    """Write an address with these ids, percent-encoded already, and right ones for the others."""
    for name, value in (IDS | given).items():
        path = path.replace(f"{{{name}}}", value)
    return path


def questions() -> Iterator[tuple[str, dict[str, Any], dict[str, str]]]:
    """Return every parameter of every question in the description: its path, it, what is needed."""
    description = orjson.loads(reference.REFERENCE.read_bytes())
    for path, operations in description["paths"].items():
        parameters = operations.get("get", {}).get("parameters", ())
        needed = {each["name"]: NEEDED[each["name"]] for each in parameters
                  if each["name"] in NEEDED}
        for each in parameters:
            yield path, each, needed


def test_no_parameter_of_any_question_is_more_than_the_service_can_take(stocked: Served) -> None:
    failed: Counter[tuple[str, str, str, int]] = Counter()
    met: set[str] = set()
    pages = 0
    for path, parameter, needed in questions():
        name, where = parameter["name"], parameter["in"]
        values = [*map(quote_all, (*NUMBERS, *TEXTS)), *ENCODED]
        if name == "after" and parameter["schema"]["type"] == "string":
            first = stocked.client.get(address_of(path), params={**needed, "limit": 1}).json()
            values += map(quote_all, forged(first.get("next") or ""))
            pages += 1
        for value in values:
            asked = {key: part for key, part in needed.items() if key != name}
            headers: dict[str, str] = {}
            address = address_of(path)
            query = urlencode(asked)
            if where == "path" and value:
                address = address_of(path, **{name: value})
            elif where == "query":
                query = f"{query}&{name}={value}"
            elif where == "header":
                headers = {name: value, "Accept": "text/event-stream"}
            with stocked.client.stream("GET", f"{address}?{query}", headers=headers) as answer:
                if answer.status_code not in REFUSED:
                    failed[path, name, value[:40], answer.status_code] += 1
                if answer.status_code >= 400:
                    met.update(codes_in(orjson.loads(answer.read())))
    assert not failed
    assert pages >= 5
    assert met - {*CODES} == set()


def codes_in(refused: dict[str, Any]) -> set[str]:
    """Return the codes of a problem or a result, and of its errors."""
    return {each["code"] for each in (refused, *refused.get("errors", ())) if "code" in each}


def quote_all(text: str) -> str:
    """Percent-encode a text for any place of an address."""
    return quote(text, safe="")


def test_no_field_of_any_command_is_more_than_the_service_can_take(stocked: Served) -> None:
    lines = [as_line(*each) for each in rows()]
    for dry_run in ("true", "false"):
        answer = stocked.client.post(
            "/commands", params={"dry_run": dry_run}, content=b"".join(lines),
            headers={"Content-Type": "application/jsonl"},
        )
        found = [orjson.loads(line) for line in answer.content.splitlines()]
        assert len(found) == len(lines), found[-1]
        assert {each["status"] for each in found} <= {
            "accepted", "duplicate", "rejected", "invalid", "conflict"}
        assert set().union(*map(codes_in, found)) - {*CODES} == set()
    failed = Counter[tuple[str, bytes, int]]()
    for name, body in list(rows())[::7]:
        answer = stocked.client.post(f"/commands/{name}", content=body, headers=JSON)
        if answer.status_code >= 500:
            failed[name, body[-80:], answer.status_code] += 1
    assert not failed
    assert stocked.client.get("/stock", params={"at_least": stocked.service.ledger.head().position})


@pytest.mark.parametrize("value", ["1e999", "1e99999999999999999999", "-1e99999999999999999999"])
def test_a_number_with_an_absurd_exponent_is_invalid(stocked: Served, value: str) -> None:
    body = f'{{"sku": "A", "attributes": {{"weight": {value}}}}}'.encode()
    answer = stocked.client.post("/commands/register-product", content=body, headers=JSON)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid")
    [error] = answer.json()["errors"]
    assert (error["pointer"], error["code"]) == ("/attributes/weight", "bad_attribute")


@pytest.mark.parametrize("version", [2**63, 2**64, 10**30, -1])
def test_a_version_that_no_aggregate_can_have_is_invalid(stocked: Served, version: int) -> None:
    sent = {"sku": "W1", "quantity": 1, "expected_version": version}
    answer = stocked.send("receive-stock", **sent)
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/expected_version")
    hook = stocked.send("create-webhook", webhook="h2", url="https://x.example/", after=version)
    assert (hook.status_code, hook.json()["errors"][0]["pointer"]) == (422, "/after")


@pytest.mark.parametrize("address", [
    "/stock?after=a%00b", "/backorders/vendor?vendor=a%00b", "/backorders/item?sort=%00",
    "/events?types=a%00b", "/stock?pool=%FF", "/stock/a%ED%A0%80", "/stock/W1/history?after=%00",
    "/stock?as_of=%00", "/schemas/%00.json",
])
def test_what_is_no_text_is_refused_on_every_database(stocked: Served, address: str) -> None:
    answer = stocked.client.get(address)
    assert (answer.status_code, answer.json()["code"]) == (422, "bad_parameter")


@pytest.mark.parametrize("address", [
    "/view/items?q=%00", "/view/items/%00", "/view/items?after=%FF", "/view/orders/a%00b",
    "/view/actions/place-order?lines-%C2%B2-sku=A", "/view/events/99999999999999999999",
    "/view/events?after=18446744073709551616", "/view/actions/receive-stock?quantity=1e999",
    "/?as_of=%FF", "/view/items?limit=18446744073709551616", "/view/webhooks/%00",
])
def test_a_page_that_is_asked_what_is_no_text_says_so(stocked: Served, address: str) -> None:
    answer = stocked.client.get(address, headers={"Accept": "text/html"})
    assert answer.status_code in (200, 404, 409, 422)
    assert answer.headers["Content-Type"].startswith("text/html")


@pytest.mark.parametrize(("typed", "status"), [
    (("register-product", "--sku", "A", "--attributes", '{"weight": 1e99999999999999999999}'), 4),
    (("receive-stock", "--sku", "A", "--quantity", "1", "--expected-version", str(2**64)), 4),
    (("receive-stock", "--sku", "A", "--quantity", "1e99999999999999999999"), 4),
    (("events", "--after", str(2**64)), None), (("events", "--after", "-1"), None),
    (("events", "--limit", str(2**64)), None), (("stock", "--as-of", str(2**64)), None),
    (("stock", "--limit", str(2**64)), None), (("history", "A", "--limit", str(2**64)), None),
    (("history", "A", "--after", "x" * 3000), None),
    (("explain", "stock", "A", "--last", str(2**64)), None),
    (("explain", "promise", "SO-1", str(2**64)), None),
    (("promise", "A", "--quantity", "1e99999999999999999999"), None),
    (("backorders", "--by", "item", "--limit", str(2**64)), None),
    (("webhook", "deliveries", "h", "--limit", str(2**64)), None),
    (("webhook", "replay", "h", "--after", str(2**64)), None),
])
def test_the_command_line_refuses_what_no_database_holds(
    terminal: Terminal, typed: tuple[str, ...], status: int | None
) -> None:
    terminal.type("register-product", "--sku", "A")
    found = terminal.type(*typed)
    assert "Traceback" not in found.err
    assert found.status in ((2, 3, 4) if status is None else (status,)), found.err


def test_rows_that_no_database_holds_are_invalid_in_a_script(terminal: Terminal) -> None:
    lines = [as_line(*each) for each in rows()][::11]
    script = terminal.database.parent / "hostile.jsonl"
    script.write_bytes(b"".join(lines))
    found = terminal.type("submit", str(script), "--json")
    assert (found.status, "Traceback" in found.err) == (4, False)
    assert found.out.count("\n") == len(lines)
