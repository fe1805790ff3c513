"""R29: a release with other read models is rolled out while commands go on, and is killed at it.

The next release is this one with the version of its read models raised, in processes of its own: on
PostgreSQL three workers of one service beside three of the present release, on SQLite one process
beside another. Whoever rebuilds is killed in the middle. No command fails, no question of the
present release does, and one of the next release only with ``read_models_behind``.
"""

import os
import random
import signal
import subprocess
import sys
from contextlib import ExitStack, suppress
from pathlib import Path
from threading import Event, Thread
from time import sleep
from typing import Any
from uuid import uuid4

import httpx

from stocktrail.ledger.store import Ledger, open_ledger
from stocktrail.ledger.store.side_tables.progress import SideTables
from stocktrail.projections import ReadModels
from stocktrail.projections.models.version import TRACKED_AS, VERSION
from stocktrail.projections.rebuild.lease import begin_lease, lease_row
from stocktrail.projections.verify import verify
from tests.interfaces.api.serving import serving
from tests.interfaces.terminal import ROOT
from tests.reliability.trial import FreshDatabase, ReliabilityTrial
from tests.store.shop import assert_log_is_sound, send
from tests.store.test_kills import SKUS, a_script, opening
from tests.waiting import PATIENCE_SECONDS, wait_until

COMMANDS = 600
"""How many commands there are before the next release comes."""

PAUSE_SECONDS = 0.02
"""How long a client does nothing between two commands."""

NEXT = f"""
import sys
import time
from types import ModuleType

name = "stocktrail.projections.models.version"
with open({str(ROOT / "projections" / "models" / "version.py")!r}) as file:
    text = file.read()
module = ModuleType(name)
exec(text.replace("\\nVERSION = {VERSION}\\n", "\\nVERSION = {VERSION + 1}\\n"), module.__dict__)
assert module.VERSION == {VERSION + 1}
sys.modules[name] = module

from stocktrail.projections.folding import shadow_tables

require_events = shadow_tables.require_events


def slowly(*arguments):
    time.sleep(0.02)
    require_events(*arguments)


shadow_tables.require_events = slowly
shadow_tables.EVENTS_PER_BATCH, shadow_tables.EVENTS_PER_RECORD = 40, 80
"""
"""What makes any Python process run the next release: it is imported at its start.

It rebuilds slowly, in small steps, so that there is time to be killed between them.
"""


def upgrades(seed: int, database: FreshDatabase, folder: Path) -> int:
    """Roll out the next release, and kill whoever rebuilds: return the number of kills."""
    chance = random.Random(seed)
    with open_ledger(database.url) as ledger:
        send(ledger, opening())
        send(ledger, a_script(chance, "BEFORE", with_ids=True, count=COMMANDS))
        models = ReadModels(ledger)
        models.catch_up()
        before = models.version().rebuilds
        side_tables = SideTables(ledger)
        with begin_lease(side_tables).kept():
            pass                                 # so that its table is there to be looked at
        kills = _roll_out(chance, database, folder, ledger)
        with side_tables.reading() as cursor:
            [there] = side_tables.positions(cursor, [TRACKED_AS.replace(
                str(VERSION), str(VERSION + 1)
            )])
        assert there is not None
        assert models.version().rebuilds == before + 1, "it was rebuilt once"
        models.catch_up()
        assert verify(models).ok
    _verify_as_next_release(database.url, folder)
    assert_log_is_sound(database.url)
    return kills


def _roll_out(
    chance: random.Random, database: FreshDatabase, folder: Path, ledger: Ledger
) -> int:
    workers = ("--workers", "3") if database.name == "postgresql" else ()
    environment = _next_release(folder)
    with ExitStack() as stack:
        present, url = stack.enter_context(serving(database.url, *workers))
        of_present = Client(url, may_be_behind=False)
        of_present.wait_for_answers()
        process, url = stack.enter_context(
            serving(database.url, *workers, environment=environment)
        )
        of_next = Client(url, may_be_behind=True)
        _kill_owner(chance, ledger)
        if not workers:
            of_next.end()
            assert process.wait(PATIENCE_SECONDS) == -signal.SIGKILL
            process, url = stack.enter_context(serving(database.url, environment=environment))
            of_next = Client(url, may_be_behind=True)
        wait_until(lambda: _is_ready(url), "the next release has caught up")
        of_next.wait_for_answers()
        of_present.end()
        _end(present)
        of_next.wait_for_answers()
        of_next.end()
        _end(process)
    return 1


