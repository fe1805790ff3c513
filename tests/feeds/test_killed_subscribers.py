"""Subscribers and servers are killed at random while several processes write; nobody misses any."""

import os
import random
import signal
import threading
import time
from collections.abc import Iterable
from pathlib import Path

import httpx

from ledger.store import open_ledger
from ledger.store.postgres_address import is_postgres_url
from tests.feeds.killing import (
    assert_counted_exactly,
    assert_heard_exactly,
    kill_at_random,
    orders_and_shipments,
    subscribers,
    wait_until_all_have_heard,
)
from tests.feeds.serving import PATIENCE_SECONDS, Server, serving
from tests.postgres_server import PostgresServer
from tests.store.conftest import Workers
from tests.store.shop import Command, assert_log_is_sound, script, send, stocked

WRITERS, ROUNDS = 4, 30 if os.environ.get("STOCKTRAIL_SOAK") else 3
ORDERS = 42
"""Orders of one writer in one round: with their shipments there are 2,000 events in all.

``make soak`` writes 20,000.
"""


def test_each_hears_exactly_the_log(
    database_url: str, workers: Workers, tmp_path: Path
) -> None:
    chance = random.Random(20261121)
    with open_ledger(database_url) as ledger:
        send(ledger, stocked("A", "B", "C", quantity=1_000_000))
    several = ("--workers", "2") if is_postgres_url(database_url) else ()
    with serving(database_url, *several) as server, subscribers(tmp_path, server.url) as heard:
        for number in range(0, ROUNDS * ORDERS, ORDERS):
            writing = [
                workers.start(database_url, script(orders_and_shipments(
                    writer, range(number, number + ORDERS)
                )), at_once=150)
                for writer in range(WRITERS)
            ]
            kill_at_random(list(heard.values()), server, chance, kills=2)
            for each in writing:
                each.wait()
        head = assert_log_is_sound(database_url)
        wait_until_all_have_heard(list(heard.values()), head)
    assert head == 6 + WRITERS * ROUNDS * ORDERS * 4
    midway = [at for each in heard.values() for at in each.killed_at if 0 < at < head]
    assert len(midway) >= ROUNDS, "killing those who have heard all, or nothing, proves little"
    for how in ("batches", "stream"):
        assert_heard_exactly(heard[how], database_url)
    assert_counted_exactly(heard["example"], database_url)


def insist(server: Server, commands: Iterable[Command]) -> None:
    """Send commands one by one, each until it is recorded."""
    with httpx.Client(base_url=server.site, timeout=PATIENCE_SECONDS) as client:
        for command in commands:
            until = time.monotonic() + PATIENCE_SECONDS
            while (answer := client.post("/commands", json=command)).status_code >= 500:
                assert time.monotonic() < until, answer.text
                time.sleep(0.05)
            assert answer.status_code in (200, 201), answer.text


def test_nobody_misses_anything_when_postgresql_is_started_anew(tmp_path: Path) -> None:
    with PostgresServer() as database:
        url = database.url()
        with open_ledger(url) as ledger:
            send(ledger, stocked("A", "B", "C", quantity=1_000_000))
        with serving(url, "--workers", "2") as server, subscribers(tmp_path, server.url) as heard:
            writing = [
                threading.Thread(target=insist, args=(
                    server, list(orders_and_shipments(writer, range(60)))
                ))
                for writer in range(2)
            ]
            for each in writing:
                each.start()
            heard["stream"].wait_until_it_moves()
            database.stop(signal.SIGQUIT)
            time.sleep(0.5)
            database.start()
            for each in writing:
                each.join()
            head = assert_log_is_sound(url)
            wait_until_all_have_heard(list(heard.values()), head)
        for how in ("batches", "stream"):
            assert_heard_exactly(heard[how], url)
        assert_counted_exactly(heard["example"], url)
    assert head == 6 + 2 * 60 * 4
