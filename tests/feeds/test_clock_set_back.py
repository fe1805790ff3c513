"""The clock was ahead and is set back: nothing waits for the time that it told before."""

import asyncio
from collections.abc import Callable

import pytest

from stocktrail.feeds.delivery_store import MAX_CLOCK_DIFFERENCE, AnotherWorker, DeliveryStore
from stocktrail.feeds.webhooks.questions import webhooks
from stocktrail.feeds.webhooks.secrets import rotate, signing_secrets
from stocktrail.feeds.webhooks.worker import WebhookWorker, delivery_store
from stocktrail.ledger.store import Ledger
from tests.commands.scenes import given
from tests.feeds.receiver import Answering, Receiver, always
from tests.feeds.webhook_scenes import HOUR, QUICK, SECOND, Desk, registered
from tests.waiting import PATIENCE_SECONDS

YEAR = 365 * 24 * HOUR


@pytest.fixture
def desk(ledger: Ledger, receiver: Receiver) -> Desk:
    """Return a ledger with two items and a webhook, at which the clock is a year ahead."""
    desk = Desk(ledger)
    given(ledger, *registered("A", "B"))
    desk.create(receiver.url)
    desk.clock.pass_by(YEAR)
    return desk


@pytest.mark.parametrize("refusal", [
    always(500), always(500, Retry_After="3600"), always(429, Retry_After="86400"),
])
def test_a_worker_that_starts_then_sends_again_what_was_refused_before(
    desk: Desk, receiver: Receiver, refusal: Answering
) -> None:
    receiver.answering = refusal
    desk.deliver()
    receiver.answering = always(204)
    desk.deliver(after=-YEAR)
    assert is_idle(desk.ledger)
    assert sorted(set(receiver.positions)) == [1, 2, 3]


def test_a_worker_at_work_makes_due_what_would_have_waited(desk: Desk, receiver: Receiver) -> None:
    async def meanwhile() -> None:
        stop = asyncio.Event()
        worker = WebhookWorker(
            desk.ledger, limits=QUICK, clock=desk.clock, jitter=lambda: 0.5
        )
        running = asyncio.create_task(worker.run(stop))
        await _until(lambda: len(receiver.positions) >= 2)
        receiver.answering = always(204)
        desk.clock.pass_by(-YEAR)
        await asyncio.to_thread(desk.stock, "A", "B")
        await asyncio.sleep(0.3)
        desk.clock.pass_by(6 * SECOND)
        await _until(lambda: is_idle(desk.ledger))
        stop.set()
        await running

    receiver.answering = always(500)
    asyncio.run(meanwhile())
    assert sorted(set(receiver.positions)) == list(range(1, 6))


def is_idle(ledger: Ledger) -> bool:
    """Return whether everything was delivered."""
    (row,) = webhooks(ledger)["rows"]
    return bool(row["lag"] == row["waiting"] == 0)


async def _until(happened: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not happened():
            await asyncio.sleep(0.02)


def test_a_rotation_makes_a_new_secret_all_the_same(desk: Desk) -> None:
    store = delivery_store(desk.ledger)
    (first,) = signing_secrets(store, "shop", desk.clock())
    desk.clock.pass_by(-YEAR)
    second = rotate(store, "shop", desk.clock())
    assert second != first
    assert signing_secrets(store, "shop", desk.clock()) == [second, first]
    assert signing_secrets(store, "shop", desk.clock() + 25 * HOUR) == [second]


def test_a_lease_of_a_year_is_no_lease(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("stocktrail.feeds.delivery_store.new_owner", lambda: "elsewhere|1|a")
    gone = DeliveryStore(ledger, "webhooks", ())
    monkeypatch.setattr("stocktrail.feeds.delivery_store.new_owner", lambda: "elsewhere|2|b")
    next_one = DeliveryStore(ledger, "webhooks", ())
    gone.acquire_lease(YEAR)
    with pytest.raises(AnotherWorker):
        next_one.acquire_lease(YEAR - MAX_CLOCK_DIFFERENCE)
    next_one.acquire_lease(0)
