"""Connections: what a client may keep of the service before anybody knows who it is."""

import os
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest

from stocktrail.interfaces.service.connection import MOST_HEAD_BYTES
from stocktrail.ledger.store.side_tables.access import AccessTokens
from tests.interfaces.api.serving import Served, served, serving, wait_for
from tests.interfaces.api.wire import PATIENCE_SECONDS, Line

JSON_LINES = "application/jsonl"
ROW = b'{"command": "register-product", "sku": "A%d"}\n'


@pytest.fixture
def hasty(sqlite_url: str) -> Iterator[Served]:
    """Return a service that waits for nobody."""
    with served(sqlite_url, head_seconds=0.4, silent_seconds=0.4) as running:
        yield running


# ------------------------------------------------------------------ the size of a head


@pytest.mark.parametrize("head", [
    b"GET /stock?q=" + b"x" * 70_000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n",
    b"GET /stock HTTP/1.1\r\nHost: localhost\r\nX: " + b"x" * 70_000 + b"\r\n\r\n",
    b"GET /stock HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer " + b"x" * 70_000
    + b"\r\n\r\n",
    b"GET /stock HTTP/1.1\r\nHost: localhost\r\n" + b"A: b\r\n" * 20_000 + b"\r\n",
    b"GET /" + b"x" * 400_000, b"GET / HTTP/1.1\r\nX" + b"x" * 400_000,
    b"GET / HTTP/1.1\r\nX: " + b"x" * 400_000, b"GET / HTTP/1.1\r\n" + b"A: b\r\n" * 100_000,
], ids=["address", "header", "token", "headers", "endless address", "endless name",
        "endless value", "endless headers"])
def test_a_head_that_is_too_large_is_431_whether_it_ends_or_not(
    sqlite_url: str, head: bytes
) -> None:
    with served(sqlite_url, require_token=True) as shop:
        with Line(shop.client.base_url) as line:
            line.write(head)
            answer = line.answer()
        assert (answer.status, answer.problem()["code"]) == (431, "head_too_large")
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert shop.client.get("/healthz").status_code == 200


def test_a_head_of_just_the_size_is_read(hasty: Served) -> None:
    first = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nX: "
    with Line(hasty.client.base_url) as line:
        line.write(first + b"x" * (MOST_HEAD_BYTES - len(first) - 100) + b"\r\n\r\n")
        assert line.answer().status == 200


def test_many_requests_on_one_connection_are_not_one_large_head(hasty: Served) -> None:
    one = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nX: " + b"x" * 9_000 + b"\r\n\r\n"
    with Line(hasty.client.base_url) as line:
        writing = threading.Thread(target=line.write, args=(one * 40,))
        writing.start()
        found = b""
        while found.count(b"HTTP/1.1 200") < 40:
            found += line.socket.recv(1 << 16)
        writing.join()


def test_what_follows_a_body_is_bounded_too(hasty: Served) -> None:
    with Line(hasty.client.base_url) as line:
        line.begin("POST /commands", chunked=JSON_LINES)
        line.chunk(ROW % 1)
        line.write(b"0\r\n" + b"Trailer: x\r\n" * 50_000)
        assert line.answer().status == 431


def test_what_is_sent_before_the_answer_takes_no_memory(sqlite_url: str) -> None:
    with serving(sqlite_url) as (process, url), ExitStack() as closing:
        wait_for(url)
        before = resident_bytes(process.pid)
        lines = [closing.enter_context(Line(url)) for _ in range(16)]

        def flood(line: Line) -> None:
            line.write(b"GET /stock HTTP/1.1\r\nHost: localhost\r\nX: ")
            for _ in range(64):
                if not line.write(b"x" * (1 << 20)):
                    return

        threads = [threading.Thread(target=flood, args=(line,)) for line in lines]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert resident_bytes(process.pid) - before < 64 << 20
        assert httpx.get(f"{url}/healthz").status_code == 200


