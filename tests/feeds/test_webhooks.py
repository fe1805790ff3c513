"""Webhooks: every event arrives, signed, in order for each subject, whatever the receiver does."""

import asyncio
import socket
import time
from collections.abc import Callable
from contextlib import closing

import pytest

from stocktrail.feeds.delivery_store import AnotherWorker
from stocktrail.feeds.webhooks import delivery
from stocktrail.feeds.webhooks.ordered_queues import OrderedQueues, QueuedEvent
from stocktrail.feeds.webhooks.questions import deliveries, parked, webhooks
from stocktrail.feeds.webhooks.replay import replay
from stocktrail.feeds.webhooks.secrets import OVERLAP_MICROSECONDS, rotate, signing_secrets
from stocktrail.feeds.webhooks.signing import is_genuine, new_secret
from stocktrail.feeds.webhooks.subscriptions import webhook_subscription
from stocktrail.feeds.webhooks.trial import send_trial
from stocktrail.feeds.webhooks.worker import WebhookWorker, delivery_store
from stocktrail.ledger.refusal import Refusal
from stocktrail.ledger.store import Ledger
from tests.commands.scenes import given, when
from tests.feeds.receiver import Handler, Message, Receiver, always, receiving
from tests.feeds.webhook_scenes import HOUR, SECOND, Desk, registered


def failing(subject: str, answer: Callable[[Handler], None]) -> Callable[[Handler, Message], None]:
    """Answer one subject differently."""
    def answering(handler: Handler, message: Message) -> None:
        if message.event["subject"] == subject:
            answer(handler)
        else:
            handler.answer(204)
    return answering


def silence(handler: Handler) -> None:
    """Say nothing for half a minute."""
    handler.server.released.wait(30)


# ------------------------------------------------------------------ what arrives


