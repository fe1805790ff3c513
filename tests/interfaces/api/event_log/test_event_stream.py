"""Streams of the log by a real server: resume, heartbeats, checkpoints, readers of all kinds."""

import signal
import time
from collections.abc import Iterator
from contextlib import closing
from itertools import takewhile
from threading import Thread

import pytest

from stocktrail.ledger.store import Ledger, open_ledger
from tests.feeds.serving import Address, Message, Reader, Server, serving_here
from tests.interfaces.api.event_log.databases import on_both_databases
from tests.store.shop import order, send, stocked
from tests.waiting import wait_until


@pytest.fixture
def shop(database_url: str) -> Iterator[Ledger]:
    """Return a ledger with two items in it."""
    with open_ledger(database_url) as ledger:
        send(ledger, stocked("A", "B", quantity=1_000_000))
        yield ledger


def sell(ledger: Ledger, count: int, sku: str = "A") -> int:
    """Record orders; give the position afterwards."""
    head = ledger.head().position
    send(ledger, [order(f"SO-{head}-{number}", sku) for number in range(count)])
    return ledger.head().position


def events_until(reader: Reader, position: int) -> list[Message]:
    """Read messages until the event or checkpoint at a position, which is the last of them."""
    found = []
    for message in reader.messages():
        found.append(message)
        if message.fields.get("id") == str(position):
            return found
    raise AssertionError("the stream ended")


def positions(messages: list[Message]) -> list[int]:
    """Return the positions of the events among messages."""
    return [message.id for message in messages if message.is_event]


@on_both_databases
def test_a_stream_begins_with_what_is_there_and_goes_on_with_what_comes(
    server: Address, shop: Ledger
) -> None:
    before = sell(shop, 300)
    with closing(Reader(server)) as reader:
        stream = reader.messages()
        first = [next(stream) for _ in range(before + 1)]
        assert first[0].fields["retry"] == "1000"
        assert first[0].data == {"position": 0, "head": before}
        assert positions(first) == list(range(1, before + 1))
        after = sell(shop, 20)
        live = list(takewhile(lambda each: each.id < after, stream))
        assert positions(live) == list(range(before + 1, after))


def test_a_reader_that_hangs_up_in_the_middle_of_a_stream_is_gone(
    server: Address, shop: Ledger
) -> None:
    sell(shop, 5)
    reader = Reader(server)
    stream = reader.messages()
    next(stream)
    reader.close()
    assert reader.socket.fileno() == -1
    del stream


def test_events_are_the_same_on_pages_and_in_streams(server: Address, shop: Ledger) -> None:
    head = sell(shop, 5)
    with closing(Reader(server)) as reader:
        told = [each.data for each in events_until(reader, head) if each.is_event]
    assert told == server.page().json()


def test_a_stream_resumes_after_the_last_event_id_whatever_after_says(
    server: Address, shop: Ledger
) -> None:
    head = sell(shop, 5)
    for reader in (
        Reader(server, f"after={head - 2}"),
        Reader(server, "after=1", last_event_id=head - 2),
    ):
        with closing(reader):
            assert positions(events_until(reader, head)) == [head - 1, head]


@on_both_databases
def test_a_checkpoint_moves_the_cursor_over_what_was_not_selected(
    server: Address, shop: Ledger
) -> None:
    head = sell(shop, 50)
    with closing(Reader(server, "types=OrderCancelled")) as reader:
        stream = reader.messages()
        told = [next(stream).data, next(stream).data]
        assert told == [{"position": 0, "head": head}, {"position": head, "head": head}]
        for _ in range(3):
            later = sell(shop, 1)
            assert next(stream).data == {"position": later, "head": later}


def test_a_stream_in_which_nothing_happens_has_a_heart(shop: Ledger, database_url: str) -> None:
    with (
        serving_here(database_url, heartbeat_seconds=0.3) as server,
        closing(Reader(server)) as reader,
    ):
        head = shop.head().position
        stream = reader.messages()
        for message in stream:
            if message.is_event and message.id == head:
                break
        assert [next(stream).text for _ in range(2)] == [": heartbeat"] * 2