def _is_ready(url: str) -> bool:
    try:
        return httpx.get(f"{url}/readyz").status_code == 200
    except httpx.TransportError:
        return False                             # it was sent to the worker that was killed


def _end(process: "subprocess.Popen[str]") -> None:
    process.send_signal(signal.SIGTERM)
    status = process.wait(PATIENCE_SECONDS)
    assert status in (0, -signal.SIGTERM), process.stderr and process.stderr.read()


def _kill_owner(chance: random.Random, ledger: Ledger) -> None:
    """Kill whoever rebuilds, a moment after it has begun."""
    side_tables = SideTables(ledger)
    owner: list[int] = []

    def has_begun() -> bool:
        with side_tables.reading() as cursor:
            row = lease_row(cursor)
        assert row is not None
        if row["version"] == VERSION + 1 and row["owner"]:
            owner.append(int(row["owner"].split("|")[1]))
        return bool(owner)

    wait_until(has_begun, "the next release rebuilds")
    sleep(chance.uniform(0, 0.8))
    os.kill(owner[0], signal.SIGKILL)


def _next_release(folder: Path) -> dict[str, str]:
    """Return the environment in which every Python process is of the next release."""
    (folder / "sitecustomize.py").write_text(NEXT)
    return {"PYTHONPATH": os.pathsep.join([str(folder), str(ROOT)])}


def _verify_as_next_release(url: str, folder: Path) -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "stocktrail", "verify", "--database", url],
        env={**os.environ, **_next_release(folder)}, cwd=folder, check=False, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )
    assert ended.returncode == 0, ended.stdout


class Client:
    """Sends commands to a service and asks it questions, one after another, in a thread.

    A request whose connection breaks is sent again, a command under its id.
    """

    def __init__(self, url: str, *, may_be_behind: bool) -> None:
        self._url = url
        self._may_be_behind = may_be_behind
        self._ended = Event()
        self._failed: list[BaseException] = []
        self._answered = 0
        self._thread = Thread(target=self._work, daemon=True)
        self._thread.start()

    def wait_for_answers(self) -> None:
        """Wait until questions that are asked from now on are answered."""
        before = self._answered
        wait_until(
            lambda: self._failed or self._answered > before + 1, "questions are answered"
        )

    def end(self) -> None:
        """Let it end, and see that nothing failed that may not."""
        self._ended.set()
        self._thread.join(PATIENCE_SECONDS)
        assert self._failed == []

    def _work(self) -> None:
        try:
            while not self._ended.is_set():
                name = uuid4().hex
                self._send({
                    "command": "receive-stock", "sku": SKUS[0], "quantity": 1, "id": name,
                })
                self._ask()
                sleep(PAUSE_SECONDS)
        except BaseException as error:
            self._failed.append(error)
            raise

    def _send(self, command: dict[str, Any]) -> None:
        while not self._ended.is_set():
            with suppress(httpx.TransportError):
                answer = httpx.post(f"{self._url}/commands", json=command, timeout=60)
                assert answer.status_code in (200, 201), answer.text
                return

    def _ask(self) -> None:
        with suppress(httpx.TransportError):
            answer = httpx.get(f"{self._url}/stock/{SKUS[0]}", timeout=60)
            if answer.status_code == 503 and self._may_be_behind:
                problem = answer.json()
                assert problem["code"] == "read_models_behind", problem
                assert problem["details"].keys() >= {"position", "goal", "percent"}
                return
            assert answer.status_code == 200, answer.text
            self._answered += 1


TRIALS = [
    ReliabilityTrial(
        "R29", "A release with other read models is rolled out, and killed while it rebuilds",
        "no command fails; a question only by `read_models_behind`; it is rebuilt once, and goes on"
        " where it was",
        "kills", 50, upgrades,
    ),
]
