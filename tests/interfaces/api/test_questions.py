"""Questions over HTTP: the objects of the command line, pages, earlier moments, fresh enough."""

from base64 import urlsafe_b64encode
from collections.abc import Iterator
from pathlib import Path

import httpx
import orjson
import pytest

from stocktrail.interfaces.api import examples
from stocktrail.interfaces.api.shapes.health import Alive, LedgerStatus, Ready
from stocktrail.interfaces.every_question import AnyQuestion, every_question
from stocktrail.projections.answers.shapes.shape import Shape
from tests.interfaces.api.serving import Served, served
from tests.interfaces.terminal import Terminal
from tests.postgres_server import drop_schema, new_schema


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def full_shop_url(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """Return the URL of a database for scenes that only ask."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path_factory.mktemp('questions') / 'shop.db'}"
        return
    server, schema = request.getfixturevalue("postgres"), new_schema()
    yield server.url(schema)
    drop_schema(server, schema)


@pytest.fixture(scope="module")
def full_shop(full_shop_url: str) -> Iterator[Served]:
    """Return a service on the shop of the examples; scenes share it, and change nothing."""
    with served(full_shop_url) as api:
        for name, body in examples.COMMANDS.items():
            if name in examples.BEFORE:
                api.client.post("/commands", json=examples.BEFORE[name]).raise_for_status()
            api.accept(name, **body)
        api.ask("/stock")
        yield api


def page_of(*key: str | int) -> str:
    """Make up where a page goes on."""
    return urlsafe_b64encode(orjson.dumps(key)).decode().rstrip("=")


TYPED = {
    "/stock/LAMP?pool=web": ("stock", "LAMP", "--pool", "web"),
    "/stock/LAMP/availability?quantity=4": ("availability", "LAMP", "--quantity", "4"),
    "/orders/SO-1?today=2026-03-01": ("order", "SO-1", "--today", "2026-03-01"),
    "/purchase-orders/PO-1?today=2026-03-01": (
        "purchase-order", "PO-1", "--today", "2026-03-01"),
    "/stock/LAMP/flow?pool=web": ("flow", "LAMP", "--pool", "web"),
    "/stock/LAMP/promise?quantity=2": ("promise", "LAMP", "--quantity", "2"),
    "/backorders/item": ("backorders", "--by", "item"),
    "/backorders/customer?customer=ANNA&sort=-age_days": (
        "backorders", "--by", "customer", "--customer", "ANNA", "--sort=-age_days"),
    "/backorders/vendor?late=true": ("backorders", "--by", "vendor", "--late"),
    "/explain/stock/LAMP": ("explain", "stock", "LAMP"),
    "/explain/order/SO-1": ("explain", "order", "SO-1"),
    "/explain/promise/SO-1/1": ("explain", "promise", "SO-1", "1"),
}


@pytest.mark.parametrize("address", TYPED)
def test_an_answer_is_what_the_command_line_says(
    full_shop: Served, full_shop_url: str, address: str, tmp_path: Path
) -> None:
    terminal = Terminal(tmp_path / "unused.db")
    terminal.url = full_shop_url
    answer = full_shop.ask(address)
    assert answer == terminal.ask(*TYPED[address])


@pytest.mark.parametrize(("before", "now"), [
    ("/explain/orders/SO-1", "/explain/order/SO-1"),
    ("/explain/orders/SO-1/lines/1", "/explain/promise/SO-1/1"),
])
def test_an_address_of_before_answers_and_is_described_no_more(
    full_shop: Served, before: str, now: str
) -> None:
    assert full_shop.ask(before) == full_shop.ask(now)
    described = full_shop.client.get("/openapi.json").json()["paths"]
    assert {path for path in described if path.startswith("/explain/")} == {
        "/explain/stock/{sku}", "/explain/order/{order}", "/explain/promise/{order}/{line}",
    }


@pytest.mark.parametrize("question", [
    pytest.param(each, id=each.question) for each in every_question() if each.address is not None
])
def test_every_answer_has_the_shape_that_is_described(
    full_shop: Served, question: AnyQuestion
) -> None:
    answer = full_shop.client.get(examples.addresses()[question.question])
    assert answer.status_code == 200, answer.text
    question.answer_type.model_validate_json(answer.content)


@pytest.mark.parametrize(("name", "shape"), [
    ("status", LedgerStatus), ("healthz", Alive), ("readyz", Ready),
])
def test_what_the_service_says_of_itself_has_the_shape_that_is_described(
    full_shop: Served, name: str, shape: type[Shape]
) -> None:
    shape.model_validate_json(full_shop.client.get(examples.OTHERS[name]).content)


@pytest.mark.parametrize("address", [
    "/notices", "/stock/LAMP/history", "/stock/LAMP/history?occurred=true", "/low-stock",
    "/backorders/customer?today=2026-03-01",
])
def test_pages_add_up_to_the_whole(full_shop: Served, address: str) -> None:
    whole = full_shop.ask(address)
    assert whole["next"] is None
    rows, after = [], None
    for _ in range(100):
        parameters = {"limit": 1} | ({} if after is None else {"after": after})
        page = full_shop.client.get(httpx.URL(address).copy_merge_params(parameters)).json()
        assert len(page["rows"]) <= 1
        rows += page["rows"]
        after = page["next"]
        if after is None:
            break
    assert rows == whole["rows"]
    assert len(rows) > 1


def test_a_question_waits_until_it_may_read_what_was_written(shop: Served) -> None:
    for _ in range(20):
        position = shop.accept("receive-stock", sku="WIDGET", quantity=1)
        answer = shop.client.get("/stock/WIDGET", params={"at_least": position})
        assert int(answer.headers["Position"]) >= position
        assert answer.json()["as_of"] >= position
    assert answer.json()["supply"] == 45


def test_a_position_that_the_log_has_not_reached_is_409(shop: Served) -> None:
    for parameter in ("at_least", "as_of"):
        answer = shop.client.get("/stock/WIDGET", params={parameter: 99})
        assert (answer.status_code, answer.json()["code"]) == (409, "unknown_position")


def test_an_earlier_moment_can_be_asked_about(shop: Served) -> None:
    shop.accept("receive-stock", sku="WIDGET", quantity=5)
    assert shop.ask("/stock/WIDGET", as_of=2)["supply"] == 25
    assert shop.ask("/backorders/item", as_of=1)["as_of"] == 1


def test_a_tag_is_known_again_until_the_content_changes(shop: Served) -> None:
    shop.ask("/stock/WIDGET")
    first = shop.client.get("/stock/WIDGET")
    known = {"If-None-Match": first.headers["ETag"]}
    position = shop.accept("register-product", sku="OTHER")
    again = shop.client.get("/stock/WIDGET", params={"at_least": position}, headers=known)
    assert (again.status_code, again.content) == (304, b"")
    assert int(again.headers["Position"]) >= position
    position = shop.accept("set-backorder-policy", backorders="allow")
    changed = shop.client.get("/stock/WIDGET", params={"at_least": position}, headers=known)
    assert changed.status_code == 200
    assert changed.headers["ETag"] != first.headers["ETag"]


def test_an_id_may_hold_a_slash_and_a_percent_sign(api: Served) -> None:
    api.accept("register-product", sku="A/B 50%2F")
    assert api.ask("/stock/A%2FB%2050%252F")["sku"] == "A/B 50%2F"
    assert api.ask("/stock/A%2FB%2050%252F/history")["sku"] == "A/B 50%2F"


@pytest.mark.parametrize(("address", "status", "code"), [
    ("/nothing", 404, "unknown_route"),
    ("/stock/", 404, "unknown_route"),
    ("/stock/GADGET", 404, "unknown_sku"),
    ("/stock/LAMP?pool=nowhere", 404, "unknown_pool"),
    ("/orders/SO-404", 404, "unknown_order"),
    ("/backorders/shelf", 422, "bad_parameter"),
    ("/backorders/item?sort=colour", 422, "unknown_column"),
    ("/orders?facet=pink", 422, "unknown_facet"),
    ("/stock?limit=0", 422, "bad_parameter"),
    ("/stock?limit=1001", 422, "bad_limit"),
    ("/stock?colour=red", 422, "bad_parameter"),
    ("/stock?as_of=yesterday", 422, "bad_moment"),
    ("/stock/LAMP/availability", 422, "bad_parameter"),
    ("/stock/LAMP/availability?quantity=0", 422, "not_positive"),
    ("/stock/LAMP/availability?quantity=1e3", 422, "bad_parameter"),
    ("/stock/LAMP/availability?quantity=%D9%A3", 422, "bad_parameter"),
    ("/stock/%00", 422, "bad_parameter"),
    ("/notices?after=nonsense", 422, "bad_page"),
    ("/backorders/item?after=nonsense", 422, "bad_page"),
    ("/backorders/item?after=WyJza3UiLGZhbHNlLHt9LFtdXQ", 422, "bad_page"),
    (f"/backorders/item?after={page_of('sku', False, 7, 'A')}", 422, "bad_page"),
    (f"/backorders/item?sort=backordered&after={page_of('backordered', False, 'x', 'A')}", 422,
     "bad_page"),
    (f"/backorders/customer?after={page_of('customer', False, 'A', 'A', 'O', 1 << 63)}", 422,
     "bad_page"),
    (f"/backorders/customer?sort=line&after={page_of('line', False, 'x', 'A', 'O', 1)}", 422,
     "bad_page"),
    (f"/backorders/vendor?after={page_of('vendor', False, 'A', chr(0), 'P', 1)}", 422, "bad_page"),
    ("/stock/LAMP/history?after=WyJub3RpY2VzIiwxXQ", 422, "bad_page"),
])
def test_what_cannot_be_answered_is_a_problem(
    full_shop: Served, address: str, status: int, code: str
) -> None:
    answer = full_shop.client.get(address)
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json()["status"] == status


def test_a_method_that_is_not_taken_is_405_and_names_those_that_are(shop: Served) -> None:
    answer = shop.client.delete("/stock")
    assert (answer.status_code, answer.json()["code"]) == (405, "method_not_allowed")
    assert answer.headers["Allow"] == "GET"


def test_as_of_a_position_inside_a_command_the_whole_command_is_seen(api: Served) -> None:
    api.accept("register-product", sku="WIDGET")
    whole = api.accept("receive-stock", sku="WIDGET", quantity=5)
    last = api.accept(
        "place-order", order="SO-1", customer="ADA", lines=[{"sku": "WIDGET", "quantity": 5}]
    )
    assert last > whole + 1
    for address in (
        "/stock/WIDGET", "/orders/SO-1", "/backorders/customer", "/stock/WIDGET/history",
    ):
        answer = api.client.get(address, params={"as_of": whole + 1})
        assert answer.headers["Position"] == str(last)
        assert answer.json() == api.ask(address, as_of=last)


def test_promises_that_rest_on_overdue_receipts_are_asked_for_by_themselves(api: Served) -> None:
    api.accept("set-backorder-policy", backorders="allow")
    for sku, expected in (("WIDGET", "2026-03-03"), ("GADGET", "2026-03-30")):
        api.accept("register-product", sku=sku)
        api.accept("count-stock", sku=sku, counted=0, occurred_at="2026-03-01T09:00:00Z")
        api.accept("place-order", order=f"SO-{sku}", customer="ADA",
                   occurred_at="2026-03-01T09:00:00Z", lines=[{"sku": sku, "quantity": 5}])
        api.accept("place-purchase-order", purchase_order=f"PO-{sku}", vendor="V", lines=[
            {"sku": sku, "quantity": 5, "expected_date": expected},
        ], occurred_at="2026-03-01T09:00:00Z")
    for today, orders in (("2026-03-20", ["SO-WIDGET"]), ("2026-03-02", [])):
        rows = api.ask("/backorders/customer", today=today, uncertain=True)["rows"]
        assert [row["order"] for row in rows] == orders
        assert [each["days_overdue"] for row in rows for each in row["overdue_receipts"]] == [
            17 for _ in orders
        ]