def test_every_event_arrives_signed_and_once(desk: Desk, receiver: Receiver) -> None:
    desk.stock("A", "B", "C", "A")
    desk.deliver()
    desk.deliver()
    assert sorted(receiver.positions) == list(range(1, 9))
    (secret,) = signing_secrets(delivery_store(desk.ledger), "shop", desk.clock())
    for message in receiver.messages:
        assert is_genuine(secret, message.headers, message.body, desk.clock() // SECOND)
        assert not is_genuine(secret, message.headers, message.body + b" ", desk.clock() // SECOND)
        assert message.headers["webhook-id"] == message.event["id"]
        assert message.headers["content-type"] == "application/cloudevents+json"
    secrets = [row.state for row in desk.ledger.log_recorder.rows(0, 100)]
    assert not [state for state in secrets if secret.encode() in state]


@pytest.mark.parametrize("signature", ["v1,\xe9", "", " ", "v1", "v1,", "\ud800"])
def test_a_signature_that_nobody_made_is_not_genuine(signature: str) -> None:
    headers = {
        "webhook-id": "1-1", "webhook-timestamp": "1700000000", "webhook-signature": signature,
    }
    assert not is_genuine(new_secret(), headers, b"{}", 1_700_000_000)


def test_only_what_was_asked_for_arrives(ledger: Ledger, receiver: Receiver) -> None:
    desk = Desk(ledger)
    given(ledger, *registered("A", "B"))
    desk.stock("A", "B")
    desk.create(receiver.url, types=["StockReceived"], subject="stock/B*")
    desk.create(receiver.url, "later", subject="stock/A", after=None)
    desk.stock("A", "B")
    desk.deliver()
    assert sorted(receiver.positions) == [4, 7, 8]


def test_a_webhook_that_wants_the_whole_log_in_order_gets_it_so(
    ledger: Ledger, receiver: Receiver
) -> None:
    desk = Desk(ledger)
    given(ledger, *registered("A", "B", "C"))
    desk.stock(*"ABCABCABC")
    desk.create(receiver.url, whole_log=True)
    desk.deliver()
    assert receiver.positions == list(range(1, 14))


# ------------------------------------------------------------------ what goes wrong


def test_a_subject_that_fails_waits_and_others_go_on(desk: Desk, receiver: Receiver) -> None:
    receiver.answering = failing("stock/A", lambda handler: handler.answer(500))
    desk.stock("A", "B", "A", "B")
    desk.deliver()
    assert receiver.by_subject()["stock/A"] == [1]
    assert receiver.by_subject()["stock/B"] == [2, 6, 8]
    receiver.answering = always(204)
    desk.deliver(after=3 * SECOND)
    assert receiver.by_subject()["stock/A"] == [1]
    desk.deliver(after=3 * SECOND)
    assert receiver.by_subject()["stock/A"] == [1, 1, 5, 7]


def test_retries_back_off_over_days_and_then_the_event_is_parked(
    desk: Desk, receiver: Receiver
) -> None:
    receiver.answering = failing("stock/A", lambda handler: handler.answer(500))
    desk.deliver()
    begun = desk.clock()
    while parked(desk.ledger, "shop") == []:
        desk.deliver(after=HOUR)
        assert desk.clock() - begun < 10 * 24 * HOUR
    assert parked(desk.ledger, "shop") == [1]
    tried = deliveries(desk.ledger, "shop")["rows"]
    attempts = [row["attempt"] for row in tried if row["position"] == 1]
    assert attempts == list(range(11, 0, -1))
    assert tried[-1]["error"] == "It answered 500."
    assert 3 * 24 * HOUR < desk.clock() - begun < 5 * 24 * HOUR
    receiver.answering = always(204)
    desk.stock("A")
    desk.deliver()
    assert receiver.by_subject()["stock/A"][-1] == 5
    assert webhooks(desk.ledger)["rows"][0]["parked"] == 1


def test_retry_after_is_honoured_by_the_whole_webhook(desk: Desk, receiver: Receiver) -> None:
    receiver.answering = failing("stock/A", lambda each: each.answer(429, Retry_After="600"))
    desk.deliver()
    receiver.answering = always(204)
    arrived = len(receiver.messages)
    desk.stock("B")
    desk.deliver(after=599 * SECOND)
    assert len(receiver.messages) == arrived
    desk.deliver(after=1 * SECOND)
    assert receiver.by_subject()["stock/A"] == [1, 1]
    assert receiver.by_subject()["stock/B"] == [2, 5]


def test_gone_disables_the_webhook_and_nothing_is_lost(desk: Desk, receiver: Receiver) -> None:
    receiver.answering = always(410)
    desk.deliver()
    found = webhook_subscription(desk.ledger, "shop")
    assert (found.standing, found.disabled_because) == ("disabled", "The receiver answered 410 "
                                                        "Gone.")
    arrived = len(receiver.messages)
    receiver.answering = always(204)
    desk.deliver(after=HOUR)
    assert len(receiver.messages) == arrived
    when(desk.ledger, command="enable-webhook", webhook="shop")
    desk.deliver()
    assert sorted(set(receiver.positions[arrived:])) == [1, 2, 3, 4, 5, 6]


def test_a_redirect_is_not_followed(desk: Desk, receiver: Receiver) -> None:
    with receiving() as elsewhere:
        receiver.answering = always(302, Location=elsewhere.url)
        desk.deliver()
        assert elsewhere.messages == []
    error = deliveries(desk.ledger, "shop")["rows"][0]["error"]
    assert error == "It answered 302: redirects are not followed."


def test_a_silent_receiver_is_cut_off_and_others_are_served(
    ledger: Ledger, receiver: Receiver
) -> None:
    desk = Desk(ledger)
    given(ledger, *registered("A", "B", "C"))
    desk.create(receiver.url)
    receiver.answering = failing("stock/A", silence)
    begun = time.monotonic()
    desk.deliver()
    assert time.monotonic() - begun < 5
    assert sorted(receiver.positions) == [1, 2, 3, 4]
    errors = {row["position"]: row["error"] for row in deliveries(ledger, "shop")["rows"]}
    assert errors == {
        1: "There was no answer within 0.5 seconds.", 2: None, 3: None, 4: None,
    }


def test_a_receiver_that_drips_is_cut_off(desk: Desk, receiver: Receiver) -> None:
    def drip(handler: Handler) -> None:
        handler.wfile.write(b"HTTP/1.1 ")
        while not handler.server.released.wait(0.05):
            handler.wfile.write(b" ")
            handler.wfile.flush()

    receiver.answering = failing("stock/A", drip)
    desk.deliver()
    (failed,) = deliveries(desk.ledger, "shop", outcome="failed")["rows"]
    assert (failed["position"], failed["status"]) == (1, None)


def test_of_a_long_answer_only_the_status_counts(desk: Desk, receiver: Receiver) -> None:
    written = []

    def talk(handler: Handler) -> None:
        handler.send_response(200)
        handler.send_header("content-length", str(100 << 20))
        handler.end_headers()
        for _ in range(100):
            handler.wfile.write(bytes(1 << 20))
            written.append(1 << 20)

    receiver.answering = failing("stock/A", talk)
    begun = time.monotonic()
    desk.deliver()
    assert time.monotonic() - begun < 5
    assert sum(written) < 20 << 20
    assert deliveries(desk.ledger, "shop", outcome="failed")["rows"] == []


def test_of_events_that_wait_only_some_are_kept_as_they_are_sent(
    desk: Desk, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept: list[int] = []
    take_due = OrderedQueues.take_due

    def watched(queues: OrderedQueues, now: int) -> QueuedEvent | None:
        bodies = [each.body or b"" for queue in queues._queues.values() for each in queue]
        kept.append(sum(map(len, bodies)))
        return take_due(queues, now)

    monkeypatch.setattr(delivery, "MAX_BODY_BYTES", 2_000)
    monkeypatch.setattr(OrderedQueues, "take_due", watched)
    receiver.answering = failing("stock/A", lambda handler: handler.answer(500))
    desk.stock(*"AB" * 20)
    desk.deliver()
    receiver.answering = always(204)
    desk.deliver(after=HOUR)
    assert sorted(set(receiver.positions)) == list(range(1, 45))
    assert 1_000 < max(kept) <= 2_000


@pytest.mark.parametrize("answer", [b"", b"SSH-2.0-OpenSSH_9\r\n", b"HTTP/1.1 200 OK\r\n" * 9000])
def test_what_is_not_http_is_a_failure(desk: Desk, receiver: Receiver, answer: bytes) -> None:
    def close(handler: Handler) -> None:
        handler.close_connection = True
        handler.wfile.write(answer)

    receiver.answering = failing("stock/A", close)
    desk.deliver()
    (failed,) = deliveries(desk.ledger, "shop", outcome="failed")["rows"]
    assert failed["error"].startswith(("The answer was not HTTP", "The connection failed"))


def test_nobody_there_is_a_failure_and_is_tried_again(ledger: Ledger) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        port = taken.getsockname()[1]
    desk = Desk(ledger)
    given(ledger, *registered("A"))
    desk.create(f"http://127.0.0.1:{port}/hook")
    desk.deliver()
    assert {row["status"] for row in deliveries(ledger, "shop")["rows"]} == {None}
    with receiving(port) as receiver:
        desk.deliver(after=6 * SECOND)
        assert sorted(receiver.positions) == [1, 2]


# ------------------------------------------------------------------ looking after webhooks


def test_a_range_is_replayed_and_the_cursor_stays(desk: Desk, receiver: Receiver) -> None:
    desk.stock("A", "B")
    desk.deliver()
    before = webhooks(desk.ledger)["rows"][0]["position"]
    receiver.messages.clear()
    assert replay(desk.ledger, "shop", 1, 5) == 5
    desk.deliver()
    assert sorted(receiver.positions) == [2, 3, 4, 5]
    assert webhooks(desk.ledger)["rows"][0]["position"] == before
    kinds = [row["kind"] for row in deliveries(desk.ledger, "shop", limit=4)["rows"]]
    assert kinds == ["replay"] * 4
    with pytest.raises(Refusal, match="There is nothing after position 3"):
        replay(desk.ledger, "shop", 3, 3)
    with pytest.raises(Refusal, match="this log ends at 6"):
        replay(desk.ledger, "shop", 0, 7)


def test_during_a_rotation_both_secrets_sign(desk: Desk, receiver: Receiver) -> None:
    books = delivery_store(desk.ledger)
    (old,) = signing_secrets(books, "shop", desk.clock())
    desk.clock.pass_by(SECOND)
    new = rotate(books, "shop", desk.clock())
    desk.deliver()
    message = receiver.messages[0]
    seconds = desk.clock() // SECOND
    assert is_genuine(old, message.headers, message.body, seconds)
    assert is_genuine(new, message.headers, message.body, seconds)
    desk.stock("A")
    desk.deliver(after=OVERLAP_MICROSECONDS)
    message, seconds = receiver.messages[-1], desk.clock() // SECOND
    assert not is_genuine(old, message.headers, message.body, seconds)
    assert is_genuine(new, message.headers, message.body, seconds)


def test_a_trial_arrives_and_moves_nothing(desk: Desk, receiver: Receiver) -> None:
    found = asyncio.run(send_trial(desk.ledger, "shop"))
    assert (found["delivered"], found["status"]) == (True, 204)
    (message,) = receiver.messages
    (secret,) = signing_secrets(delivery_store(desk.ledger), "shop", desk.clock())
    assert is_genuine(secret, message.headers, message.body, int(time.time()))
    assert webhooks(desk.ledger)["rows"][0]["position"] == 0


def test_a_deleted_webhook_is_forgotten_and_may_begin_anew(
    desk: Desk, receiver: Receiver
) -> None:
    desk.deliver()
    when(desk.ledger, command="delete-webhook", webhook="shop")
    desk.deliver()
    assert webhooks(desk.ledger)["rows"] == []
    with pytest.raises(Refusal, match="it was deleted"):
        deliveries(desk.ledger, "shop")
    receiver.messages.clear()
    desk.create(receiver.url)
    desk.deliver()
    assert sorted(receiver.positions) == [1, 2, 3, 4, 5, 6]


def test_one_worker_at_a_time(desk: Desk, receiver: Receiver) -> None:
    delivery_store(desk.ledger).acquire_lease(desk.clock())
    with pytest.raises(AnotherWorker, match="Another process is delivering webhooks"):
        desk.deliver()
    assert receiver.messages == []
    desk.deliver(after=60 * SECOND)
    assert sorted(receiver.positions) == [1, 2, 3, 4]


def test_the_worker_goes_on_as_the_log_grows(desk: Desk, receiver: Receiver) -> None:
    async def meanwhile() -> None:
        stop = asyncio.Event()
        running = asyncio.create_task(WebhookWorker(desk.ledger).run(stop))
        for _ in range(20):
            await asyncio.to_thread(desk.stock, "A", "B")
        deadline = time.monotonic() + 10
        while len(receiver.messages) < 44 and time.monotonic() < deadline:
            await asyncio.sleep(0.05)
        stop.set()
        await running

    asyncio.run(meanwhile())
    for positions in receiver.by_subject().values():
        assert positions == sorted(set(positions))
    assert sorted(receiver.positions) == list(range(1, 45))
