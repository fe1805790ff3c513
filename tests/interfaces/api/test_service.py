"""The service itself: health, measures, logs, failures of the database, the description."""

import json
import logging
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import orjson
import pytest

from stocktrail.interfaces.api import examples, reference
from tests.house.generated import require_current
from tests.interfaces.api.serving import Served, serving
from tests.interfaces.terminal import Terminal


def test_health_is_open_and_says_how_far_the_read_models_are(shop: Served) -> None:
    shop.ask("/stock")
    assert shop.client.get("/healthz").json() == {"status": "ok"}
    assert shop.client.get("/readyz").json() == {
        "status": "ok", "head": 2, "position": 2, "lag": 0}


def test_a_service_that_is_ending_is_not_ready(shop: Served) -> None:
    shop.service.closing.set()
    assert shop.client.get("/readyz").status_code == 503


def test_measures_count_requests_commands_and_commits(shop: Served) -> None:
    shop.send("ship-order", order="SO-404", shipment="S")
    written = shop.client.get("/metrics").text
    assert 'stocktrail_commands_total{command="receive-stock",status="accepted"} 1.0' in written
    assert 'stocktrail_commands_total{command="ship-order",status="rejected"} 1.0' in written
    assert "stocktrail_group_size_count 3.0" in written
    assert "stocktrail_commit_seconds_count 3.0" in written
    assert "stocktrail_log_position 2.0" in written
    assert 'route="/commands/receive-stock",status="201"} 1.0' in written


def test_requests_that_come_together_share_a_commit(sqlite_shop: Served) -> None:
    together = threading.Barrier(16)

    def receive(number: int) -> int:
        together.wait(30)
        return sqlite_shop.accept("receive-stock", sku="WIDGET", quantity=1, id=f"r-{number}")

    with ThreadPoolExecutor(16) as clients:
        with sqlite_shop.service.ledger.datastore.write_transaction():
            waiting = [clients.submit(receive, number) for number in range(16)]
            time.sleep(1)
        positions = sorted(each.result(30) for each in waiting)
    assert positions == list(range(3, 19))
    commits = sqlite_shop.service.metrics.registry.get_sample_value("stocktrail_group_size_count")
    assert commits is not None
    assert commits <= 2 + 3, "sixteen commands took three commits at most"


def test_nobody_who_listens_is_behind_where_nobody_listens(shop: Served) -> None:
    shop.accept("receive-stock", sku="WIDGET", quantity=1)
    measured = shop.client.get("/metrics").text
    assert "stocktrail_tail_lag_events 0.0" in measured


def test_metrics_tell_what_caches_take_and_how_much_at_most(shop: Served) -> None:
    shop.accept("receive-stock", sku="WIDGET", quantity=1)
    shop.client.get("/metrics")
    value = shop.service.metrics.registry.get_sample_value
    for cache in ("aggregates", "timelines", "tokens", "unknown_tokens", "moments"):
        taken = value("stocktrail_cache_bytes", {"cache": cache})
        most = value("stocktrail_cache_most_bytes", {"cache": cache})
        assert taken is not None
        assert most is not None
        assert 0 <= taken <= most
    assert value("stocktrail_cache_bytes", {"cache": "aggregates"}) != 0


def test_a_request_id_is_taken_over_or_made(shop: Served) -> None:
    given = shop.client.get("/stock", headers={"X-Request-Id": "mine-1"})
    assert given.headers["X-Request-Id"] == "mine-1"
    made = shop.client.get("/nothing", headers={"X-Request-Id": "not an id"})
    assert made.headers["X-Request-Id"] not in ("", "not an id")


