"""Read models whose process is killed while they follow or are rebuilt: nothing of them is torn."""

import random
import signal
import subprocess
import sys
import time
from pathlib import Path

from stocktrail.ledger.store import open_ledger
from stocktrail.projections import ReadModels
from stocktrail.projections.verify import verify
from tests.store.shop import assert_log_is_sound, numbered, order, send, stocked

ROOT = Path(__file__).parents[2]

FOLLOW_AND_REBUILD = """
import sys
from stocktrail.ledger.store import open_ledger
from stocktrail.projections import ReadModels
with open_ledger(sys.argv[1]) as ledger:
    models = ReadModels(ledger)
    print("ready", flush=True)
    while True:
        models.catch_up()
        models.rebuild()
"""


def kill_while_it_follows_or_rebuilds(url: str, seed: int, kills: int) -> None:
    """Kill a process at random, and see each time that the read models can be caught up."""
    chance = random.Random(seed)
    with open_ledger(url) as ledger:
        send(ledger, stocked("TEA", "SUGAR", quantity=50))
        send(ledger, [{"command": "set-backorder-policy", "backorders": "allow", "id": "allow"}])
        for kill in range(kills):
            command = [sys.executable, "-c", FOLLOW_AND_REBUILD, url]
            with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE) as process:
                assert process.stdout is not None
                assert process.stdout.readline() == b"ready\n"
                names = numbered(f"SO{kill}", 8)
                send(ledger, [order(name, "TEA", "SUGAR") for name in names])
                time.sleep(chance.uniform(0, 0.25))
                process.send_signal(signal.SIGKILL)
            models = ReadModels(ledger)
            assert models.catch_up() == ledger.head().position
            assert verify(models).ok, f"after kill {kill + 1}"
        assert models.rebuild() == ledger.head().position
        assert verify(models).ok
    assert_log_is_sound(url)


def test_killed_while_it_follows_or_rebuilds(database_url: str) -> None:
    kill_while_it_follows_or_rebuilds(database_url, seed=20261121, kills=6)
