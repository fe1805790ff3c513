"""JetStream: whatever dies and whoever else publishes, the stream is a gapless copy of the log."""

import asyncio
import random
import shutil
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import nats
import orjson
import pytest

from stocktrail.feeds.event_log import EventLog
from stocktrail.feeds.nats.connection import Server
from stocktrail.feeds.nats.publisher import Publisher
from stocktrail.feeds.nats.stream_end import StreamRefused
from stocktrail.ledger.store import Ledger, open_ledger
from tests.commands.scenes import given, order, product, receive
from tests.feeds.killing import (
    KilledShop,
    Process,
    assert_heard_exactly,
    assert_killed_midway,
    subscriber,
    wait_until_all_have_heard,
)
from tests.feeds.nats_server import STREAM, NatsServer
from tests.store.conftest import Workers
from tests.store.shop import send, stocked

ORDERS = 16


@pytest.fixture
def server(tmp_path: Path) -> Iterator[NatsServer]:
    """Return a server that runs."""
    server = NatsServer(tmp_path / "jetstream")
    server.start()
    yield server
    server.kill()


def publish(ledger: Ledger, server: NatsServer, stream: str = STREAM) -> int:
    """Publish all there is, and give the position that was reached."""
    publisher = Publisher(EventLog(ledger), Server(server.url, stream))
    asyncio.run(asyncio.wait_for(publisher.run(asyncio.Event(), until_idle=True), 60))
    assert publisher.position is not None
    return publisher.position


def publishing(url: str, server: NatsServer) -> Process:
    """Publish in a process of its own, until it is killed."""
    return Process(
        "-m", "stocktrail", "publish", "nats", "--server", server.url, "--stream", STREAM,
        "--database", url,
    )


def assert_copy(ledger: Ledger, server: NatsServer) -> None:
    """See that the stream is the log, event for event."""
    stored = server.stored()
    assert [each.sequence for each in stored] == list(range(1, len(stored) + 1))
    log = EventLog(ledger)
    published: list[bytes] = []
    while len(published) < log.head():
        published += [event.body for event in log.page(len(published), 10_000).events]
    assert [each.event for each in stored] == [orjson.loads(body) for body in published]


def test_every_event_is_a_message_under_its_subject(ledger: Ledger, server: NatsServer) -> None:
    given(ledger, product("TEA 1.5*"), receive(3, sku="TEA 1.5*"), order("SO/1", 1, sku="TEA 1.5*"))
    assert publish(ledger, server) == 4
    stored = server.stored()
    assert [each.subject for each in stored] == [
        "stocktrail.stock.TEA%201%2E5%2A.ProductRegistered.v1",
        "stocktrail.stock.TEA%201%2E5%2A.StockReceived.v1",
        "stocktrail.order.SO%2F1.OrderPlaced.v1",
        "stocktrail.stock.TEA%201%2E5%2A.StockReserved.v1",
    ]
    assert stored[1].headers["Nats-Msg-Id"] == stored[1].event["id"]
    assert stored[1].headers["Stocktrail-Position"] == "2"
    assert publish(ledger, server) == 4
    assert_copy(ledger, server)


def test_two_publishers_at_once_do_no_harm(ledger: Ledger, server: NatsServer) -> None:
    send(ledger, stocked("A", quantity=700))
    send(ledger, [order(f"SO-{number}", 1, sku="A") for number in range(700)])

    async def both() -> None:
        await asyncio.gather(*(
            Publisher(EventLog(ledger), Server(server.url, STREAM)).run(
                asyncio.Event(), until_idle=True
            )
            for _ in range(2)
        ))

    asyncio.run(asyncio.wait_for(both(), 60))
    assert_copy(ledger, server)


