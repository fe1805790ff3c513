"""The tail of the log: shared, bounded, and without a gap between catching up and going live."""

import asyncio
import json
import random
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path

import pytest
from eventsourcing.persistence import ConnectionPoolClosedError

from stocktrail.feeds.event_log import EventLog
from stocktrail.feeds.selection import EVERYTHING, Selection, select
from stocktrail.feeds.sse import StreamTimings, stream
from stocktrail.feeds.tail import Tail
from stocktrail.ledger.store import Ledger, open_ledger
from tests.store.shop import order, send, stocked

QUICK = StreamTimings(heartbeat_seconds=0.2, checkpoint_seconds=0.05, max_bytes_at_once=2000)
SECONDS = 30.0


@pytest.fixture
def shop(ledger: Ledger) -> Ledger:
    """Return a ledger with two items."""
    send(ledger, stocked("A", "B", quantity=1_000_000))
    return ledger


def sell(ledger: Ledger, count: int) -> None:
    """Record orders, two events each, one commit each."""
    head = ledger.head().position
    for number in range(count):
        send(ledger, [order(f"SO-{head}-{number}", "AB"[number % 2])])


def told(chunk: bytes) -> list[tuple[int, bool]]:
    """Return the ids in a chunk of a stream, and whether each is an event's."""
    messages = [each for each in chunk.split(b"\n\n") if each.startswith(b"id: ")]
    return [(int(each.split(b"\n")[0][4:]), b"\nevent: " not in each) for each in messages]


async def heard(
    chunks: AsyncIterator[bytes], until: int, chance: random.Random
) -> list[tuple[int, bool]]:
    """Read a stream up to a position, pausing now and then."""
    found: list[tuple[int, bool]] = []
    async for chunk in chunks:
        found += told(chunk)
        if found and found[-1][0] >= until:
            return found
        if chance.random() < 0.2:
            await asyncio.sleep(chance.random() * 0.1)
    raise AssertionError("the stream ended")


@pytest.mark.parametrize(("max_events", "seed"), [(1, 0), (7, 1), (10_000, 2)])
def test_any_mix_of_beginnings_selections_and_pauses_hears_exactly_the_log(
    shop: Ledger, max_events: int, seed: int
) -> None:
    chance = random.Random(seed)
    sell(shop, 40)
    begun = shop.head().position
    log = EventLog(shop)
    selections = [
        EVERYTHING, select(["OrderPlaced"]), select(subject="stock/A"), select(subject="none")
    ]

    async def scene() -> list[tuple[int, Selection, list[tuple[int, bool]]]]:
        async with Tail(log, max_events=max_events, gather_seconds=0.005) as tail:
            async def subscriber() -> tuple[int, Selection, list[tuple[int, bool]]]:
                await asyncio.sleep(chance.random() * 0.5)
                after, wanted = chance.randrange(begun), chance.choice(selections)
                chunks = stream(tail, after, log.head(), wanted, QUICK)
                return after, wanted, await heard(chunks, begun + 80, chance)

            async def seller() -> None:
                for _ in range(20):
                    await asyncio.to_thread(sell, shop, 2)
                    tail.wake()
                    await asyncio.sleep(chance.random() * 0.05)

            async with asyncio.timeout(SECONDS):
                *found, _ = await asyncio.gather(
                    *(subscriber() for _ in range(10)), seller()
                )
            return [each for each in found if each is not None]

    for after, wanted, ids in asyncio.run(scene()):
        assert [at for at, is_event in ids if is_event] == [
            event.position for event in shop.read(after, 10_000)
            if wanted.wants(event.payload.topic, event.originator_id)
        ]
        assert [at for at, _ in ids] == sorted(at for at, _ in ids)


def test_what_is_kept_is_bounded_by_number_and_by_size(shop: Ledger) -> None:
    async def scene(max_events: int, max_bytes: int) -> tuple[int, int]:
        async with Tail(EventLog(shop), max_events=max_events, max_bytes=max_bytes) as tail:
            begun = tail.end
            with tail.subscription():
                await asyncio.to_thread(sell, shop, 30)
                tail.wake()
                async with asyncio.timeout(SECONDS):
                    while tail.end < begun + 60:
                        await tail.change.wait()
            kept = next(
                back for back in range(61)
                if tail.read_chunk(begun + 60 - back - 1, EVERYTHING, 1 << 20) is None
            )
            return kept, tail.buffered_bytes

    assert asyncio.run(scene(10, 1 << 20))[0] == 10
    kept, size = asyncio.run(scene(1000, 10_000))
    assert 5 < kept < 30
    assert size <= 10_000


