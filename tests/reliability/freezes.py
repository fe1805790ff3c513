"""R11: a writer that is frozen while another goes on, and wakes up in a log that has moved on."""

import random
import time
from collections.abc import Sequence
from pathlib import Path

from stocktrail.ledger.store import open_ledger
from tests.reliability.trial import SERVER, FreshDatabase, ReliabilityTrial
from tests.store.conftest import Sending
from tests.store.faults import await_quiet
from tests.store.shop import (
    assert_answers_are_recorded,
    assert_log_is_sound,
    order,
    outcomes_of,
    script,
    send,
    sold,
    stocked,
)
from tests.waiting import wait_until

FREEZES_IN_A_ROUND = 4
LONG_EVERY = 25
"""In every so many rounds a freeze is long."""

LONG_SECONDS = 30.0
SHORT_SECONDS = (0.05, 0.3, 1.0, 3.0)
UNITS = 60
ORDERS = 300


def freeze_a_writer(seed: int, database: FreshDatabase, folder: Path) -> int:
    """Freeze one of two writers at random moments, and now and then for long; count the freezes."""
    long = seed % LONG_EVERY == LONG_EVERY - 1
    return _freeze(seed, database, FREEZES_IN_A_ROUND, [LONG_SECONDS] if long else SHORT_SECONDS)


def freeze_once(seed: int, database: FreshDatabase, folder: Path) -> int:
    """Freeze one of two writers once, for a moment."""
    return _freeze(seed, database, 1, SHORT_SECONDS[:1])


def _freeze(
    seed: int, database: FreshDatabase, times: int, lengths: Sequence[float]
) -> int:
    """Freeze one of two writers, and compare what both were told with the log.

    In every second round both send the same commands, so that what the frozen one was about to
    record is recorded by the other.
    """
    chance = random.Random(seed)
    with open_ledger(database.url) as ledger:
        send(ledger, stocked("TEA", quantity=UNITS))
    same = seed % 2 == 0
    slow = _start(database, "SO", chance)
    fast = _start(database, "SO" if same else "FAST", chance)
    freezes = 0
    for _ in range(times):
        come = len(slow.answers) + chance.randint(1, ORDERS // (2 * times))
        wait_until(
            lambda: len(slow.answers) >= come or not slow.is_at_work(), "it goes on",  # noqa: B023
            pause=0.001,
        )
        time.sleep(chance.uniform(0, 0.01))
        if not slow.is_at_work():
            break
        slow.stop()
        freezes += 1
        _see_the_other_go_on(fast)
        time.sleep(chance.choice(lengths))
        slow.stop(go_on=True)
    for each in (slow, fast):
        each.wait()
        assert each.failed is None, each.failed
    await_quiet(database.url)
    _compare(database.url, slow, fast, same=same)
    return freezes


def _start(database: FreshDatabase, name: str, chance: random.Random) -> Sending:
    orders = [order(f"{name}-{number}", "TEA") for number in range(ORDERS)]
    return database.workers.start(
        database.url, script(orders), at_once=chance.choice((150, 300, 900))
    )


def _see_the_other_go_on(other: Sending) -> None:
    before = len(other.answers)
    wait_until(
        lambda: len(other.answers) > before + 5 or not other.is_at_work(), "the other goes on"
    )


def _compare(url: str, slow: Sending, fast: Sending, *, same: bool) -> None:
    assert_log_is_sound(url)
    assert len(slow.answers) == len(fast.answers) == ORDERS
    for each in (slow, fast):
        assert_answers_are_recorded(url, each.answers)
    assert len(outcomes_of(url)) == 2 + (ORDERS if same else 2 * ORDERS)
    accepted = [
        answer["id"] for each in (slow, fast) for answer in each.answers
        if answer["status"] == "accepted"
    ]
    assert len(accepted) == len(set(accepted)) == UNITS
    with open_ledger(url) as ledger:
        assert sold(ledger, "TEA") == UNITS


TRIALS = [
    ReliabilityTrial(
        "R11", "`SIGSTOP` of a writer, `SIGCONT` after another has gone on",
        "the other is not kept waiting; the frozen one records nothing twice and sells nothing "
        "that is sold", "freezes", 100, freeze_a_writer, databases=SERVER,
        briefly=freeze_once,
    ),
]
