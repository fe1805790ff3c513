"""Logs: an error of ours says where it happened, and nothing of what it happened over."""

import asyncio
import gc
import io
import json
import logging
import sys
import threading
from collections.abc import Iterator
from http.client import HTTPConnection
from typing import Any, NoReturn

import orjson
import pytest
import structlog

from stocktrail.interfaces.api import reference
from stocktrail.interfaces.service import logs
from stocktrail.interfaces.service.expiring_cache import MOST_ENTRIES
from stocktrail.interfaces.service.logs import configure_logs, flush_logs
from stocktrail.interfaces.service.tokens import TokenCache
from stocktrail.ledger.store import open_ledger
from stocktrail.ledger.store.side_tables.access import AccessTokens
from tests.interfaces.api.serving import Served, served
from tests.quiet_logs import log_nothing

NAME, EMAIL, QUERY = "Ada-Lovelace-personal", "ada-personal@example.com", "secret-of-the-query"
COOKIE = "secret-of-the-cookie"

PAGES = (
    "/", "/view/items", "/view/items/KETTLE", "/view/items/KETTLE/why", "/view/backorders/customer",
    "/view/orders/SO-1", "/view/events", "/view/notices", "/view/settings", "/view/webhooks",
    "/view/actions/register-customer",
)


@pytest.fixture
def logged(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    """Return what the service writes to its log."""
    written = io.StringIO()
    handlers, level, hook = logging.root.handlers[:], logging.root.level, threading.excepthook
    monkeypatch.setattr(sys, "stderr", written)
    configure_logs()
    yield written
    logging.root.handlers[:], logging.root.level, threading.excepthook = handlers, level, hook
    log_nothing()


@pytest.fixture
def shop(logged: io.StringIO, sqlite_url: str) -> Iterator[Served]:
    """Return a service that asks for tokens, and logs."""
    with served(sqlite_url, require_token=True, token_cache_seconds=60) as running:
        yield running


def break_it(shop: Served) -> None:
    """Let a mistake of ours be met by every question and every command, with data in its hands."""

    def broken(*given: Any, **named: Any) -> NoReturn:
        secrets = {"customer": NAME, "email": EMAIL, "given": (given, named)}
        try:
            raise KeyError(secrets["customer"])
        except KeyError as error:
            raise ValueError(f"{EMAIL} of {NAME} is wrong: {QUERY}") from error

    service: Any = shop.service
    service.models.reading = service.models.reading_at = service.models.status = broken
    service.ledger.read = service.ledger.read_stream = service.ledger.aggregate = broken
    service.ledger.outcome = service.submitter.submit_async = service.submitter.submit_rows = broken
    service.tail.page = service.models.ledger.position_at = broken


def requests_of_everything() -> Iterator[tuple[str, str]]:
    """Return method and address of every operation of the description, and pages."""
    description = orjson.loads(reference.REFERENCE.read_bytes())
    for path, operations in description["paths"].items():
        address = path.replace("{by}", "item").replace("{line}", "1")
        while "{" in address:
            begin, _, rest = address.partition("{")
            address = f"{begin}KETTLE{rest.partition('}')[2]}"
        for method in operations:
            yield method.upper(), address
    for page in PAGES:
        yield "GET", page


def test_what_is_logged_of_an_error_holds_no_data_whatever_route_it_happened_on(
    shop: Served, logged: io.StringIO
) -> None:
    secret, token = AccessTokens(shop.service.ledger).create("shop", "admin")
    headers = {
        "Authorization": f"Bearer {secret}", "Cookie": f"other={COOKIE}",
        "Content-Type": "application/json", "Accept": "application/json",
    }
    body = {"command": "register-customer", "customer": "C-1", "name": NAME, "email": EMAIL}
    shop.client.get("/stock", headers=headers)
    break_it(shop)
    found = []
    for method, address in requests_of_everything():
        for parameters in ("", f"q={QUERY}&as_of=0", "quantity=1"):
            answer = shop.client.request(
                method, address, headers=headers, params=parameters,
                json=body if method == "POST" else None,
            )
            found.append(answer.status_code)
            assert answer.headers["X-Request-Id"], "whoever reads the log can find the answer"
    for content in (json.dumps(body).encode(), json.dumps({**body, "email": 7}).encode()):
        streamed = shop.client.post("/commands", content=content, headers={
            **headers, "Content-Type": "application/jsonl"})
        found.append(streamed.status_code)
    assert found.count(500) > 20, found
    flush_logs()
    lines = [json.loads(line) for line in logged.getvalue().splitlines()]
    failed = [line for line in lines if line["event"] == "request_failed"]
    assert len(failed) >= found.count(500)
    assert all(line["request_id"] and line["exception"] for line in failed)
    assert "test_logged_errors.py" in str(failed[0]["exception"]), "it says where it happened"
    for each in (secret, NAME, EMAIL, QUERY, COOKIE):
        assert each not in logged.getvalue()
    assert token.token_id in logged.getvalue(), "who asked is known by the id of the token"


def test_an_error_that_ends_a_thread_or_a_task_is_logged_without_its_data(
    logged: io.StringIO,
) -> None:
    def broken() -> NoReturn:
        raise RuntimeError(NAME)

    thread = threading.Thread(target=broken)
    thread.start()
    thread.join()

    async def forgotten() -> None:
        async def failing() -> NoReturn:
            raise RuntimeError(NAME)

        failed = asyncio.ensure_future(failing())
        await asyncio.wait([failed])

    asyncio.run(forgotten())
    gc.collect()
    flush_logs()
    lines = [json.loads(line) for line in logged.getvalue().splitlines()]
    assert {line["event"] for line in lines} == {
        "thread_ended", "Task exception was never retrieved"}
    assert all("RuntimeError" in str(line["exception"]) for line in lines)
    assert NAME not in logged.getvalue()


def test_names_that_somebody_made_up_are_no_labels_of_measures(api: Served) -> None:
    lines = b"".join(
        b'{"command": "made-up-%d"}\n{"command": %d}\n' % (number, number) for number in range(50)
    )
    headers = {"Content-Type": "application/jsonl"}
    for parameters in ({}, {"dry_run": "true"}):
        api.client.post("/commands", content=lines, headers=headers, params=parameters)
    api.client.post("/commands", json={"command": "made-up-100"})
    for number in range(20):
        api.client.post(f"/commands/made-up-{number}", json={})
        api.client.get(f"/made-up-{number}")
        api.client.get(f"/view/assets/made-up-{number}.css")
        api.client.get(f"/stock/made-up-{number}")
        api.client.request("PROPFIND", f"/made-up-{number}")
    measures = api.client.get("/metrics").text
    assert "made-up" not in measures
    assert 'stocktrail_commands_total{command="unknown",status="invalid"} 100.0' in measures
    assert measures.count("stocktrail_commands_total{") == 2


def test_every_answer_forbids_to_guess_what_it_is(shop: Served, api: Served) -> None:
    secret, _ = AccessTokens(shop.service.ledger).create("shop", "admin")
    known = {"Authorization": f"Bearer {secret}"}
    answers = [
        shop.client.get("/stock"), shop.client.get("/stock", headers=known),
        shop.client.get("/nothing"), shop.client.get("/view/assets/nothing"),
        shop.client.get("/healthz"), shop.client.get("/metrics", headers=known),
        shop.client.get("/openapi.json"), shop.client.get("/view/login"), shop.client.get("/"),
        shop.client.get("/view/assets/style.css"), shop.client.delete("/stock"),
        shop.client.head("/healthz"), api.client.get("/stock", headers={"Host": "evil.example"}),
        api.client.post("/commands", content=b"{}\n", headers={
            "Content-Type": "application/jsonl"}),
    ]
    page = api.client.get("/events")
    answers.append(api.client.get("/events", headers={"If-None-Match": page.headers["ETag"]}))
    with api.client.stream("GET", "/events", headers={"Accept": "text/event-stream"}) as stream:
        answers.append(stream)
    break_it(shop)
    answers.append(shop.client.get("/stock/A", headers=known))
    assert {304, 401, 404, 405, 421, 500} <= {answer.status_code for answer in answers}
    for answer in answers:
        assert answer.headers.get("X-Content-Type-Options") == "nosniff", answer.request.url


@pytest.mark.parametrize("name", [
    "Host", "Authorization", "Content-Type", "Idempotency-Key", "Origin", "Last-Event-ID",
])
def test_a_header_that_says_two_things_is_refused(api: Served, name: str) -> None:
    host = api.client.base_url.netloc.decode()
    body = b'{"command": "register-product", "sku": "A"}'
    own = {"Host": host, "Content-Type": "application/json", "Content-Length": str(len(body))}
    connection = HTTPConnection(host)
    connection.putrequest("POST", "/commands", skip_host=True, skip_accept_encoding=True)
    for given, value in own.items():
        if given != name:
            connection.putheader(given, value)
    for value in (host, host) if name == "Host" else ("one", "other"):
        connection.putheader(name, value)
    connection.endheaders(body)
    answer = connection.getresponse()
    problem = json.loads(answer.read())
    connection.close()
    assert (answer.status, problem["code"]) == (400, "repeated_header")
    assert api.service.ledger.head().position == 0


@pytest.mark.parametrize("tried", ["short", "x" * 60_000])
def test_of_tokens_that_are_tried_a_bounded_number_is_remembered_as_digests(
    database_url: str, tried: str
) -> None:
    with open_ledger(database_url) as ledger:
        tokens = AccessTokens(ledger)
        secret, token = tokens.create("shop", "read")
        cache = TokenCache(tokens, 60)
        assert cache.look_up(secret) == token
        for number in range(MOST_ENTRIES + 50):
            cache.look_up(f"{tried}{number}")
    assert len(cache) == MOST_ENTRIES + 1
    assert cache.get(secret) == (True, token), "trying others drives out none that is known"
    assert cache.get(f"{tried}0") == (False, None)
    kept = str({name: vars(value) for name, value in vars(cache).items() if name != "tokens"})
    assert tried not in kept
    assert secret not in kept


def test_what_is_remembered_is_forgotten_in_time(sqlite_url: str) -> None:
    with open_ledger(sqlite_url) as ledger:
        cache = TokenCache(AccessTokens(ledger), 0)
        for number in range(20):
            cache.look_up(f"tried-{number}")
    assert len(cache) <= 1


def test_lines_of_ours_and_of_libraries_are_written_in_the_order_in_which_they_were_logged(
    logged: io.StringIO,
) -> None:
    ours, theirs = structlog.get_logger("ours"), logging.getLogger("theirs")
    for number in range(200):
        ours.info("ours", number=number)
        theirs.warning("theirs %d", number)
    theirs.info("not worth a line")
    flush_logs()
    lines = [json.loads(line) for line in logged.getvalue().splitlines()]
    assert [line["event"] for line in lines] == [
        event for number in range(200) for event in ("ours", f"theirs {number}")
    ]
    assert [line["number"] for line in lines if line["event"] == "ours"] == list(range(200))
    assert {line["level"] for line in lines} == {"info", "warning"}


def test_who_logs_waits_while_too_many_lines_wait(
    logged: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logs, "MOST_WAITING", 10)
    monkeypatch.setattr(sys, "stderr", logged)      # pytest has put its own there
    logs.configure_logs()
    log = structlog.get_logger("ours")
    for number in range(500):
        log.info("ours", number=number)
    flush_logs()
    numbers = [json.loads(line)["number"] for line in logged.getvalue().splitlines()]
    assert numbers == list(range(500)), "none is lost"
