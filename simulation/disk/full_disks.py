"""Trial R5: a disk that fills up stops nothing but recording, until there is room again."""

import tempfile
from collections.abc import Mapping
from pathlib import Path
from random import Random

from simulation.disk.crash_images import NAME
from simulation.disk.files import Disk
from simulation.disk.one_process import OneProcess
from simulation.disk.shop_day import ShopDay, require_no_errors
from simulation.disk.vfs import mounted
from simulation.surroundings import Fault
from stocktrail.ledger.store import StorageError, open_ledger
from stocktrail.ledger.store.outcome import Outcome
from stocktrail.projections import ReadModels
from stocktrail.projections.verify.verification import verify

SCRIPTS = 12
SMALLEST, LARGEST = 0, 900_000
"""Between what capacities the disk fills up: while the ledger is created, or some time later."""

MORE = (512, 4_096, 20_000, 200_000)
"""How much room is made, each time it is full."""


class FullDisk:
    """A shop whose disk is full again and again, of some size and with some room made each time."""

    def __init__(self, seed: int) -> None:
        self._chance = Random(f"disks {seed}")
        self._seed = seed
        self.fills = 0

    def play(self, folder: Path) -> None:
        """Let a day pass, and see that nothing is missing, neither meanwhile nor in the end."""
        chance = Random(self._seed)
        surroundings = OneProcess(lambda _: Fault.NONE)
        capacity = self._chance.randrange(SMALLEST, LARGEST)
        self._disk = disk = Disk(chance, surroundings, capacity=capacity)
        self._day = ShopDay(chance, f"sqlite:///{folder / NAME}", surroundings.now, SCRIPTS)
        with mounted(disk, folder):
            kept = self._day.pass_by(self._make_room)
            disk.capacity = None
            with open_ledger(self._day.url) as ledger:
                self._require_all(kept)
                verification = verify(ReadModels(ledger))
                assert verification.ok, verification.findings
        require_no_errors(disk)

    def _make_room(self, error: StorageError) -> None:
        assert error.code == "storage_full", error
        self.fills += 1
        if self._day.acknowledged:
            # Questions are answered by another connection, while there is no room at all.
            with open_ledger(self._day.url, read_only=True) as ledger:
                ids = [str(each.id) for each in self._day.acknowledged]
                self._require_all(ledger.outcomes_of(ids))
        assert self._disk.capacity is not None
        self._disk.capacity += self._chance.choice(MORE)

    def _require_all(self, found: Mapping[str, Outcome]) -> None:
        missing = {each for each in self._day.kept_answers() if each is not None} - found.keys()
        assert not missing, missing


def full_disks(seed: int) -> None:
    """Play a day on a disk that fills up. Raises ``AssertionError``."""
    with tempfile.TemporaryDirectory() as name:
        FullDisk(seed).play(Path(name))
