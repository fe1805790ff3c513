"""Subscribers and servers are killed at random while several processes write; nobody misses any."""

import random
import signal
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event

import httpx

from stocktrail.ledger.store.postgres_address import is_postgres_url
from tests.feeds.killing import (
    KilledShop,
    assert_counted_exactly,
    assert_heard_exactly,
    assert_killed_midway,
    kill_server,
    kill_while_it_hears,
    orders_and_shipments,
    subscribers,
    wait_until_all_have_heard,
)
from tests.feeds.serving import PATIENCE_SECONDS, Server, serving
from tests.postgres_server import PostgresServer
from tests.store.conftest import Workers
from tests.store.shop import Command, assert_log_is_sound
from tests.waiting import wait_until

ORDERS = 25
"""Orders of one writer in one slice. A round has four slices, and one follows: 2,000 events."""


def kill_everyone_once(url: str, workers: Workers, folder: Path, seed: int) -> int:
    """Kill each subscriber and the server in the midst of a slice; count the kills."""
    chance = random.Random(seed)
    shop = KilledShop(workers, url, ORDERS)
    several = ("--workers", "2") if is_postgres_url(url) else ()
    with serving(url, *several) as server, subscribers(folder, server.url) as heard:
        everyone = list(heard.values())
        for victim in chance.sample(everyone, len(everyone)):
            kill_while_it_hears(victim, shop, chance)
        kill_server(server, shop, chance)
        with shop.writing():
            pass
        head = assert_log_is_sound(url)
        wait_until_all_have_heard(everyone, head)
    assert head == shop.head
    assert_killed_midway(everyone, 1, head)
    for how in ("batches", "stream"):
        assert_heard_exactly(heard[how], url)
    assert_counted_exactly(heard["example"], url)
    return len(everyone) + 1


def test_each_hears_exactly_the_log(
    database_url: str, workers: Workers, tmp_path: Path
) -> None:
    assert kill_everyone_once(database_url, workers, tmp_path, seed=20261121) == 4


def insist(server: Server, commands: Iterable[Command], enough: Event) -> int:
    """Send commands one by one, each until it is recorded, until told; count them."""
    count = 0
    with httpx.Client(base_url=server.site, timeout=PATIENCE_SECONDS) as client:
        for command in commands:
            until = time.monotonic() + PATIENCE_SECONDS
            while (answer := client.post("/commands", json=command)).status_code >= 500:
                assert time.monotonic() < until, answer.text
                time.sleep(0.05)
            assert answer.status_code in (200, 201), answer.text
            count += 1
            if enough.is_set():
                break
    return count


def test_nobody_misses_anything_when_postgresql_is_started_anew(
    workers: Workers, tmp_path: Path
) -> None:
    enough = Event()
    with PostgresServer() as database, ThreadPoolExecutor(2) as threads:
        url = database.url()
        shop = KilledShop(workers, url, ORDERS)
        with serving(url, "--workers", "2") as server, subscribers(tmp_path, server.url) as heard:
            try:
                writing = [
                    threads.submit(
                        insist, server, orders_and_shipments(writer, range(10_000)), enough
                    )
                    for writer in range(2)
                ]
                heard["stream"].wait_beyond(shop.head)
                database.stop(signal.SIGQUIT)
                time.sleep(0.5)
                begun = heard["stream"].position()
                database.start()
                wait_until(lambda: heard["stream"].position() > begun + 20, "the log goes on")
            finally:
                enough.set()
            recorded = sum(each.result(PATIENCE_SECONDS) for each in writing)
            head = assert_log_is_sound(url)
            wait_until_all_have_heard(list(heard.values()), head)
        for how in ("batches", "stream"):
            assert_heard_exactly(heard[how], url)
        assert_counted_exactly(heard["example"], url)
    assert head == shop.head + 2 * recorded
