"""Back-ups that are made while others write, and restored (R28)."""

import random
import time
from pathlib import Path

from stocktrail.ledger.store import Ledger, open_ledger
from stocktrail.ledger.store.portable.backup import back_up
from stocktrail.projections import ReadModels
from stocktrail.projections.verify import verify
from tests.postgres_server import PostgresServer, Standby
from tests.reliability.concurrency import opening
from tests.reliability.trial import FreshDatabase, ReliabilityTrial
from tests.store.shop import assert_log_is_sound, events_of, order, send, statuses
from tests.store.test_backup import restored

COPIES = 3


def back_up_and_restore(seed: int, database: FreshDatabase, folder: Path) -> int:
    """Copy a ledger a few times while traders are at work; each copy is a moment of it, whole."""
    url, chance = database.url, random.Random(seed)
    with open_ledger(url) as ledger:
        send(ledger, opening())
        trading = [
            database.workers.trade(
                url, folder / name, name, seed=seed, threads=8, commands=chance.randint(20, 60)
            )
            for name in ("P1", "P2")
        ]
        made = []
        for number in range(COPIES):
            time.sleep(chance.uniform(0, 0.4))
            made.append(back_up(ledger, folder / f"copy-{number}"))
        copied = None
        if isinstance(database.server, PostgresServer) and seed % 5 == 0:
            copied = Standby(database.server)
        for each in trading:
            each.wait()
        assert all(each.is_done for each in trading), [each.failed for each in trading]
        for number, copy in enumerate(made):
            beside = folder / f"restored-{number}.db"
            with restored(copy, folder / f"copy-{number}", beside) as again:
                assert again.root() == (copy.position, copy.root)
                assert_goes_on_by_itself(again, url, f"after-{number}")
    if copied is not None:
        with copied:
            copied.promote()
            with open_ledger(copied.url(database.url.rpartition("schema=")[2])) as again:
                assert_goes_on_by_itself(again, url, "after-basebackup")
    return COPIES


def assert_goes_on_by_itself(copy: Ledger, url: str, name: str) -> None:
    """See that a copy is the beginning of the log, whole, and takes orders as a ledger does."""
    position = assert_log_is_sound(copy.url)
    assert events_of(copy.url) == events_of(url)[:position]
    models = ReadModels(copy)
    models.catch_up()
    assert verify(models).ok
    receipt = {"command": "receive-stock", "sku": "TEA", "quantity": 2, "id": f"{name}-r"}
    assert statuses(send(copy, [receipt, order(name, "TEA")])) == ["accepted"] * 2


TRIALS = [
    ReliabilityTrial(
        "R28", "Back-ups, exports and base back-ups while others write, restored",
        "a copy is the log up to a moment; it opens, verifies, and goes on", "copies", 150,
        back_up_and_restore, played_by=("tests/store/test_backup.py",),
    ),
]
