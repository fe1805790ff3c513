"""How fast subscribers catch up, and how soon they get what is committed.

Run with ``python -m benchmarks.subscriptions [DATABASE_URL]``. The service runs in a process of its
own, on SQLite unless a URL is given. One subscriber at a time reads a whole log; then 100 follow by
Server-Sent Events, read by another process, while orders of one line (two events each) are recorded
one by one at a steady rate: in the service's process, which wakes the tail, or in another, of which
it hears from PostgreSQL, or by looking. The time counts from the end of the commit until the event
was received.
"""

import asyncio
import json
import socket
import statistics
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import BytesIO
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import structlog

from stocktrail.commands.model import COMMANDS, Command
from stocktrail.commands.scripts.reading import read_json_lines
from stocktrail.commands.scripts.results import Result
from stocktrail.commands.scripts.submission import submit, submit_one
from stocktrail.feeds.client import Subscription
from stocktrail.interfaces.api.server import serve_one
from stocktrail.interfaces.service.service import Service
from stocktrail.interfaces.service.settings import ServiceSettings
from stocktrail.ledger.store import Ledger, open_ledger

ORDERS_IN_LOG, SUBSCRIBERS, ORDERS_PER_SECOND, SECONDS = 25_000, 100, 250, 10
_processes = get_context("spawn")


def place(number: int) -> dict[str, Any]:
    """Order one unit: two events."""
    return {"order": f"SO-{number}", "customer": f"C-{number % 50}", "pool": "default",
            "lines": [{"sku": f"I-{number % 100}", "quantity": 1}]}


def fill(ledger: Ledger, orders: int) -> int:
    """Record a shop with so many orders; give the position."""
    rows: list[dict[str, Any]] = [{"command": "set-backorder-policy", "backorders": "allow"}]
    rows += [{"command": "register-product", "sku": f"I-{number}"} for number in range(100)]
    rows += [{"command": "receive-stock", "sku": f"I-{number}", "quantity": 1} for number in
             range(100)]
    rows += [{"command": "place-order", **place(number)} for number in range(orders)]
    script = BytesIO(b"".join(json.dumps(row).encode() + b"\n" for row in rows))
    for result in submit(ledger, read_json_lines(script)):
        assert result.status == "accepted", result
    return ledger.head().position


def sell_steadily(sell: Callable[[Command], Result], first: int) -> dict[int, float]:
    """Commit orders one by one at the rate; give the moment at which each event was durable."""
    committed: dict[int, float] = {}
    began = time.time()
    for number in range(ORDERS_PER_SECOND * SECONDS):
        time.sleep(max(0.0, began + number / ORDERS_PER_SECOND - time.time()))
        command = COMMANDS["place-order"].model_validate(place(first + number))
        result = sell(command)
        now = time.time()
        for event in result.recorded:
            committed[event.position] = now
    return committed


def serve(url: str, port: int, told: Connection) -> None:
    """Serve a ledger; sell when told to, and give the moments of the commits."""
    structlog.configure(logger_factory=structlog.ReturnLoggerFactory())
    settings = ServiceSettings.read()
    service = Service.opened(settings, url)

    def sell() -> None:
        told.send(sell_steadily(service.submitter.submit, told.recv()))

    threading.Thread(target=sell, daemon=True).start()
    with socket.create_server(("127.0.0.1", port)) as listening:
        serve_one(settings, service, listening, lambda: None)


def sell_elsewhere(url: str, told: Connection) -> None:
    """Sell in a process that has no server."""
    with open_ledger(url) as ledger:
        told.send(sell_steadily(lambda command: submit_one(ledger, command), told.recv()))


