"""Positions are 1..H at every moment that somebody looks, and times only ever go forward."""

import sqlite3
import time
from contextlib import closing
from itertools import count, pairwise

import pytest

from stocktrail.ledger.store import Head, open_ledger
from tests.store.conftest import Workers
from tests.store.shop import (
    assert_log_is_sound,
    numbered,
    order,
    outcomes_of,
    script,
    send,
    statuses,
    stocked,
    table,
)

LOOK = """
SELECT (SELECT position FROM ledger_head), (SELECT recorded_at FROM ledger_head),
       (SELECT COUNT(*) FROM stream_index), COALESCE(MIN(first_position), 1),
       COALESCE(MAX(last_position), 0),
       COALESCE(MAX(recorded_at + last_position - first_position), 0)
FROM commands
"""


def test_a_reader_beside_3_writers_sees_1_to_h_at_every_moment(
    database_url: str, workers: Workers
) -> None:
    with open_ledger(database_url) as ledger:
        send(ledger, stocked("TEA", quantity=450))
    seen: set[int] = set()
    followed = recorded = 0
    with open_ledger(database_url) as follower:
        for turn in count():                # as often as it takes until it looked while they wrote
            sending = [
                workers.start(
                    database_url,
                    script(order(name, "TEA") for name in numbered(f"SO-{turn}-{lane}", 240)),
                    at_once=300,
                )
                for lane in range(3)
            ]
            recorded += 720
            while len(outcomes_of(database_url)) < 2 + recorded:
                [(head, recorded_at, events, first, last, latest)] = table(database_url, LOOK)
                assert (first, last, latest) == (1, head, recorded_at)
                assert events == head
                seen.add(head)
                for event in follower.read(followed, 10):
                    assert event.position == followed + 1, "a follower skips nothing"
                    followed = event.position
            assert [each.wait() and each.failed for each in sending] == [None] * 3
            if len(seen) > 10:
                break
    assert_log_is_sound(database_url)


def test_times_go_forward_although_the_clock_goes_backwards(database_url: str) -> None:
    moments = iter([5_000_000, 4_000_000, 4_000_000, 1_000, 1_000, 6_000_000, *[2] * 100])
    with open_ledger(database_url, clock=lambda: next(moments)) as ledger:
        send(ledger, [*stocked("TEA"), *(order(name, "TEA") for name in numbered("SO", 10))])
    times = [row[0] for row in table(database_url, "SELECT recorded_at FROM commands")]
    assert times[0] == 5_000_000
    assert all(earlier < later for earlier, later in pairwise(times))
    assert max(times) < 6_000_100
    with open_ledger(database_url, clock=lambda: 1) as ledger:
        send(ledger, [order("SO-late", "TEA")])
    assert_log_is_sound(database_url)


def test_a_position_is_found_by_the_time_at_which_it_was_recorded(database_url: str) -> None:
    moments = iter(range(1_000, 100_000, 1_000))
    with open_ledger(database_url, clock=lambda: next(moments)) as ledger:
        assert (ledger.head(), ledger.position_at(10**18)) == (Head(0, 0), 0)
        send(ledger, stocked("TEA", "SUGAR"))
        assert ledger.head() == Head(4, 4_000, 4)
        found = [ledger.position_at(at) for at in (0, 999, 1_000, 1_001, 3_999, 4_000, 10**15)]
        assert found == [0, 0, 1, 1, 3, 4, 4]


def test_whole_commands_are_read_and_never_cut_in_two(database_url: str) -> None:
    skus = [*numbered("SKU", 7)]
    with open_ledger(database_url) as ledger:
        send(ledger, stocked(*skus))
        send(ledger, [order(name, *skus) for name in numbered("SO", 6)])
        whole = [
            [event.position for event in command] for command in ledger.read_commands(14, 1000)
        ]
        assert [len(command) for command in whole] == [8] * 6
        for limit in (1, 3, 8, 9, 20):
            after, found = 14, []
            while commands := ledger.read_commands(after, limit):
                found += [[event.position for event in command] for command in commands]
                after = found[-1][-1]
            assert found == whole, limit
        assert [len(command) for command in ledger.read_commands(14, 100, stop=25)] == [8, 3]


def test_occurred_may_be_long_ago_and_recorded_is_now(database_url: str) -> None:
    before = time.time_ns() // 1000
    with open_ledger(database_url) as ledger:
        send(ledger, [
            {**command, "occurred_at": "1996-07-04T00:00:00Z"} for command in stocked("TEA")
        ])
        [registered, received] = ledger.read(0, 10)
    assert registered.occurred_at == received.occurred_at == 836_438_400_000_000
    assert before <= registered.recorded_at < received.recorded_at


@pytest.mark.parametrize("statement", [
    "UPDATE commands SET actor='somebody'",
    "UPDATE commands SET events=x'5B5D' WHERE sequence=1",
    "UPDATE commands SET status='rejected'",
    "DELETE FROM commands WHERE sequence=2",
    "DELETE FROM commands",
    "UPDATE stream_index SET sequence=1",
    "DELETE FROM stream_index",
    "DELETE FROM ledger_head",
    "UPDATE ledger_head SET position=position-1",
    "UPDATE ledger_head SET sequence=sequence-1",
    "UPDATE ledger_head SET id=2",
    "INSERT OR REPLACE INTO commands SELECT * FROM commands WHERE sequence=1",
    "INSERT OR REPLACE INTO commands SELECT * FROM commands",
    "INSERT OR REPLACE INTO stream_index SELECT * FROM stream_index",
    "INSERT OR REPLACE INTO ledger_head VALUES (1, 0, 0, 0, x'', x'')",
    "INSERT INTO commands SELECT sequence+5, first_position+5, last_position+5, occurred_at, "
    "recorded_at, command_id || '-5', fingerprint, status, body, result, events, NULL, NULL, NULL, "
    "NULL, NULL, leaf FROM commands",
])
def test_what_is_in_the_log_cannot_be_changed(sqlite_url: str, statement: str) -> None:
    with open_ledger(sqlite_url) as ledger:
        assert statuses(send(ledger, stocked("TEA"))) == ["accepted", "accepted"]
    path = sqlite_url.removeprefix("sqlite:///")
    with (
        closing(sqlite3.connect(path, isolation_level=None)) as intruder,
        pytest.raises(sqlite3.IntegrityError),
    ):
        intruder.execute(statement)
    assert assert_log_is_sound(sqlite_url) == 2
