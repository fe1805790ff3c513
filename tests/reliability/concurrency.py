"""Several processes of many threads write at once: I1 is sampled (R12), histories checked (R23)."""

import random
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event

from stocktrail.commands.scripts.concurrent import GroupedSubmission
from stocktrail.commands.stock import ReceiveStock
from stocktrail.ledger.store import open_ledger
from stocktrail.projections import ReadModels
from stocktrail.projections.verify import verify
from tests.reliability.history import assert_one_after_the_other, calls_in
from tests.reliability.traders import HOT, OTHERS
from tests.reliability.trial import FreshDatabase, ReliabilityTrial
from tests.store.conftest import Sending
from tests.store.faults import await_quiet, terminate_all
from tests.store.shop import Command, assert_log_is_sound, send, stocked
from tests.store.test_many_writers import figures

PROCESSES = 4
THREADS = 16
SAMPLE_SECONDS = 0.01
OVERSELL_SAMPLES = 25


def opening() -> list[Command]:
    """Begin with five items, of which there is little."""
    return stocked(HOT, *OTHERS, quantity=30)


# ---------------------------------------------------------------------- R12


def write_at_once(
    seed: int, database: FreshDatabase, folder: Path, *, commands: int = 100
) -> int:
    """Let processes of 16 threads trade while a reader looks a hundred times a second."""
    url, over = database.url, Event()
    with open_ledger(url) as ledger:
        send(ledger, opening())
    notebooks = [folder / f"P{number}" for number in range(PROCESSES)]
    with ThreadPoolExecutor(1) as threads:
        looking = threads.submit(look_on, url, over)
        try:
            trading = [
                database.workers.trade(
                    url, file, file.name, seed=seed, threads=THREADS, commands=commands
                )
                for file in notebooks
            ]
            for each in trading:
                each.wait()
        finally:
            over.set()
        looks = looking.result()
    assert all(each.is_done for each in trading), [each.failed for each in trading]
    head = assert_log_is_sound(url)
    calls = calls_in(notebooks)
    assert len(calls) == PROCESSES * THREADS * commands
    assert all(call.status for call in calls), "everybody was answered"
    assert_one_after_the_other(url, calls, opening(), folder / "calm.db")
    assert_never_oversold(url, head, random.Random(seed))
    print(f"{head} events, {looks} looks")
    return head


def look_on(url: str, over: Event) -> int:
    """Read on from the last position again and again: 1..H without a hole; count the looks."""
    followed = looks = 0
    last_look = False
    with open_ledger(url, read_only=True) as ledger:
        while not last_look:
            last_look = over.is_set()
            head = ledger.head().position
            assert head >= followed
            while followed < head:
                found = [event.position for event in ledger.read(followed, 10_000)]
                assert found == list(range(followed + 1, followed + len(found) + 1))
                assert found, f"the log ends at {head}, and nothing is read after {followed}"
                followed = found[-1]
            looks += 1
            time.sleep(SAMPLE_SECONDS)
    return looks


def assert_never_oversold(url: str, head: int, chance: random.Random) -> None:
    """See at random positions that nobody was promised what is not there, and verify all."""
    for position in chance.sample(range(11, head + 1), min(OVERSELL_SAMPLES, head - 10)):
        counted = figures(url, HOT, position)
        assert 0 <= counted.demand <= counted.supply, position
    with open_ledger(url) as ledger:
        models = ReadModels(ledger)
        models.catch_up()
        assert verify(models).ok


# ---------------------------------------------------------------------- R23


def check_history(
    seed: int, database: FreshDatabase, folder: Path, *, commands: int = 30
) -> int:
    """Kill traders at random and cut their connections, and check what the others and they saw."""
    url, chance = database.url, random.Random(seed)
    with open_ledger(url) as ledger:
        send(ledger, opening())
    notebooks: list[Path] = []

    def start() -> Sending:
        notebooks.append(folder / f"P{len(notebooks)}")
        return database.workers.trade(
            url, notebooks[-1], notebooks[-1].name, seed=seed, threads=8, commands=commands
        )

    trading = [start() for _ in range(PROCESSES)]
    for _ in range(4):
        time.sleep(chance.uniform(0, 0.3))
        if database.name == "postgresql" and chance.random() < 0.5:
            terminate_all(url)
            continue
        victim = chance.choice(trading)
        victim.kill()
        trading.append(start())
    for each in trading:
        each.wait()
    await_quiet(url)
    assert_log_is_sound(url)
    calls = calls_in(notebooks)
    assert any(call.status for call in calls)
    assert_one_after_the_other(url, calls, opening(), folder / "calm.db")
    return len(calls)


# ---------------------------------------------------------------------- R20


def send_one_id(seed: int, database: FreshDatabase, folder: Path, *, ids: int = 40) -> int:
    """Send each id from 64 threads of two programs at once; with some ids, two contents."""
    chance = random.Random(seed)
    with open_ledger(database.url) as one, open_ledger(database.url) as other:
        send(one, stocked("TEA"))
        with (
            GroupedSubmission(one) as first, GroupedSubmission(other) as second,
            ThreadPoolExecutor(64) as threads,
        ):
            for number in range(ids):
                quantities = [1, chance.choice([1, 2])]
                asked = [chance.choice(quantities) for _ in range(64)]
                answers = list(threads.map(
                    lambda at, asked=asked, number=number: (first, second)[at % 2].submit(
                        ReceiveStock(sku="TEA", quantity=asked[at]), id=f"one-{number}"
                    ), range(64),
                ))
                told = [answer.status for answer in answers]
                assert told.count("accepted") == 1, told
                recorded = asked[told.index("accepted")]
                for status, quantity in zip(told, asked, strict=True):
                    expected = ("accepted", "duplicate") if quantity == recorded else ("conflict",)
                    assert status in expected, (status, quantity, recorded)
    assert assert_log_is_sound(database.url) == 2 + ids
    return ids


TRIALS = [
    ReliabilityTrial(
        "R12",
        "4 processes of 16 threads write, 80 % to one item, a reader looks 100 times a second",
        "I1 at every look; versions dense; nobody is sold what is not there; a serial history",
        "events", 1_000_000, write_at_once,
        briefly=lambda seed, database, folder: write_at_once(seed, database, folder, commands=4),
    ),
    ReliabilityTrial(
        "R20", "One id from 64 threads of two programs at once, at times with other contents",
        "recorded once; who sent the same is told so, who sent other contents has a conflict",
        "ids", 10_000, send_one_id,
        briefly=lambda seed, database, folder: send_one_id(seed, database, folder, ids=5),
    ),
    ReliabilityTrial(
        "R23", "Traders that are killed and cut off write down what they saw",
        "strictly serialisable: each outcome once, in the order of time, as one by one",
        "commands", 200_000, check_history,
        briefly=lambda seed, database, folder: check_history(seed, database, folder, commands=6),
    ),
]