def test_logs_are_json_lines_with_ids_and_without_secrets(terminal: Terminal) -> None:
    secret = terminal.ask("token", "create", "--name", "shop", "--scope", "admin")["token"]
    with serving(terminal.url, "--require-token") as (process, url):
        import httpx

        headers = {"Authorization": f"Bearer {secret}", "X-Request-Id": "mine-1"}
        httpx.post(f"{url}/commands", headers=headers, json={
            "command": "register-product", "sku": "SECRET-SKU", "id": "c-1"}).raise_for_status()
        process.terminate()
        process.wait(20)
        assert process.stderr is not None
        written = process.stderr.read()
    # Before it serves it may take care of the operator, in words.
    logged = [json.loads(each) for each in written.splitlines() if each.startswith("{")]
    [line] = [each for each in logged if each["event"] == "request"]
    assert (line["request_id"], line["command_id"], line["status"]) == ("mine-1", "c-1", 201)
    assert secret not in written
    assert "SECRET-SKU" not in written


def test_a_database_that_fails_is_503_and_says_that_repeating_is_safe(sqlite_shop: Served) -> None:
    with sqlite_shop.service.ledger.datastore.write_transaction() as cursor:
        cursor.execute("CREATE TRIGGER broken BEFORE INSERT ON commands "
                       "BEGIN SELECT RAISE(ABORT, 'disk on fire'); END")
    body = {"sku": "WIDGET", "quantity": 1, "id": "again"}
    answer = sqlite_shop.client.post("/commands/receive-stock", json=body)
    assert (answer.status_code, answer.json()["code"]) == (503, "storage_failed")
    assert answer.headers["Retry-After"] == "1"
    streamed = sqlite_shop.client.post(
        "/commands", content=b'{"command": "receive-stock", "sku": "WIDGET", "quantity": 1}\n',
        headers={"Content-Type": "application/jsonl"},
    )
    assert (streamed.status_code, streamed.json()["code"]) == (503, "storage_failed")
    with sqlite_shop.service.ledger.datastore.write_transaction() as cursor:
        cursor.execute("DROP TRIGGER broken")
    assert sqlite_shop.client.post("/commands/receive-stock", json=body).status_code == 201


def test_a_mistake_of_ours_is_500_without_a_traceback(
    shop: Served, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(_: Any) -> Any:
        raise ZeroDivisionError("a secret of ours")

    shop.service.models.reading = broken  # type: ignore[assignment, method-assign]
    with caplog.at_level(logging.ERROR):
        answer = shop.client.get("/stock/WIDGET")
    assert (answer.status_code, answer.json()["code"]) == (500, "unexpected")
    assert "secret" not in answer.text
    assert "Traceback" not in answer.text


def test_the_description_is_up_to_date(shop: Served) -> None:
    served = reference.pretty(orjson.loads(shop.client.get("/openapi.json").content))
    require_current(reference.REFERENCE, served)


async def _examples() -> dict[str, Any]:
    return await reference.answers()


def test_the_examples_are_what_is_answered() -> None:
    import asyncio

    found = reference.pretty(asyncio.run(_examples()))
    require_current(reference.EXAMPLES, found)


def test_every_operation_has_an_example() -> None:
    description = orjson.loads(reference.REFERENCE.read_bytes())
    assert description["openapi"].startswith("3.1")
    for path in description["paths"].values():
        for operation in path.values():
            body = operation.get("requestBody", {}).get("content", {})
            assert all("example" in each for each in body.values()), operation["operationId"]
            answers = [
                media for status, answer in operation["responses"].items() if status < "300"
                for media in answer.get("content", {}).values()
            ]
            assert any("example" in each for each in answers), operation["operationId"]
    assert set(examples.addresses()) <= {
        operation["operationId"] for path in description["paths"].values()
        for operation in path.values()
    }


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_service_whose_read_models_have_stopped_is_not_ready(
    sqlite_shop: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> int:
        raise ArithmeticError("a defect")

    monkeypatch.setattr(sqlite_shop.service.models, "catch_up", broken)
    for _ in range(300):
        answer = sqlite_shop.client.get("/readyz")
        if answer.status_code != 200:
            break
        time.sleep(0.02)
    assert (answer.status_code, answer.json()["code"]) == (503, "read_models_stopped")
