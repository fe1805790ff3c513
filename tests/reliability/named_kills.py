"""R2: whoever is killed at a named point leaves nothing half done, and what it did can be finished.

One round is one point: a process is armed with it and dies there. Then its task is done again by
others, and must come to what it would have come to without a kill.
"""

import random
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from stocktrail.ledger.store import open_ledger
from stocktrail.ledger.store.portable.backup import back_up
from stocktrail.projections import ReadModels
from stocktrail.projections.verify import verify
from tests.commands.scenes import given
from tests.feeds.receiver import receiving
from tests.feeds.test_webhooks_killed import assert_all_are_delivered
from tests.reliability.mortal_worker import MortalWorkers
from tests.reliability.named_points import NamedPoint, Task, points_on
from tests.reliability.trial import FreshDatabase
from tests.store.conftest import Sending
from tests.store.faults import await_quiet
from tests.store.former_ledgers import put_on_server, write_golden
from tests.store.shop import (
    assert_answers_are_recorded,
    assert_log_is_sound,
    events_of,
    send,
    timeless_outcomes_of,
)
from tests.store.test_kills import a_script, assert_sent_again_changes_nothing, opening, run_out
from tests.store.test_upgrade import former_log_of, log_of

COMMANDS = 24


class KillScene(NamedTuple):
    """One round: where it takes place, and how a process is sent to its death."""

    seed: int
    database: FreshDatabase
    folder: Path

    @property
    def script(self) -> bytes:
        """What is submitted; with every other seed the commands have no ids."""
        return a_script(
            random.Random(self.seed), "SO", with_ids=bool(self.seed % 2), count=COMMANDS
        )

    def kill(
        self, point: NamedPoint, begin: Callable[[MortalWorkers, int], Sending]
    ) -> Sending:
        """Let a process die at a point, when it comes there for the time that the seed says."""
        victim = begin(
            self.database.workers, random.Random(self.seed).randint(1, point.calls)
        )
        victim.wait()
        await_quiet(self.database.url)
        assert victim.failed is None, victim.failed
        assert not victim.is_done, f"it did not come to the point: {point.name}"
        return victim


def kill_at_a_point(seed: int, database: FreshDatabase, folder: Path) -> int:
    """Kill one process at one point; as many rounds as there are points come to all of them."""
    points = points_on(database.name)
    point = points[seed % len(points)]
    print(f"the point: {point.name}")
    _SCENES[point.task](KillScene(seed, database, folder), point)
    return 1


def kill_at_one_point_of_two_tasks(seed: int, database: FreshDatabase, folder: Path) -> int:
    """Kill a writer, and whoever follows that log, for the tests that run at every change."""
    points = {point.task: point for point in points_on(database.name)}
    scene = KillScene(seed, database, folder)
    _write(scene, points["write"])
    _follow(scene, points["rebuild"])
    return 2


# ---------------------------------------------------------------------- writers


def _write(scene: KillScene, point: NamedPoint) -> None:
    url, sent = scene.database.url, scene.script
    if point.task == "write":
        with open_ledger(url) as ledger:
            send(ledger, opening())

    def begin(workers: MortalWorkers, number: int) -> Sending:
        return workers.begin("write", url, point, number, script=sent)

    if point.task == "create":
        scene.kill(point, begin)
        with open_ledger(url) as ledger:
            send(ledger, opening())
        answers = []
    else:
        answers = scene.kill(point, begin).answers
    assert_answers_are_recorded(url, answers)
    assert_log_is_sound(url)
    again = scene.database.workers.begin("write", url, script=sent)
    again.wait()
    assert again.is_done, again.failed
    calm = f"sqlite:///{scene.folder / 'calm.db'}"
    run_out(calm, sent)
    assert events_of(url) == events_of(calm)
    assert timeless_outcomes_of(url) == timeless_outcomes_of(calm)
    assert_sent_again_changes_nothing(url, sent)
    assert_log_is_sound(url)


# ---------------------------------------------------------------------- read models


def _follow(scene: KillScene, point: NamedPoint) -> None:
    url = scene.database.url
    with open_ledger(url) as ledger:
        send(ledger, opening())
        if point.task == "rebuild":
            ReadModels(ledger).catch_up()
        send(ledger, scene.script)
    scene.kill(
        point, lambda workers, number: workers.begin(point.task, url, point, number)
    )
    with open_ledger(url) as ledger:
        models = ReadModels(ledger)
        position = models.position() or 0
        assert position <= ledger.head().position
        assert models.catch_up() == ledger.head().position
        assert verify(models).ok
        assert models.rebuild() == ledger.head().position
        assert verify(models).ok
    assert_log_is_sound(url)


# ---------------------------------------------------------------------- webhooks


def _deliver(scene: KillScene, point: NamedPoint) -> None:
    url = scene.database.url
    with receiving() as receiver:
        with open_ledger(url) as ledger:
            send(ledger, opening())
            given(ledger, {
                "command": "create-webhook", "webhook": "shop", "url": receiver.url, "after": 0,
            })
            send(ledger, scene.script)
            head = ledger.head().position
        scene.kill(
            point, lambda workers, number: workers.begin("deliver", url, point, number)
        )
        finishing = scene.database.workers.begin("deliver", url)
        finishing.wait()
        assert finishing.is_done, finishing.failed
        assert_all_are_delivered(receiver, head)


# ---------------------------------------------------------------------- upgrades and back-ups


def _upgrade(scene: KillScene, point: NamedPoint) -> None:
    database, url = scene.database, scene.database.url
    file = scene.folder / "former.db"
    write_golden(file, 2)
    before = former_log_of(file)
    if database.server is None:
        url = f"sqlite:///{file}"
    else:
        put_on_server(database.server, url, file, 2)
    scene.kill(
        point, lambda workers, number: workers.begin("upgrade", url, point, number)
    )
    if database.server is None:
        assert former_log_of(file) == before
    finishing = database.workers.begin("upgrade", url)
    finishing.wait()
    assert finishing.is_done, finishing.failed
    with open_ledger(url) as ledger:
        assert log_of(ledger) == before


def _back_up(scene: KillScene, point: NamedPoint) -> None:
    url, copies = scene.database.url, scene.folder / "copies"
    copies.mkdir()
    with open_ledger(url) as ledger:
        send(ledger, opening())
        send(ledger, scene.script)
        scene.kill(point, lambda workers, number: workers.begin(
            "back up", url, point, number, file=copies / f"killed-{number}"
        ))
        made = back_up(ledger, copies / "after")
        assert (made.position, made.root) == ledger.root()
    left = [each.name for each in copies.iterdir()]
    assert all(name == "after" or name.startswith("killed-") for name in left), left
    whole = {each.stat().st_size for each in copies.iterdir()}
    assert len(whole) == 1, "what has its name is whole"


_SCENES: dict[Task, Callable[[KillScene, NamedPoint], None]] = {
    "write": _write, "create": _write, "follow": _follow, "rebuild": _follow,
    "deliver": _deliver, "upgrade": _upgrade, "back up": _back_up,
}
