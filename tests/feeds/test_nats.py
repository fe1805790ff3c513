"""JetStream: whatever dies and whoever else publishes, the stream is a gapless copy of the log."""

import asyncio
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import nats
import orjson
import pytest

from feeds.event_log import EventLog
from feeds.nats.publisher import Publisher, Server
from feeds.nats.stream_end import StreamRefused
from ledger.store import Ledger, open_ledger
from tests.commands.scenes import given, order, product, receive
from tests.feeds.nats_server import STREAM, NatsServer

ROOT = Path(__file__).parents[2]


@pytest.fixture
def server(tmp_path: Path) -> Iterator[NatsServer]:
    """Give a server that runs."""
    server = NatsServer(tmp_path / "jetstream")
    server.start()
    yield server
    server.kill()


def publish(ledger: Ledger, server: NatsServer, stream: str = STREAM) -> int:
    """Publish all there is, and give the position that was reached."""
    publisher = Publisher(EventLog(ledger), Server(server.url, stream))
    asyncio.run(publisher.run(asyncio.Event(), until_idle=True))
    return publisher.position


def publishing(url: str, server: NatsServer) -> "subprocess.Popen[bytes]":
    """Publish in a process of its own, until it is killed."""
    return subprocess.Popen(
        [sys.executable, "-m", "interfaces.cli", "publish", "nats", "--server", server.url,
         "--stream", STREAM, "--database", url],
        env={**os.environ, "PYTHONPATH": str(ROOT)}, stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def fill(url: str, name: str, commands: int = 300) -> None:
    """Write orders from a writer of its own."""
    with open_ledger(url) as ledger:
        for number in range(commands):
            given(ledger, receive(2), order(f"{name}-{number}", 1))


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


def test_two_publishers_at_once_do_no_harm(
    ledger: Ledger, server: NatsServer, database_url: str
) -> None:
    given(ledger, product())
    fill(database_url, "SO", 700)

    async def both() -> None:
        await asyncio.gather(*(
            Publisher(EventLog(ledger), Server(server.url, STREAM)).run(
                asyncio.Event(), until_idle=True
            )
            for _ in range(2)
        ))

    asyncio.run(both())
    assert_copy(ledger, server)


def test_publisher_and_server_are_killed_while_several_write(
    ledger: Ledger, server: NatsServer, database_url: str
) -> None:
    given(ledger, product())
    writers = [
        threading.Thread(target=fill, args=(database_url, f"SO{number}")) for number in range(3)
    ]
    for writer in writers:
        writer.start()
    chance = random.SystemRandom()
    kills = 0
    while any(writer.is_alive() for writer in writers) or kills < 8:
        publisher = publishing(database_url, server)
        time.sleep(chance.uniform(0.4, 1.5))
        if kills % 3 == 2:
            server.kill()
            time.sleep(chance.uniform(0, 0.3))
            server.start()
            time.sleep(chance.uniform(0, 0.5))
        publisher.send_signal(signal.SIGKILL)
        publisher.wait()
        kills += 1
    for writer in writers:
        writer.join()
    assert publish(ledger, server) == ledger.head().position
    assert_copy(ledger, server)


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
        await running

    async def reached(publisher: Publisher, position: int) -> None:
        async with asyncio.timeout(15):
            while publisher.position < position:
                await asyncio.sleep(0.02)

    asyncio.run(meanwhile())
    assert_copy(ledger, server)


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