def listen(port: int, after: int, head: int, told: Connection) -> None:
    """Follow with all subscribers; give every event's moments of arrival."""
    async def one(ready: asyncio.Semaphore) -> list[tuple[int, float]]:
        reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1 << 20)
        writer.write(f"GET /events?after={after} HTTP/1.1\r\nHost: localhost\r\n"
                     "Accept: text/event-stream\r\n\r\n".encode())
        heard: list[tuple[int, float]] = []
        while position := await reader.readline():
            if position.startswith(b"retry"):
                ready.release()
            if position.startswith(b"id: ") and (at := int(position[4:])) > after:
                heard.append((at, time.time()))
                if at >= head:
                    break
        writer.close()
        return heard

    async def all_of_them() -> list[list[tuple[int, float]]]:
        ready = asyncio.Semaphore(0)
        following = [asyncio.create_task(one(ready)) for _ in range(SUBSCRIBERS)]
        for _ in following:
            await ready.acquire()
        told.send("ready")
        return await asyncio.gather(*following)

    told.send(asyncio.run(all_of_them()))


@contextmanager
def serving(url: str) -> Iterator[tuple[int, Connection]]:
    """Serve while the block lasts; give the port, and the connection to the server's seller."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    ours, theirs = _processes.Pipe()
    server = _processes.Process(target=serve, args=(url, port, theirs), daemon=True)
    server.start()
    next(Subscription(f"http://127.0.0.1:{port}/events", limit=1, patience_seconds=30).batches())
    try:
        yield port, ours
    finally:
        server.terminate()
        server.join()


def catch_up(port: int, head: int) -> Iterator[tuple[str, float]]:
    """Read the whole log in each way; give events a second."""
    address = f"http://127.0.0.1:{port}/events"
    for name, how in (("pages", Subscription.batches), ("a stream", Subscription.stream)):
        began, heard = time.perf_counter(), 0
        with Subscription(address, limit=1000) as subscription:
            for batch in how(subscription):
                heard += len(batch.events)
                if batch.position >= head:
                    break
        assert heard == head
        yield f"catch-up by {name}, parsed by the client", heard / (time.perf_counter() - began)
    began, ending = time.perf_counter(), b"\nid: %d\n" % head
    with socket.create_connection(("127.0.0.1", port)) as raw:
        raw.sendall(b"GET /events HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n\r\n")
        seen = b""
        while ending not in seen:
            seen = seen[-64:] + raw.recv(1 << 18)
    yield "catch-up by a stream, bytes alone", head / (time.perf_counter() - began)


def latency(url: str, port: int, seller: Connection, first: int) -> list[float]:
    """Sell steadily to all subscribers; give milliseconds from commit to arrival."""
    with open_ledger(url) as ledger:
        after = ledger.head().position
    ours, theirs = _processes.Pipe()
    head = after + 2 * ORDERS_PER_SECOND * SECONDS
    listener = _processes.Process(target=listen, args=(port, after, head, theirs), daemon=True)
    listener.start()
    assert ours.recv() == "ready"
    seller.send(first)
    committed = seller.recv()
    heard = ours.recv()
    listener.join()
    for each in heard:
        assert [at for at, _ in each] == list(range(after + 1, head + 1)), "exactly the log"
    lasted = max(committed.values()) - min(committed.values())
    print(f"{len(committed) / lasted:,.0f} events/s were committed.", file=sys.stderr)
    return [1000 * (moment - committed[at]) for each in heard for at, moment in each]


def main() -> None:
    """Print the table."""
    with TemporaryDirectory() as folder:
        url = sys.argv[1] if sys.argv[1:] else f"sqlite:///{Path(folder) / 'stocktrail.db'}"
        with open_ledger(url) as ledger:
            head = fill(ledger, ORDERS_IN_LOG)
        with serving(url) as (port, seller):
            print(f"{head:,} events in the log; events/s")
            for name, speed in catch_up(port, head):
                print(f"{name:<50}{speed:>10,.0f}")
            print(f"{SUBSCRIBERS} subscribers, {2 * ORDERS_PER_SECOND} events/s for {SECONDS} s; "
                  "milliseconds from commit to arrival")
            ours, theirs = _processes.Pipe()
            other = _processes.Process(target=sell_elsewhere, args=(url, theirs), daemon=True)
            other.start()
            for name, each, first in (
                ("committed by the server's own process", seller, 10**6),
                ("committed by another process", ours, 2 * 10**6),
            ):
                found = statistics.quantiles(latency(url, port, each, first), n=100)
                print(f"{name:<50}p50 {found[49]:>7,.1f}  p99 {found[98]:>7,.1f}")


if __name__ == "__main__":
    main()
