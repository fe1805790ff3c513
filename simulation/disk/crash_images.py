"""Trial R3: whatever a power cut leaves of a ledger, it opens and has all that was acknowledged.

A day is recorded on a disk; at chosen operations, what a power cut at that moment might leave is
kept as an image: synced content, and of the rest a beginning or any part of it, torn at sectors.
"""

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from random import Random
from typing import NamedTuple

from simulation.disk.files import Disk
from simulation.disk.one_process import OneProcess
from simulation.disk.quiet import QuietSurroundings
from simulation.disk.shop_day import ShopDay, copied_often, require_no_errors
from simulation.disk.structures import POWERSAFE_OVERWRITE
from simulation.disk.vfs import mounted
from simulation.surroundings import Fault, Operation
from stocktrail.commands import RegisterSource
from stocktrail.commands.scripts.submission import submit_one
from stocktrail.ledger.store import StorageError, open_ledger
from stocktrail.ledger.store.outcome import Outcome
from stocktrail.projections import ReadModels
from stocktrail.projections.verify.verification import verify

SCRIPTS = (6, 12, 30, 80)
"""How many scripts a day may have; with many, the write-ahead log is copied into the file."""

IMAGES_A_DAY = 100
NAME = "shop.db"
CHANGING = frozenset({"write", "sync", "truncate", "delete", "create"})
"""The operations before which a power cut may leave something else than before the last one."""


class CrashImage(NamedTuple):
    """The files that a power cut left, and how many results had been answered by then."""

    files: Mapping[str, bytes]
    acknowledged: int
    moment: str


class Recording:
    """Takes images of a disk while a day passes, before the operations that are ``moments``."""

    def __init__(
        self, seed: int, moments: frozenset[int] = frozenset(), *, ignores_syncs: bool = False
    ) -> None:
        self._chance = Random(f"images {seed}")
        self._moments = moments
        self._ignores_syncs = ignores_syncs
        self.seed = seed
        self.operations = 0
        self.images: list[CrashImage] = []
        self.outcomes: list[Outcome | None] = []

    def record(self, folder: Path) -> None:
        """Let the day pass; afterwards there are ``images``, and ``outcomes`` as answered."""
        chance = Random(self.seed)
        surroundings = OneProcess(self._take)
        self._disk = Disk(chance, surroundings)
        self._disk.ignores_syncs = self._ignores_syncs
        self._disk.characteristics = chance.choice((0, POWERSAFE_OVERWRITE))
        url = f"sqlite:///{folder / NAME}"
        self._day = ShopDay(chance, url, surroundings.now, chance.choice(SCRIPTS))
        with mounted(self._disk, folder), copied_often(often=chance.random() < 0.5):
            outcomes = self._day.pass_by()
        require_no_errors(self._disk)
        self.outcomes = self._day.outcomes_of_answers(outcomes)

    def _take(self, operation: Operation) -> Fault:
        if operation.kind in CHANGING:
            self.operations += 1
            if self.operations in self._moments:
                self.images.append(CrashImage(
                    self._disk.after_power_cut(self._chance), len(self._day.acknowledged),
                    f"before operation {self.operations}, {operation}",
                ))
        return Fault.NONE


def check_image(image: CrashImage, outcomes: Sequence[Outcome | None], folder: Path) -> None:
    """Open an image in a folder: everything acknowledged is there, all is sound, and it goes on.

    Without anything acknowledged the ledger may refuse to open, with an error of its own. Raises
    ``AssertionError``.
    """
    acknowledged = {
        each.command_id: each for each in outcomes[: image.acknowledged] if each is not None
    }
    disk = Disk(Random(0), QuietSurroundings())
    disk.load(image.files)
    with mounted(disk, folder):
        try:
            ledger = open_ledger(f"sqlite:///{folder / NAME}", create=not acknowledged)
        except StorageError as error:
            if acknowledged:
                raise AssertionError(f"does not open: {error}") from error
            return
        with ledger:
            found = ledger.outcomes_of(list(acknowledged))
            for each in acknowledged.values():
                there = found.get(each.command_id)
                assert there is not None, f"{each.command_id} was acknowledged and is lost"
                assert there == each, f"acknowledged was {each}, found is {there}"
            verification = verify(ReadModels(ledger))
            assert verification.ok, verification.findings
            later = submit_one(ledger, RegisterSource(source="later", id="later"))
            assert later.status == "accepted", later
    require_no_errors(disk)


def crash_images(seed: int, count: int, *, ignores_syncs: bool = False) -> int:
    """Check at least so many images, of as many days as it takes; return how many.

    Raises ``AssertionError`` with the seed of the day and the moment, for the first that is not as
    it must be. The control is a disk that ``ignores_syncs``: there it must be raised.
    """
    checked = 0
    while checked < count:
        checked += _check_day(seed, min(count - checked, IMAGES_A_DAY), ignores_syncs=ignores_syncs)
        seed += 1
    return checked


def _check_day(seed: int, count: int, *, ignores_syncs: bool) -> int:
    with tempfile.TemporaryDirectory() as name:
        folders = [Path(name) / "live", Path(name) / "left"]
        for folder in folders:
            folder.mkdir()
        rehearsal = Recording(seed, ignores_syncs=ignores_syncs)
        rehearsal.record(folders[0])
        every = range(1, rehearsal.operations + 1)
        moments = frozenset(Random(f"moments {seed}").sample(every, min(count, len(every))))
        recording = Recording(seed, moments, ignores_syncs=ignores_syncs)
        recording.record(folders[0])
        assert len(recording.images) == len(moments), "the same seed is not the same day"
        for image in recording.images:
            try:
                check_image(image, recording.outcomes, folders[1])
            except (AssertionError, StorageError) as error:
                raise AssertionError(
                    f"day {seed}, {image.moment}, {image.acknowledged} acknowledged: {error}"
                ) from error
        return len(recording.images)
