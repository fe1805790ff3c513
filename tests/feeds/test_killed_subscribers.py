"""Subscribers and servers are killed at random while several processes write; nobody misses any."""

import os
import random
from pathlib import Path

from ledger.store import open_ledger
from tests.feeds.killing import (
    assert_counted_exactly,
    assert_heard_exactly,
    kill_at_random,
    orders_and_shipments,
    subscribers,
    wait_until_all_have_heard,
)
from tests.feeds.serving import serving
from tests.store.conftest import Workers
from tests.store.shop import assert_log_is_sound, script, send, stocked

WRITERS, ROUNDS = 4, 50 if os.environ.get("STOCKTRAIL_SOAK") else 5
ORDERS = 25
"""Orders of one writer in one round: with their shipments there are 2,000 events in all.

``make soak`` writes 20,000.
"""


def test_each_hears_exactly_the_log(
    database_url: str, workers: Workers, tmp_path: Path
) -> None:
    chance = random.Random(20261121)
    with open_ledger(database_url) as ledger:
        send(ledger, stocked("A", "B", "C", quantity=1_000_000))
    with serving(database_url) as server, subscribers(tmp_path, server.url) as heard:
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
