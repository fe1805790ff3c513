"""Libraries of others read what we send: streams by httpx-sse, webhooks by standardwebhooks."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from threading import Timer

import pytest
from httpx_sse import ServerSentEvent, connect_sse
from standardwebhooks import Webhook, WebhookVerificationError

from stocktrail.feeds.webhooks.secrets import rotate, signing_secrets
from stocktrail.feeds.webhooks.signing import is_genuine, new_secret
from stocktrail.feeds.webhooks.worker import delivery_store
from stocktrail.ledger.store.engine.decided import system_clock
from tests.feeds.receiver import Receiver
from tests.feeds.webhook_scenes import Desk
from tests.interfaces.api.serving import Served, served

NAME = "M\u00fcller\u2019s 5\u00bd\u2033"
"""An item whose name is not ASCII."""


@pytest.fixture
def api(sqlite_url: str) -> Iterator[Served]:
    """Return a service on an empty ledger; what it sends does not depend on its store."""
    with served(sqlite_url) as running:
        yield running


def heard(
    api: Served, until: int, *, resume: str | None = None, **asked: str
) -> list[ServerSentEvent]:
    """Follow the stream by httpx-sse until a position, and give what came."""
    headers = {} if resume is None else {"Last-Event-ID": resume}
    came: list[ServerSentEvent] = []
    with connect_sse(api.client, "GET", "/events", params=asked, headers=headers) as source:
        for each in source.iter_sse():
            came.append(each)
            if int(each.id) >= until:
                break
    return came


def test_httpx_sse_reads_the_stream_and_resumes_where_it_was(api: Served) -> None:
    for sku in ("A", "B", NAME):
        api.accept("register-product", sku=sku)
    with connect_sse(api.client, "GET", "/events") as source:
        events = source.iter_sse()
        begun = next(events)
        assert (begun.event, begun.id, begun.retry) == ("checkpoint", "0", 1000)
        assert json.loads(begun.data) == {"position": 0, "head": 3}
        first, second = next(events), next(events)
    assert (first.event, first.id, first.json()["subject"]) == ("message", "1", "stock/A")
    came = heard(api, until=3, resume=second.id)
    assert [(each.event, each.id) for each in came] == [("checkpoint", "2"), ("message", "3")]
    assert came[-1].json()["data"]["sku"] == NAME


def test_httpx_sse_reads_what_is_selected_and_how_far_it_came(api: Served) -> None:
    for sku in ("A", "B"):
        api.accept("register-product", sku=sku)
        api.accept("receive-stock", sku=sku, quantity=1)
    came = heard(api, until=4, types="StockReceived", subject="stock/A")
    assert [(each.event, each.id) for each in came] == [
        ("checkpoint", "0"), ("message", "2"), ("checkpoint", "4"),
    ]
    assert came[0].json() == {"position": 0, "head": 4}


def test_httpx_sse_passes_over_heartbeats(sqlite_url: str) -> None:
    """It makes an empty event of every blank line, once an id was sent: heartbeats have none."""
    with served(sqlite_url, heartbeat_seconds=0.1) as api:
        api.accept("register-product", sku="A")
        with connect_sse(api.client, "GET", "/events") as source:
            events = source.iter_sse()
            assert [next(events).id for _ in range(2)] == ["0", "1"]
            later = Timer(0.5, lambda: api.accept("receive-stock", sku="A", quantity=1))
            later.start()
            assert next(events).json()["type"] == "stocktrail.StockReceived.v1"
            later.join()    # the event comes before the answer to the command


def test_standardwebhooks_verifies_each_message_while_a_secret_is_replaced(
    desk: Desk, receiver: Receiver
) -> None:
    desk.clock.now = system_clock()
    store = delivery_store(desk.ledger)
    (old,) = signing_secrets(store, "shop", desk.clock())
    new = rotate(store, "shop", desk.clock())
    desk.deliver()
    assert len(receiver.messages) == 4
    for message in receiver.messages:
        for secret in (old, new):
            assert Webhook(secret).verify(message.body, message.headers) == message.event
    first, second, *_ = receiver.messages
    with pytest.raises(WebhookVerificationError):
        Webhook(new).verify(second.body, first.headers)


def test_what_standardwebhooks_signs_is_genuine_to_us() -> None:
    secret, body = new_secret(), b'{"sku": "M\xc3\xbcller"}'
    now = datetime.now(tz=UTC)
    headers = {
        "webhook-id": "msg_1", "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": Webhook(secret).sign("msg_1", now, body.decode()),
    }
    assert is_genuine(secret, headers, body, int(now.timestamp()))
    assert not is_genuine(new_secret(), headers, body, int(now.timestamp()))