def test_nothing_is_read_for_nobody_and_who_comes_then_hears_everything(shop: Ledger) -> None:
    log = EventLog(shop)
    begun = log.head()

    async def scene() -> list[tuple[int, bool]]:
        async with Tail(log, poll_seconds=0.02) as tail:
            sell(shop, 5)
            async with asyncio.timeout(SECONDS):
                while tail.end < log.head():
                    await tail.change.wait()
            assert tail.buffered_bytes == 0
            chunks = stream(tail, begun, log.head(), EVERYTHING, QUICK)
            first = await heard(chunks, begun + 10, random.Random(1))
            assert tail.subscribers == 1
            await chunks.aclose()
            assert tail.subscribers == 0
            return first

    assert [at for at, is_event in asyncio.run(scene()) if is_event] == [
        begun + number for number in range(1, 11)
    ]


def test_streams_end_when_the_log_was_exchanged_for_a_shorter_one(
    shop: Ledger, tmp_path: Path
) -> None:
    sell(shop, 5)
    log = EventLog(shop)

    async def scene() -> list[bytes]:
        async with Tail(log, poll_seconds=0.05) as tail:
            chunks = stream(tail, 0, log.head(), EVERYTHING, QUICK)
            found = [await anext(chunks)]
            with open_ledger(f"sqlite:///{tmp_path / 'backup.db'}") as backup:
                send(backup, stocked("A"))
                log.ledger = backup
                async with asyncio.timeout(SECONDS):
                    found += [chunk async for chunk in chunks]
                assert tail.end == backup.head().position
                log.ledger = shop
            return found

    assert asyncio.run(scene())


def test_the_tail_goes_on_when_the_database_comes_back(
    shop: Ledger, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    log = EventLog(shop)
    lost = open_ledger(f"sqlite:///{tmp_path / 'lost.db'}")
    with closing(sqlite3.connect(tmp_path / "lost.db")) as connection:
        connection.execute("DROP TABLE ledger_head")

    async def scene() -> None:
        async with Tail(log, poll_seconds=0.05) as tail:
            begun, log.ledger = tail.end, lost
            async with asyncio.timeout(SECONDS):
                while "cannot be read" not in caplog.text:
                    await asyncio.sleep(0.05)
                log.ledger = shop
                lost.close()
                await asyncio.to_thread(sell, shop, 1)
                while tail.end < begun + 2:
                    await tail.change.wait()

    asyncio.run(scene())


def test_streams_end_and_the_error_is_told_when_the_tail_cannot_go_on(
    shop: Ledger, tmp_path: Path
) -> None:
    log = EventLog(shop)
    gone = open_ledger(f"sqlite:///{tmp_path / 'gone.db'}")
    gone.close()

    async def scene() -> None:
        async with Tail(log, poll_seconds=0.05) as tail, asyncio.timeout(SECONDS):
            chunks = stream(tail, 0, log.head(), EVERYTHING, QUICK)
            await anext(chunks), await anext(chunks)
            log.ledger = gone
            assert [chunk async for chunk in chunks] in ([], [b": heartbeat\n"])
            assert tail.is_closing

    with pytest.raises(ConnectionPoolClosedError):
        asyncio.run(scene())


def test_a_stream_of_an_open_tail_ends_when_it_closes(shop: Ledger) -> None:
    log = EventLog(shop)

    async def scene() -> list[bytes]:
        async with Tail(log) as tail:
            chunks = stream(tail, 0, log.head(), EVERYTHING, QUICK)
            found = [await anext(chunks), await anext(chunks)]
            tail.close()
            async with asyncio.timeout(1):
                return found + [chunk async for chunk in chunks]

    first, *others = asyncio.run(scene())
    assert first.startswith(b"retry: 1000\nid: 0\nevent: checkpoint\n")
    bodies = [line[6:] for chunk in others for line in chunk.split(b"\n") if b"data: " in line]
    assert [int(json.loads(body)["sequence"]) for body in bodies] == [1, 2, 3, 4]
