"""Fast paths that share work: chunks of the tail, wake-ups of a loop, a connection."""

import asyncio
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing

from benchmarks.fast_paths.timing import FastPath
from stocktrail.feeds.event_log import EventLog
from stocktrail.feeds.selection import EVERYTHING
from stocktrail.feeds.tail import BufferedEvent, Tail
from stocktrail.ledger.store import Ledger
from stocktrail.ledger.store.mapper import StoredRow

SUBSCRIBERS = CALLERS = 100
MAX_BYTES = 64 * 1024
PAGES = 20_000


def sharing_paths(
    ledger: Ledger, rows: Sequence[StoredRow], folder: str, stack: ExitStack
) -> Iterator[FastPath]:
    """Yield the fast paths that do work once for many."""
    tail = Tail(EventLog(ledger))
    tail._buffer = {
        number: BufferedEvent(row.topic, str(row.originator_id), b"data: " + row.state)
        for number, row in enumerate(rows, 1)
    }
    tail._end = len(rows)
    yield FastPath(
        "a chunk that subscribers share",
        lambda: [tail._collect(0, EVERYTHING, MAX_BYTES) for _ in range(SUBSCRIBERS)],
        lambda: [tail.read_chunk(0, EVERYTHING, MAX_BYTES) for _ in range(SUBSCRIBERS)],
        SUBSCRIBERS,
    )
    loop = stack.enter_context(closing(asyncio.new_event_loop()))

    def woken(calls: int) -> None:
        resolved = [[None] * (CALLERS // calls)] * calls
        for each in resolved:
            loop.call_soon_threadsafe(len, each)
        loop.run_until_complete(asyncio.sleep(0))

    yield FastPath(
        "one wake-up for all callers", lambda: woken(CALLERS), lambda: woken(1), CALLERS, 5
    )
    writers = [stack.enter_context(closing(_writer(f"{folder}/pages.db"))) for _ in range(2)]
    writers[0].execute("CREATE TABLE page (id INTEGER PRIMARY KEY, data BLOB)")
    writers[0].execute("BEGIN")
    writers[0].executemany(
        "INSERT INTO page VALUES (?, zeroblob(1000))", ((number,) for number in range(PAGES))
    )
    writers[0].execute("COMMIT")

    def written(by: Sequence[sqlite3.Connection]) -> None:
        for number in range(20):
            connection = by[number % len(by)]
            connection.execute("BEGIN IMMEDIATE")
            for page in range(number, PAGES, 100):
                connection.execute("UPDATE page SET data = zeroblob(999) WHERE id = ?", (page,))
            connection.execute("COMMIT")

    yield FastPath(
        "the connection that wrote last", lambda: written(writers), lambda: written(writers[:1]), 20
    )


def _writer(path: str) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None, cached_statements=256)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA cache_size=-65536")
    return connection
