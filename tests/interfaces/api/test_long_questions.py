"""Questions that take too long: they are broken off, and hold no thread."""

import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from stocktrail.interfaces.service.service import Service
from stocktrail.ledger.store import Ledger
from stocktrail.projections import ReadModels
from stocktrail.projections.models.orders import load_orders
from stocktrail.projections.questions.explain_order import explain_order
from tests.interfaces.api.serving import Served, served

ENDLESS = (
    "WITH RECURSIVE endless(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM endless) "
    "SELECT COUNT(*) FROM endless"
)


@pytest.fixture
def hasty(database_url: str) -> Iterator[Served]:
    """Return a service whose questions may take no longer than a moment."""
    with served(database_url, question_seconds=0.3, question_threads=2) as running:
        running.accept("register-product", sku="WIDGET")
        running.accept("receive-stock", sku="WIDGET", quantity=25)
        running.service.models.catch_up()
        yield running


def endless_statement(models: ReadModels) -> dict[str, Any]:
    """Ask the database what it never finishes to find out."""
    with models.reading() as reading:
        reading.cursor.execute(ENDLESS)
        reading.cursor.fetchall()
    raise AssertionError("it ended")


def endless_reading(models: ReadModels) -> dict[str, Any]:
    """Read the log again and again."""
    while True:
        models.ledger.read_stream("stock/WIDGET")


def endless_folding(models: ReadModels) -> dict[str, Any]:
    """Fold an item again and again."""
    while True:
        models.ledger.aggregate("stock/WIDGET", 2)


def endless_rows(models: ReadModels) -> dict[str, Any]:
    """Read rows of a read model again and again, in one transaction."""
    with models.reading() as reading:
        while True:
            load_orders(reading.place, reading.cursor, ["SO-404"])


@pytest.mark.parametrize("question", [
    endless_statement, endless_reading, endless_folding, endless_rows,
])
@pytest.mark.parametrize("address", ["/stock/WIDGET", "/stock/WIDGET?as_of=1"])
def test_a_question_that_takes_too_long_is_broken_off_and_holds_no_thread(
    hasty: Served, monkeypatch: pytest.MonkeyPatch, question: Any, address: str
) -> None:
    from stocktrail.projections.questions import stock as stock_report

    with monkeypatch.context() as patched:
        patched.setattr(stock_report, "stock", lambda models, *_: question(models))
        with ThreadPoolExecutor(6) as clients:
            answers = list(clients.map(lambda _: hasty.client.get(address), range(6)))
    assert {answer.status_code for answer in answers} == {503}
    assert {answer.json()["code"] for answer in answers} == {"question_too_long"}
    assert all(answer.headers["Retry-After"] for answer in answers)
    assert hasty.client.get(address).status_code == 200, "no thread is held"
    assert hasty.send("receive-stock", sku="WIDGET", quantity=1).status_code == 201


def test_a_page_whose_question_takes_too_long_says_so(
    hasty: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    from stocktrail.projections.questions import products

    with monkeypatch.context() as patched:
        patched.setattr(products, "GridPage", lambda *_: endless_rows(hasty.service.models))
        for query in ("", "?as_of=1"):
            answer = hasty.client.get(f"/view/items{query}")
            assert (answer.status_code, "text/html" in answer.headers["content-type"]) == (
                503, True)
    assert hasty.client.get("/view/items").status_code == 200


def test_what_was_read_of_the_past_is_kept_for_the_next_who_asks(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from stocktrail.projections import read_models

    monkeypatch.setattr(read_models, "EVENTS_PER_BATCH", 20)
    with served(database_url, question_seconds=0.02) as shop:
        lines = b"".join(b'{"command":"register-product","sku":"S%d"}\n' % n for n in range(600))
        shop.client.post("/commands", content=lines, headers={
            "Content-Type": "application/jsonl"})
        shop.service.models.catch_up()
        statuses = []
        for _ in range(200):
            answer = shop.client.get("/view/items?as_of=599&limit=1&format=json")
            statuses.append(answer.status_code)
            if answer.status_code == 200:
                break
            assert answer.json()["code"] in ("question_too_long", "busy")
        assert statuses[-1] == 200, "each goes on where the one before was broken off"


# ------------------------------------------------------------------ linear


def calls_of_explaining(ledger: Ledger, service: Service, lines: int) -> int:
    """Count how many functions run while an order of so many lines of one item is explained."""
    calls = 0

    def count(_: Any, event: str, __: Any) -> None:
        nonlocal calls
        calls += event == "call"

    sys.setprofile(count)
    try:
        found = explain_order(service.models, f"SO-{lines}")
    finally:
        sys.setprofile(None)
    assert len(found["arithmetic"]) == lines
    return calls


def test_explaining_an_order_takes_twice_as_long_for_twice_the_lines(api: Served) -> None:
    api.accept("set-backorder-policy", backorders="allow")
    api.accept("register-product", sku="LAMP")
    api.accept("receive-stock", sku="LAMP", quantity=3)
    for lines in (50, 400, 800):
        api.accept("place-order", order=f"SO-{lines}", customer="ADA",
                   lines=[{"sku": "LAMP", "quantity": 2}] * lines)
    service = api.service
    service.models.catch_up()
    calls_of_explaining(service.ledger, service, 50)
    fewer = calls_of_explaining(service.ledger, service, 400)
    more = calls_of_explaining(service.ledger, service, 800)
    assert more < 3 * fewer
    said = api.ask("/explain/order/SO-400")["sentences"]
    assert "behind 49 lines that wait for 97" in next(
        each for each in said if each.startswith("Line 1 (LAMP) waits"))