def test_a_cursor_beyond_the_log_is_refused_before_the_stream_begins(
    server: Address, shop: Ledger
) -> None:
    head = shop.head().position
    with closing(Reader(server, last_event_id=head + 1)) as reader, pytest.raises(
        AssertionError, match="409 Conflict"
    ):
        next(reader.messages())


@on_both_databases
def test_streams_end_when_the_server_is_asked_to_end(process: Server, shop: Ledger) -> None:
    with closing(Reader(process)) as reader:
        head = shop.head().position
        stream = reader.messages()
        while next(stream).fields.get("id") != str(head):
            pass
        began = time.monotonic()
        assert process.interrupt() == (-signal.SIGTERM, [])
        assert list(stream) == []
        assert time.monotonic() - began < 10


def test_a_hundred_readers_hear_everything_and_slow_ones_hinder_nobody(
    process: Server, shop: Ledger
) -> None:
    began_at = sell(shop, 500)
    never = [Reader(process, buffer=4096) for _ in range(5)]
    slow = Reader(process, buffer=4096)
    slow_messages = slow.messages()
    found: dict[int, list[int]] = {}

    def listen(number: int, reader: Reader) -> None:
        with closing(reader):
            found[number] = positions(events_until(reader, began_at + 2000))

    readers = [
        Thread(target=listen, args=(number, Reader(process, f"after={began_at}")))
        for number in range(100)
    ]
    for reader in readers:
        reader.start()
    heard_slowly = []
    head = began_at
    while head < began_at + 2000:
        head = sell(shop, 100)
        heard_slowly += [message.id for message in (next(slow_messages),) if message.is_event]
        if head == began_at + 200:
            memory = process.memory()
    for reader in readers:
        reader.join(60)
    assert list(found.values()) == [list(range(began_at + 1, began_at + 2001))] * 100
    assert heard_slowly == list(range(1, len(heard_slowly) + 1))
    assert process.memory() - memory < 100 * 1024 * 1024
    for each in (*never, slow):
        each.close()


def test_who_takes_nothing_is_cut_off_and_may_come_back(shop: Ledger, database_url: str) -> None:
    long = {f"text-{number}": "w" * 500 for number in range(50)}
    results = send(shop, [
        {"command": "register-product", "sku": f"W-{number}", "attributes": long}
        for number in range(800)
    ])
    assert {result.status for result in results} == {"accepted"}
    head = shop.head().position
    with serving_here(database_url, stalled_seconds=0.5) as server:
        with closing(Reader(server, buffer=65_536)) as reader:
            reader.wait_for_first_byte()
            wait_until(lambda: server.open_streams() == 0, "its reader is cut off")
            heard = positions(list(reader.messages()))
        assert heard == list(range(1, len(heard) + 1))
        assert 0 < len(heard) < head
    # By a server that waits longer: on a busy machine this reader, too, may rest for half a second.
    with (
        serving_here(database_url) as server,
        closing(Reader(server, last_event_id=heard[-1])) as reader,
    ):
        assert positions(events_until(reader, head)) == list(range(len(heard) + 1, head + 1))


@on_both_databases
def test_events_of_other_processes_come_before_the_next_heartbeat(
    server: Address, shop: Ledger
) -> None:
    head = shop.head().position
    with closing(Reader(server, f"after={head}")) as reader:
        stream = reader.messages()
        next(stream)
        time.sleep(0.6)
        sell(shop, 1)
        heard = next(message for message in stream if not message.is_checkpoint)
        assert heard.is_event, heard.text
        assert heard.id == head + 1


def test_memory_is_bounded_when_readers_leave(process: Server, shop: Ledger) -> None:
    sell(shop, 2000)
    for _ in range(20):
        with closing(Reader(process)) as reader:
            next(reader.messages())
    memory = process.memory()
    for _ in range(100):
        with closing(Reader(process)) as reader:
            next(reader.messages())
    assert process.memory() - memory < 50 * 1024 * 1024
