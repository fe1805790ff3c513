"""Pages of the log over HTTP: what they say about themselves, and how long they wait."""

import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import httpx
import pytest

from stocktrail.feeds.asyncapi import document
from stocktrail.feeds.client import Subscription, SubscriptionLost, SubscriptionRefused
from stocktrail.feeds.schemas import data_schema
from stocktrail.ledger.store import Ledger, open_ledger
from tests.feeds.serving import Address, Server
from tests.interfaces.api.event_log.databases import on_both_databases
from tests.store.shop import order, send, stocked


@pytest.fixture
def shop(database_url: str) -> Iterator[Ledger]:
    """Return a ledger with an item and some orders."""
    with open_ledger(database_url) as ledger:
        send(ledger, [*stocked("A"), *(order(f"SO-{number}", "A") for number in range(10))])
        yield ledger


def sequence(answer: httpx.Response) -> list[int]:
    """Return the positions of the events of a page."""
    return [int(event["sequence"]) for event in answer.json()]


@on_both_databases
def test_a_full_page_may_be_kept_for_ever_and_names_the_next(server: Address) -> None:
    page = server.page(after=2, limit=5)
    assert (page.status_code, page.headers["content-type"]) == (
        200, "application/cloudevents-batch+json"
    )
    assert sequence(page) == [3, 4, 5, 6, 7]
    assert (page.headers["position"], page.headers["head"]) == ("7", "22")
    assert page.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert page.headers["vary"] == "Accept, Authorization"
    following = httpx.URL(server.url).join(page.links["next"]["url"])
    assert sequence(httpx.get(following)) == [8, 9, 10, 11, 12]
    seen = httpx.get(
        server.url, params={"after": 2, "limit": 5}, headers={"If-None-Match": page.headers["etag"]}
    )
    assert (seen.status_code, seen.content) == (304, b"")


def test_the_last_page_is_open_and_never_kept(server: Address, shop: Ledger) -> None:
    page = server.page(after=20)
    assert (sequence(page), page.headers["cache-control"]) == ([21, 22], "no-store")
    send(shop, [order("SO-10", "A")])
    assert sequence(server.page(after=20)) == [21, 22, 23, 24]


def test_the_position_moves_over_what_was_not_selected(server: Address) -> None:
    page = server.page(types="OrderCancelled,OrderShipped")
    assert (page.json(), page.headers["position"]) == ([], "22")
    page = server.page(types=["OrderPlaced", "StockReceived"], subject="order/SO-3")
    assert [event["subject"] for event in page.json()] == ["order/SO-3"]
    assert page.headers["position"] == "22"


@on_both_databases
def test_a_question_that_waits_is_answered_as_soon_as_there_is_something(
    server: Address, shop: Ledger
) -> None:
    began = time.monotonic()
    sale = threading.Timer(0.5, lambda: send(shop, [order("late", "A")]))
    sale.start()
    page = server.page(after=22, wait=20, subject="order/*")
    assert [event["subject"] for event in page.json()] == ["order/late"]
    assert 0.4 < time.monotonic() - began < 5
    sale.join()


def test_a_question_waits_no_longer_than_it_asks_to(server: Address) -> None:
    began = time.monotonic()
    page = server.page(after=22, wait=0.5)
    assert (page.json(), page.headers["position"]) == ([], "22")
    assert 0.4 < time.monotonic() - began < 5


def test_a_cursor_beyond_the_log_is_a_conflict_and_never_silence(server: Address) -> None:
    page = server.page(after=23, wait=20)
    assert page.status_code == 409
    assert page.headers["content-type"] == "application/problem+json"
    problem = page.json()
    assert (problem["code"], problem["after"], problem["head"]) == ("cursor_beyond_log", 23, 22)
    with pytest.raises(SubscriptionRefused, match="restored from a backup") as raised:
        next(Subscription(server.url, after=23).batches())
    assert raised.value.code == "cursor_beyond_log"
    with pytest.raises(SubscriptionRefused, match="restored from a backup"):
        next(Subscription(server.url, after=23).stream())


@pytest.mark.parametrize("asked", [
    {"after": -1}, {"after": "x"}, {"after": 1 << 63}, {"limit": 0}, {"limit": 10_001},
    {"wait": 61}, {"types": "OrderEaten"}, {"sku": "A"}, {"subject": "order/\0"},
])
def test_what_makes_no_sense_is_refused(server: Address, asked: dict[str, str | int]) -> None:
    answer = server.page(**asked)
    assert answer.status_code == 422
    assert answer.json()["code"] in ("bad_parameter", "unknown_type")
    with pytest.raises(SubscriptionRefused, match="no type of event named OrderEaten"):
        next(Subscription(server.url, types=["OrderEaten"]).stream())


@pytest.mark.parametrize("last", [b"x", b"-1", "\u0661".encode(), b"9" * 5000])
def test_a_last_event_id_that_is_no_position_is_refused(server: Address, last: bytes) -> None:
    asked = {b"Accept": b"text/event-stream", b"Last-Event-ID": last}
    answer = httpx.get(server.url, headers=asked)
    assert (answer.status_code, answer.json()["code"]) == (422, "bad_event_id")


def test_the_schemas_are_served(server: Address) -> None:
    site = httpx.Client(base_url=server.url.removesuffix("/events"))
    with site:
        assert site.get("/asyncapi.json").json() == document()
        found = site.get("/schemas").json()["schemas"]
        assert "/schemas/OrderPlaced.v1.json" in found
        schema = site.get("/schemas/OrderPlaced.v1.json")
        assert schema.headers["content-type"] == "application/schema+json"
        assert schema.json() == data_schema("OrderPlaced.v1")
        assert all(site.get(each).status_code == 200 for each in found)
        assert site.get("/schemas/OrderEaten.v1.json").status_code == 404


@pytest.mark.parametrize("how", ["batches", "stream"])
def test_a_client_hears_what_it_selects_and_goes_on_after_its_server(
    process: Server, shop: Ledger, how: str
) -> None:
    with Subscription(process.url, types=["OrderPlaced"], limit=3, wait_seconds=1) as subscription:
        batches = subscription.stream() if how == "stream" else subscription.batches()
        heard: list[int] = []
        for batch in batches:
            heard += [int(event["sequence"]) for event in batch.events]
            if batch.position >= 22:
                break
        assert heard == list(range(3, 22, 2))
        process.kill()
        process.start()
        send(shop, [order("SO-10", "A")])
        while not (events := next(batches).events):
            pass
        assert [event["subject"] for event in events] == ["order/SO-10"]


def test_a_client_loses_patience_when_told_to(process: Server) -> None:
    with Subscription(process.url, patience_seconds=0.3) as subscription:
        next(batches := subscription.batches())
        process.kill()
        with pytest.raises(SubscriptionLost, match="up to position 22 was received"):
            next(batches)


def test_a_client_takes_no_page_for_an_answer_of_the_ledger() -> None:
    class Portal(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(403)
            self.end_headers()
            self.wfile.write(b"<h1>Who are you?</h1>")

        def log_message(self, *_: object) -> None:
            """Stay silent."""

    with HTTPServer(("127.0.0.1", 0), Portal) as portal:
        threading.Thread(target=portal.handle_request).start()
        with pytest.raises(SubscriptionRefused, match="Who are you"):
            next(Subscription(f"http://127.0.0.1:{portal.server_port}/events").batches())


def test_a_client_wants_the_address_of_a_server() -> None:
    with pytest.raises(ValueError, match="not the address of a server"):
        Subscription("shop.db")
