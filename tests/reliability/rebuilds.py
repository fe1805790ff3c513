"""R26: read models are rebuilt while commands come; they are what the live ones are.

Commands come from two writers in processes of their own, and questions are asked all the while: an
answer is never older than the one before. Where a rebuild ends, and again when nobody writes any
more, ``verify`` compares every row with what follows from the log.
"""

import random
import time
from contextlib import ExitStack, closing
from pathlib import Path
from threading import Event, Thread

import pytest

from stocktrail.ledger.store import open_ledger
from stocktrail.projections import ReadModels
from stocktrail.projections.questions.stock import stock
from stocktrail.projections.rebuild import rebuild
from stocktrail.projections.verify import verify
from tests.reliability.trial import FreshDatabase, ReliabilityTrial
from tests.store.shop import send
from tests.store.test_kills import SKUS, a_script, opening

WRITERS = 2
COMMANDS = 250
BEFORE = 400
"""How many commands there are before the first rebuild."""


class Asking:
    """Asks how an item stands, over and over, in a thread of its own."""

    def __init__(self, url: str, sku: str) -> None:
        self._url, self._sku = url, sku
        self._ended = Event()
        self._failed: list[BaseException] = []
        self.seconds: list[float] = []
        self._thread = Thread(target=self._work, daemon=True)
        self._thread.start()

    def _work(self) -> None:
        try:
            with open_ledger(self._url) as ledger:
                models, last = ReadModels(ledger), 0
                while not self._ended.is_set():
                    began = time.perf_counter()
                    reached = models.catch_up()
                    answer = stock(models, self._sku)
                    self.seconds.append(time.perf_counter() - began)
                    assert answer["as_of"] >= reached >= last
                    last = answer["as_of"]
        except BaseException as error:
            self._failed.append(error)
            raise

    def end(self) -> None:
        """Let it end, and see that every question was answered."""
        self._ended.set()
        self._thread.join(60)
        assert self._failed == []
        assert self.seconds


def rebuilds(seed: int, database: FreshDatabase, folder: Path) -> int:
    """Rebuild again and again while two write and one asks; count the rebuilds."""
    chance = random.Random(seed)
    with ExitStack() as stack:
        patch = stack.enter_context(pytest.MonkeyPatch.context())
        if chance.random() < 0.5:
            patch.setattr(rebuild, "WORTH_A_PROCESS", 0)
        ledger = stack.enter_context(closing(open_ledger(database.url)))
        send(ledger, opening())
        send(ledger, a_script(chance, "BEFORE", with_ids=True, count=BEFORE))
        models = ReadModels(ledger)
        models.catch_up()
        asking = Asking(database.url, chance.choice(SKUS))
        writers = [
            database.workers.start(
                database.url, a_script(chance, f"SO{number}", with_ids=True, count=COMMANDS),
                at_once=300,
            )
            for number in range(WRITERS)
        ]
        done = 0
        while done < 2 or any(each.is_at_work() for each in writers):
            begun = ledger.head().position
            assert models.rebuild() >= begun
            done += 1
        for each in writers:
            each.wait()
            assert (each.is_done, each.failed) == (True, None)
        asking.end()
        models.catch_up()
        live = verify(models)
        assert live.ok, live.findings
        assert live.position == ledger.head().position
        assert models.rebuild() == live.position
        assert verify(models).digests == live.digests
        return done + 1


TRIALS = [
    ReliabilityTrial(
        "R26", "Read models are rebuilt while commands come",
        "questions are answered meanwhile, never from before; digests are equal at one position",
        "rebuilds", 50, rebuilds,
        played_by=("tests/projections/test_rebuild_in_two_processes.py",),
    ),
]
