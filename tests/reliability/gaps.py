"""A hunt for a position that some reader never sees (R13), which must find one where there is one.

Slow and fast transactions append beside each other, by every way there is to write, while readers
follow. The same hunt on a log whose positions come from a sequence finds a gap in every round.
"""

import random
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event

from eventsourcing.persistence import StoredEvent

from stocktrail.ledger.store import open_ledger
from stocktrail.ledger.store.postgres_address import postgres_address
from tests.reliability.trial import SERVER, FreshDatabase, ReliabilityTrial
from tests.store.shop import assert_log_is_sound, order, send, stocked
from tests.store.test_no_position_is_skipped import LogWithoutHead, OurLog, skipped


def hunt(seed: int, database: FreshDatabase, folder: Path) -> int:
    """Hunt on our log, where nothing is to be found, and on a log without a head, where one is."""
    server, url = database.server, database.url
    assert server is not None
    schema, over = postgres_address(url).schema, Event()
    chance = random.Random(seed)
    pause, appends = chance.uniform(0.05, 0.4), chance.randint(5, 30)
    with open_ledger(url) as ledger:
        send(ledger, stocked("TEA", quantity=1_000_000))
    with ThreadPoolExecutor(3) as threads:
        beside = [threads.submit(play, url, over) for play in (sell, save, follow)]
        try:
            missed = skipped(server, schema, OurLog(), pause=pause, appends=appends)
        finally:
            over.set()
        for each in beside:
            each.result()
    assert missed == set(), f"a reader never saw {missed}"
    assert_log_is_sound(url)
    with server.connect() as connection:
        connection.execute(f"SET search_path TO {schema}".encode())
        without_head = LogWithoutHead(connection)
    assert skipped(server, schema, without_head, pause=pause, appends=appends), (
        "the hunt finds nothing where there is something, so it shows nothing"
    )
    return 1


def sell(url: str, over: Event) -> None:
    """Write by commands, as the program does."""
    with open_ledger(url) as ledger:
        number = 0
        while not over.is_set():
            number += 1
            send(ledger, [order(f"SO-{number}", "TEA")])


def save(url: str, over: Event) -> None:
    """Write by the library's own recorder."""
    with open_ledger(url) as ledger:
        version = 0
        while not over.is_set():
            version += 1
            ledger.log_recorder.insert_events([StoredEvent("shelf/1", version, "topic", b"{}")])


def follow(url: str, over: Event) -> None:
    """Read on from where it was, again and again: no position is missing, none comes twice."""
    with open_ledger(url, read_only=True) as ledger:
        followed, last_look = 0, False
        while not last_look:
            last_look = over.is_set()
            head = ledger.head().position
            positions = [row.id for row in ledger.log_recorder.rows(followed, 100_000)]
            assert positions == list(range(followed + 1, followed + len(positions) + 1))
            followed += len(positions)
            assert followed >= head, f"{head} was there, and only {followed} were read"


TRIALS = [
    ReliabilityTrial(
        "R13", "Slow and fast transactions by every way to write, while readers follow",
        "readers see 1, 2, 3 ... without a hole; on a log without a head row the hunt finds one",
        "hunts", 500, hunt, SERVER,
    ),
]
