"""Writers that are killed: at random moments (R1), and at each named point of their work (R2)."""

from pathlib import Path

from tests.feeds.test_killed_subscribers import kill_everyone_once
from tests.feeds.test_webhooks_killed import kill_workers
from tests.projections.test_killed import kill_while_it_follows_or_rebuilds
from tests.reliability.named_kills import kill_at_a_point, kill_at_one_point_of_two_tasks
from tests.reliability.named_points import POINTS
from tests.reliability.trial import FreshDatabase, ReliabilityTrial
from tests.store.test_kills import Day

KILLS_IN_A_ROUND = 4


def kill_at_random(seed: int, database: FreshDatabase, folder: Path) -> int:
    """Kill writers, and in every fifth round something else that runs; count the kills."""
    if seed % 5:
        return kill_writers(seed, database, folder)
    return (kill_read_models, kill_subscribers, kill_deliveries)[seed // 5 % 3](
        seed, database, folder
    )


def kill_writers(seed: int, database: FreshDatabase, folder: Path) -> int:
    """Let a day pass in which one or two writers are killed until all was sent."""
    day = Day(seed, folder, database.url, database.workers)
    day.pass_by()
    day.assert_every_command_has_one_outcome()
    return day.kills


def kill_read_models(seed: int, database: FreshDatabase, folder: Path) -> int:
    """Kill a process that follows and rebuilds read models."""
    kill_while_it_follows_or_rebuilds(database.url, seed, KILLS_IN_A_ROUND)
    return KILLS_IN_A_ROUND


def kill_subscribers(seed: int, database: FreshDatabase, folder: Path) -> int:
    """Kill subscribers over HTTP, and the server that they listen to."""
    return kill_everyone_once(database.url, database.workers, folder, seed)


def kill_deliveries(seed: int, database: FreshDatabase, folder: Path) -> int:
    """Kill the worker that delivers webhooks."""
    kill_workers(database.url, database.workers, seed, KILLS_IN_A_ROUND)
    return KILLS_IN_A_ROUND


TRIALS = [
    ReliabilityTrial(
        "R1", "`kill -9` of writers, read models, subscribers, servers, deliveries at random",
        "what was acknowledged is there; every command has one outcome; positions have no hole",
        "kills", 1_000, kill_at_random, played_by=(
            "tests/store/test_kills.py", "tests/projections/test_killed.py",
            "tests/feeds/test_killed_subscribers.py", "tests/feeds/test_webhooks_killed.py",
        ),
    ),
    ReliabilityTrial(
        "R2", f"`kill -9` at {len(POINTS)} named points of all that runs",
        "nothing is half done; what was begun is finished by whoever comes next",
        "kills", 20 * len(POINTS), kill_at_a_point, briefly=kill_at_one_point_of_two_tasks,
    ),
]