def resident_bytes(process: int) -> int:
    """Return how much memory a process has."""
    return int(Path(f"/proc/{process}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def test_what_is_no_http_is_refused_as_a_problem(hasty: Served) -> None:
    for written in (b"\x16\x03\x01\x02\x00\r\n\r\n", b"GET / HTTP/9\r\n\r\n", b"MAKE tea\r\n\r\n"):
        with Line(hasty.client.base_url) as line:
            line.write(written)
            answer = line.answer()
        assert (answer.status, answer.problem()["code"]) == (400, "not_http")


# ------------------------------------------------------------------ what does not come


@pytest.mark.parametrize("begun", [
    b"GET", b"GET /stock HTTP/1.1\r\n", b"GET /stock HTTP/1.1\r\nHost: localhost\r\nX: y\r\n",
])
def test_a_head_that_does_not_end_is_408(hasty: Served, begun: bytes) -> None:
    with Line(hasty.client.base_url) as line:
        line.write(begun)
        answer = line.answer()
    assert (answer.status, answer.problem()["code"]) == (408, "head_too_slow")


def test_a_head_that_comes_drop_by_drop_is_408(hasty: Served) -> None:
    with Line(hasty.client.base_url) as line:
        line.write(b"GET /stock HTTP/1.1\r\nX: ")
        stop = threading.Event()

        def drip() -> None:
            while not stop.wait(0.05) and line.write(b"x"):
                pass

        dripping = threading.Thread(target=drip)
        dripping.start()
        answer = line.answer()
        stop.set()
        dripping.join()
    assert answer.status == 408


def test_a_connection_on_which_nothing_comes_is_closed(hasty: Served) -> None:
    with Line(hasty.client.base_url) as line:
        assert line.socket.recv(1) == b""


@pytest.mark.parametrize("body", [b"", b'{"sku": '])
def test_a_body_that_does_not_go_on_is_408_and_records_nothing(hasty: Served, body: bytes) -> None:
    for kind in ("application/json", "application/x-www-form-urlencoded"):
        address = "/commands/register-product" if kind.endswith("json") else "/view/login"
        with Line(hasty.client.base_url) as line:
            line.begin(f"POST {address}", f"Content-Type: {kind}", "Content-Length: 100")
            line.write(body)
            answer = line.answer()
        assert (answer.status, answer.problem()["code"]) == (408, "body_too_slow")
    assert hasty.service.ledger.head().position == 0


def test_a_stream_of_commands_that_does_not_go_on_ends_with_a_problem(hasty: Served) -> None:
    with Line(hasty.client.base_url) as line:
        line.begin("POST /commands", chunked=JSON_LINES)
        answer = line.answer()
        assert (answer.status, answer.problem()["code"]) == (408, "stalled")
    with Line(hasty.client.base_url) as line:
        line.begin("POST /commands", chunked=JSON_LINES)
        line.chunk(ROW % 1 + b'{"command": ')
        answer = line.answer()
    assert b'"status":"accepted"' in answer.body
    assert b'"code":"stalled"' in answer.body
    assert hasty.service.ledger.head().position == 1


def test_a_service_that_is_slow_itself_blames_no_client(hasty: Served) -> None:
    rows = b"".join(ROW % number for number in range(2000))
    with hasty.service.ledger.datastore.write_transaction(), Line(hasty.client.base_url) as line:
        line.begin("POST /commands", f"Content-Type: {JSON_LINES}", f"Content-Length: {len(rows)}")
        line.write(rows[:100_000])
        waited = threading.Event()
        waited.wait(1.5)                 # longer than it would wait for the client
    with Line(hasty.client.base_url) as other:
        other.begin("GET /healthz", "Connection: close")
        assert other.answer().status == 200


def test_who_asks_and_asks_and_takes_nothing_is_cut_off(sqlite_url: str) -> None:
    with served(sqlite_url, stalled_seconds=0.3) as shop, Line(shop.client.base_url) as line:
        asked = b"GET /openapi.json HTTP/1.1\r\nHost: localhost\r\n\r\n"
        writing = threading.Thread(target=line.write, args=(asked * 5_000,))
        writing.start()
        writing.join(PATIENCE_SECONDS)
        assert not writing.is_alive(), "the service goes on holding the connection"


def test_who_takes_an_answer_slowly_gets_it_whole(sqlite_url: str) -> None:
    with served(sqlite_url, stalled_seconds=0.3) as shop:
        whole = shop.client.get("/openapi.json").content
        with Line(shop.client.base_url, receive_bytes=4096) as line:
            line.begin("GET /openapi.json", "Connection: close")
            found = b""
            while part := line.socket.recv(40_000):
                found += part
                time.sleep(0.02)
        assert found.endswith(whole)


# ------------------------------------------------------------------ many of them


def test_requests_that_are_never_finished_keep_nobody_out(sqlite_url: str) -> None:
    with served(sqlite_url, most_connections=20) as shop, ExitStack() as closing:
        for number in range(200):
            line = closing.enter_context(Line(shop.client.base_url))
            line.write(b"GET /stock HTTP/1.1\r\n" if number % 2 else b"")
        with httpx.Client(base_url=shop.client.base_url) as client:
            for number in range(5):
                answer = client.post("/commands/register-product", json={"sku": f"S{number}"})
                assert answer.status_code == 201


def test_uploads_that_wait_for_their_client_keep_nobody_out(shop: Served) -> None:
    with ExitStack() as closing:
        for number in range(80):
            line = closing.enter_context(Line(shop.client.base_url))
            line.begin("POST /commands?dry_run=true" if number % 4 == 3 else "POST /commands",
                       chunked=JSON_LINES)
            line.chunk(ROW % number + b'{"comm' if number % 2 else b'{"comm')
            if number % 2:
                line.read_until(b'"line":1')
        [result] = shop.stream({"command": "receive-stock", "sku": "WIDGET", "quantity": 1})
        assert result["status"] == "accepted"
        assert shop.send("receive-stock", sku="WIDGET", quantity=1).status_code == 201
        assert shop.client.get("/stock").status_code == 200


def test_a_client_holds_no_more_than_its_share_and_others_get_theirs(database_url: str) -> None:
    with served(
        database_url, require_token=True, most_uploads_of_one=2, most_streams_of_one=2
    ) as shop, ExitStack() as closing:
        tokens = AccessTokens(shop.service.ledger)
        one, other = (
            {"Authorization": f"Bearer {tokens.create(name, 'command')[0]}"}
            for name in ("one", "other")
        )
        for first, headers, code in (
            ("POST /commands", {"Content-Type": JSON_LINES}, "too_many_uploads"),
            ("GET /events", {"Accept": "text/event-stream"}, "too_many_streams"),
        ):
            method, address = first.split()
            for _ in range(2):
                line = closing.enter_context(Line(shop.client.base_url))
                line.begin(first, f"Authorization: {one['Authorization']}",
                           *(f"{name}: {value}" for name, value in headers.items()),
                           "Transfer-Encoding: chunked")
                line.chunk(ROW % 1)
                line.read_until(b"200 OK")
            refused = shop.client.request(
                method, address, headers={**one, **headers}, content=ROW % 2
            )
            assert (refused.status_code, refused.json()["code"]) == (429, code)
            with shop.client.stream(
                method, address, headers={**other, **headers}, content=ROW % 2
            ) as taken:
                assert taken.status_code == 200


# ------------------------------------------------------------------ who may go on


@pytest.fixture
def guarded(database_url: str) -> Iterator[Served]:
    """Return a service that asks for tokens, and looks again soon."""
    with served(database_url, require_token=True, token_cache_seconds=0.2) as running:
        yield running


def revoke(shop: Served) -> None:
    """Revoke every token, and let the time pass in which one may still be taken."""
    tokens = AccessTokens(shop.service.ledger)
    for token in tokens.every():
        tokens.revoke(token.token_id)
    time.sleep(0.3)


def test_a_revoked_token_writes_no_more_through_a_stream_that_is_open(guarded: Served) -> None:
    secret, _ = AccessTokens(guarded.service.ledger).create("shop", "command")
    with Line(guarded.client.base_url) as line:
        line.begin("POST /commands", f"Authorization: Bearer {secret}", chunked=JSON_LINES)
        line.chunk(ROW % 1)
        line.read_until(b'"accepted"')
        line.chunk(b'{"command": "register-product", "sku": "G1", "group": "g"}\n')
        revoke(guarded)
        line.chunk(b'{"command": "register-product", "sku": "G2", "group": "g"}\n')
        line.write(b"0\r\n\r\n")
        rest = line.read_until(b"never")
    assert b'"code":"token_required"' in rest
    assert b'"accepted"' not in rest
    assert guarded.service.ledger.head().position == 1, "nor what waited for the end of its group"


def test_a_revoked_token_hears_no_more_through_a_stream_that_is_open(guarded: Served) -> None:
    tokens = AccessTokens(guarded.service.ledger)
    secret, _ = tokens.create("shop", "read")
    with Line(guarded.client.base_url) as line:
        line.begin("GET /events", f"Authorization: Bearer {secret}", "Accept: text/event-stream")
        line.read_until(b"event: checkpoint")
        revoke(guarded)
        seller = {"Authorization": f"Bearer {tokens.create('seller', 'command')[0]}"}
        guarded.client.post("/commands/register-product", json={"sku": "A"}, headers=seller)
        rest = line.read_until(b"\r\n0\r\n")
    assert b"event: problem" in rest
    assert b'"code":"token_required"' in rest
    assert b"ProductRegistered" not in rest


def test_a_revoked_token_hears_nothing_of_what_it_waited_for(guarded: Served) -> None:
    tokens = AccessTokens(guarded.service.ledger)
    secret, _ = tokens.create("shop", "read")
    with Line(guarded.client.base_url) as line:
        line.begin("GET /events?wait=20", f"Authorization: Bearer {secret}", "Connection: close")
        time.sleep(0.3)
        revoke(guarded)
        seller = {"Authorization": f"Bearer {tokens.create('seller', 'command')[0]}"}
        guarded.client.post("/commands/register-product", json={"sku": "A"}, headers=seller)
        answer = line.answer()
    assert (answer.status, answer.problem()["code"]) == (401, "token_required")