def kill_publisher_server_and_subscriber(
    url: str, server: NatsServer, workers: Workers, folder: Path, seed: int
) -> int:
    """Kill each once while several processes write; the stream is the log. Count the kills."""
    chance = random.Random(seed)
    shop = KilledShop(workers, url, ORDERS)
    with (
        closing(publishing(url, server)) as publisher,
        closing(subscriber(folder, server.url, "jetstream")) as heard,
    ):
        for victim in (publisher, heard):
            begun = heard.position()
            with shop.writing():
                heard.wait_beyond(begun)
                time.sleep(chance.uniform(0, 0.05))
                victim.kill()
                victim.start()
        with shop.writing():
            time.sleep(chance.uniform(0, 0.2))
            server.kill()
            time.sleep(chance.uniform(0, 0.2))
            server.start()
        with shop.writing():
            pass
        wait_until_all_have_heard([heard], shop.head)
    assert_killed_midway([heard], 1, shop.head)
    assert_heard_exactly(heard, url)
    with open_ledger(url) as ledger:
        assert ledger.head().position == shop.head
        assert_copy(ledger, server)
    return 3


def test_publisher_server_and_subscriber_are_killed_while_several_write(
    database_url: str, server: NatsServer, workers: Workers, tmp_path: Path
) -> None:
    kill_publisher_server_and_subscriber(database_url, server, workers, tmp_path, seed=20261121)


def test_it_goes_on_when_the_server_comes_back(ledger: Ledger, server: NatsServer) -> None:
    given(ledger, product(), receive(1))

    async def meanwhile() -> None:
        publisher = Publisher(EventLog(ledger), Server(server.url, STREAM))
        stop = asyncio.Event()
        running = asyncio.create_task(publisher.run(stop))
        await reached(publisher, 2)
        server.kill()
        given(ledger, receive(1))
        await asyncio.sleep(0.5)
        server.start()
        await reached(publisher, 3)
        stop.set()
        async with asyncio.timeout(60):
            await running

    async def reached(publisher: Publisher, position: int) -> None:
        async with asyncio.timeout(60):
            while (publisher.position or 0) < position:
                await asyncio.sleep(0.02)

    asyncio.run(meanwhile())
    assert_copy(ledger, server)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("lost", [1, 5])
def test_what_was_deleted_from_the_end_of_the_stream_is_published_again(
    ledger: Ledger, server: NatsServer, lost: int
) -> None:
    given(ledger, product(), *[receive(1)] * 5)
    publish(ledger, server)
    server.delete_last(lost)
    server.kill()
    server.start()
    given(ledger, receive(1))
    assert publish(ledger, server) == 7
    assert server.positions() == [1, 2, 3, 4, 5, 6, 7]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_log_restored_from_a_backup_is_refused(
    ledger: Ledger, server: NatsServer, tmp_path: Path
) -> None:
    given(ledger, product(), receive(1))
    backup = tmp_path / "backup.db"
    with closing(sqlite3.connect(ledger.where)) as file, closing(sqlite3.connect(backup)) as copy:
        file.backup(copy)
    given(ledger, receive(1))
    publish(ledger, server)
    with open_ledger(f"sqlite:///{shutil.copy(backup, tmp_path / 'restored.db')}") as restored:
        with pytest.raises(StreamRefused, match="come to position 3, but this log ends at 2") as no:
            publish(restored, server)
        assert no.value.code == "stream_ahead_of_log"
        given(restored, receive(5), receive(6))
        with pytest.raises(StreamRefused, match="holds another event than this log") as no:
            publish(restored, server)
        assert no.value.code == "stream_of_another_ledger"


def test_a_stream_of_something_else_is_refused(ledger: Ledger, server: NatsServer) -> None:
    async def occupy() -> None:
        client = await nats.connect(server.url)
        await client.jetstream().add_stream(name="ORDERS", subjects=["orders.>"])
        await client.jetstream().add_stream(name=STREAM, subjects=["stocktrail.>"])
        await client.jetstream().publish("stocktrail.hello", b"hello")
        await client.close()

    asyncio.run(occupy())
    for stream, sentence in (("ORDERS", r"does not take stocktrail\.>"),
                             (STREAM, "is no event of a ledger")):
        with pytest.raises(StreamRefused, match=sentence) as no:
            publish(ledger, server, stream)
        assert no.value.code == "stream_of_something_else"
    with pytest.raises(StreamRefused, match="does not create stream SECOND") as no:
        publish(ledger, server, "SECOND")
    assert no.value.code == "stream_not_created"
