"""Trial R4: a sync that fails costs nobody what was acknowledged, not even at a power cut after it.

As of a real kernel, the pages that could not be written are clean afterwards, so that a later sync
succeeds without them.
"""

import tempfile
from pathlib import Path
from random import Random

from simulation.disk.crash_images import CHANGING, NAME, CrashImage, check_image
from simulation.disk.files import Disk
from simulation.disk.one_process import OneProcess
from simulation.disk.shop_day import ShopDay, copied_often, require_no_errors
from simulation.disk.structures import POWERSAFE_OVERWRITE
from simulation.disk.vfs import mounted
from simulation.surroundings import Fault, Operation
from stocktrail.ledger.store import StorageError

SCRIPTS = 42
LAST_SYNC = 50
IMAGES_AFTER_A_FAILURE = 15


class FailingSyncs:
    """Lets the ``first`` sync fail, and as many after it as ``count`` says.

    Afterwards it takes images of what a power cut would leave, before every operation at first.
    """

    def __init__(self, seed: int) -> None:
        self._chance = Random(f"syncs {seed}")
        self._first = 1 + seed % LAST_SYNC
        self._count = self._chance.choice((1, 1, 1, 2, 5))
        self._syncs = 0
        self._wait = 0
        self.seed = seed
        self.images: list[CrashImage] = []

    @property
    def has_failed(self) -> bool:
        """Whether the sync that is to fail has done so."""
        return self._syncs >= self._first

    def play(self, live: Path, left: Path) -> int:
        """Let a day pass in one folder, check every image in the other; return how many."""
        chance = Random(self.seed)
        surroundings = OneProcess(self._choose)
        self._disk = disk = Disk(chance, surroundings)
        disk.characteristics = chance.choice((0, POWERSAFE_OVERWRITE))
        self._day = day = ShopDay(chance, f"sqlite:///{live / NAME}", surroundings.now, SCRIPTS)
        with mounted(disk, live), copied_often(often=chance.random() < 0.5):
            kept = day.pass_by(_is_expected)
        require_no_errors(disk)
        assert self.has_failed, "there were not enough syncs"
        outcomes = day.outcomes_of_answers(kept)
        for image in self.images:
            try:
                check_image(image, outcomes, left)
            except (AssertionError, StorageError) as error:
                raise AssertionError(
                    f"seed {self.seed}, {image.moment}, {image.acknowledged} acknowledged: {error}"
                ) from error
        return len(self.images)

    def _choose(self, operation: Operation) -> Fault:
        if operation.kind in CHANGING and self.has_failed:
            self._image(operation)
        if operation.kind != "sync":
            return Fault.NONE
        self._syncs += 1
        fails = self._first <= self._syncs < self._first + self._count
        return Fault.IO_ERROR if fails else Fault.NONE

    def _image(self, operation: Operation) -> None:
        if self._wait:
            self._wait -= 1
        elif len(self.images) < IMAGES_AFTER_A_FAILURE:
            self._wait = len(self.images) // 4
            self.images.append(CrashImage(
                self._disk.after_power_cut(self._chance), len(self._day.acknowledged),
                f"before {operation} after sync {self._first} failed",
            ))


def _is_expected(error: StorageError) -> None:
    assert error.code == "storage_failed", error


def failing_syncs(seed: int) -> int:
    """Play a day in which a sync fails, the N-th for ``seed % 50 + 1``, and power cuts after it.

    Returns how many images were checked. Raises ``AssertionError`` where something acknowledged is
    lost, or was refused though it is recorded.
    """
    with tempfile.TemporaryDirectory() as name:
        folders = [Path(name) / "live", Path(name) / "left"]
        for folder in folders:
            folder.mkdir()
        return FailingSyncs(seed).play(*folders)
