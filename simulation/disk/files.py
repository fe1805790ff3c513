"""The disk: files by name, who has them open, and what of all that is durable."""

import random
from _thread import RLock
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from simulation.disk.noting import Noting
from simulation.disk.open_file import OpenFile
from simulation.disk.placeholders import INDEX_SUFFIX, Placeholders
from simulation.disk.shared_index import IndexUser
from simulation.disk.simulated_file import SimulatedFile
from simulation.disk.structures import NO_LOCK
from simulation.disk.survival import Survival
from simulation.surroundings import SimulatedProcess, Surroundings


class EntryChange(NamedTuple):
    """A file that got a name, or with no ``file`` a name that was removed, not yet synced."""

    number: int
    name: str
    file: SimulatedFile | None


class Disk:
    """A disk of at most ``capacity`` bytes, or without a limit.

    Names are relative to the folder where it is mounted. What is written is seen by everybody at
    once and is durable after a sync; syncing a file makes its name durable too, as the usual file
    systems do. A disk that ``ignores_syncs`` claims to have synced. ``characteristics`` are what it
    promises SQLite: nothing, or :data:`~simulation.disk.structures.POWERSAFE_OVERWRITE`, as SQLite
    takes for granted of a real one. ``errors`` are exceptions of the simulation itself, which
    SQLite got to see as I/O errors: there are to be none.
    """

    def __init__(
        self, random: random.Random, surroundings: Surroundings, *, capacity: int | None = None
    ) -> None:
        self.random = random
        self.surroundings = surroundings
        self.capacity = capacity
        self.ignores_syncs = False
        self.characteristics = 0
        self.errors: list[BaseException] = []
        self.noting = Noting(self.errors)
        self.writes = 0
        self.syncs = 0
        self.placeholders: Placeholders | None = None
        self.mutex = RLock()
        self._files: dict[str, SimulatedFile] = {}
        self._durable_files: dict[str, SimulatedFile] = {}
        self._entry_changes: list[EntryChange] = []
        self._open_files: dict[OpenFile, None] = {}
        self._number = 0

    # ------------------------------------------------------------------ faults

    def release(self, process: SimulatedProcess) -> None:
        """Close what a dead process had open, and give up its locks; what it wrote stays."""
        with self.mutex:
            for opened in [each for each in self._open_files if each.process is process]:
                self._lose(opened)

    def crash(self, process: SimulatedProcess) -> None:
        """Let a process die of a fault."""
        self.surroundings.died(process)
        self.release(process)

    def power_cut(self) -> None:
        """Leave what was synced, and of everything else what chance decides.

        Everything that was open is gone.
        """
        with self.mutex:
            before, left = set(self._files), self.after_power_cut(self.random)
            self.disconnect()
            self.load(left)
            if self.placeholders is not None:
                self.placeholders.agree(sorted(before), self._files)

    def after_power_cut(self, chance: random.Random) -> dict[str, bytes]:
        """Return what a power cut at this moment might leave; the disk stays as it is."""
        numbers = [change.number for change in self._entry_changes]
        for file in self._linked():
            if file.changes:
                numbers += (file.changes[0].number, file.changes[-1].number)
        survival = Survival(chance, min(numbers, default=0), max(numbers, default=0))
        names = dict(self._durable_files)
        for change in self._entry_changes:
            if not survival.keeps(change.number):
                continue
            if change.file is None:
                names.pop(change.name, None)
            else:
                names[change.name] = change.file
        return {name: names[name].after_power_cut(survival) for name in sorted(names)}

    def disconnect(self) -> None:
        """Let everything that is open be gone, as for a process that died."""
        with self.mutex:
            for opened in list(self._open_files):
                self._lose(opened)

    # ------------------------------------------------------------------ content

    def image(self) -> Mapping[str, bytes]:
        """Return the durable content of every file whose name is durable."""
        return {name: bytes(file.durable) for name, file in sorted(self._durable_files.items())}

    def visible(self) -> dict[str, bytes] | None:
        """Return every file as a reader sees it: of a log that is in use, what was committed.

        ``None`` while somebody has a file for itself, so that nobody can read.
        """
        if any(file.locks.is_shut() for file in self._files.values()):
            return None
        found = {name: bytes(file.content) for name, file in sorted(self._files.items())}
        for name, file in self._files.items():
            log = f"{name}-wal"
            size = None if file.index is None else file.index.committed_bytes()
            if log in found and size is not None:
                found[log] = found[log][:size]
        return found

    def dump(self, folder: Path) -> None:
        """Write the durable content into real files of a folder."""
        for name, content in self.image().items():
            (folder / name).write_bytes(content)

    def load(self, image: Mapping[str, bytes]) -> None:
        """Replace everything by durable files."""
        self._files = {name: SimulatedFile(content) for name, content in image.items()}
        self._durable_files = dict(self._files)
        self._entry_changes.clear()

    # ------------------------------------------------------------------ names

    def appear_in(self, placeholders: Placeholders) -> None:
        """Let real files stand for those of the disk while it is mounted."""
        self.placeholders = placeholders
        placeholders.agree((), self._files)

    def disappear(self) -> None:
        """Remove the real files that stand for those of the disk."""
        if self.placeholders is not None:
            self.placeholders.agree(self._files, ())
            self.placeholders = None

    def has(self, name: str) -> bool:
        """Return whether a file is there."""
        return name in self._files

    def exists(self, name: str) -> bool:
        """Return whether a file is there and not empty, which is what SQLite asks about."""
        file = self._files.get(name)
        return file is not None and len(file.content) > 0

    def open(
        self, name: str, process: SimulatedProcess | None, *, create: bool = False,
        exclusive: bool = False, **how: bool,
    ) -> OpenFile | None:
        """Open a file, or create it; ``None`` when it may not be created or is there already.

        An empty real file that the product created is one here too. The rest is as of
        :class:`~simulation.disk.open_file.OpenFile`.
        """
        file = self._files.get(name)
        if file is None:
            is_there = self.placeholders is not None and self.placeholders.is_there(name)
            if not (create or is_there):
                return None
            file = SimulatedFile()
            self._name(name, file)
        elif create and exclusive:
            return None
        opened = OpenFile(self, name, file, process, **how)
        self._open_files[opened] = None
        return opened

    def delete(self, name: str, *, synced: bool) -> bool:
        """Remove a name, durably if so wished, and return whether it was there."""
        if name not in self._files:
            return False
        self._name(name, None)
        if synced:
            self._sync_folder()
        return True

    def _name(self, name: str, file: SimulatedFile | None) -> None:
        self._entry_changes.append(EntryChange(self._next_number(), name, file))
        if file is None:
            del self._files[name]
        else:
            self._files[name] = file
        if self.placeholders is None:
            return
        if file is None:
            self.placeholders.remove(name)
        else:
            self.placeholders.create(name)

    # ------------------------------------------------------------------ what is done with files

    def write(self, file: SimulatedFile, offset: int, data: bytes) -> bool:
        """Write as much as there is room for, and return whether that was all."""
        self.writes += 1
        if self.capacity is not None:
            fits = self._room(file, offset, len(data))
            if fits < len(data):
                if fits:
                    file.write(self._next_number(), offset, data[:fits])
                return False
        file.write(self._next_number(), offset, data)
        return True

    def truncate(self, file: SimulatedFile, size: int) -> None:
        """Cut a file off."""
        file.truncate(self._next_number(), size)

    def fail_to_sync(self, opened: OpenFile) -> None:
        """Lose what was to be synced; who else has the file open is told at its next sync."""
        self.syncs += 1
        opened.file.fail_to_sync(self.random)
        opened.failures_seen = opened.file.failures

    def sync(self, opened: OpenFile) -> bool:
        """Make an open file and its name durable; return whether no sync has failed meanwhile."""
        self.syncs += 1
        if self.ignores_syncs:
            return True
        file = opened.file
        file.sync()
        if opened.syncs_folder:
            opened.syncs_folder = False
            self._sync_folder()
        for change in [each for each in self._entry_changes if each.file is file]:
            self._durable_files[change.name] = file
            self._entry_changes = [
                each for each in self._entry_changes
                if each.name != change.name or each.number > change.number
            ]
        is_fine = opened.failures_seen == file.failures
        opened.failures_seen = file.failures
        return is_fine

    def _sync_folder(self) -> None:
        if not self.ignores_syncs:
            self._durable_files = dict(self._files)
            self._entry_changes.clear()

    def use_index(self, opened: OpenFile) -> IndexUser:
        """Return an open file's part in the index of the write-ahead log."""
        if opened.index_user is None:
            opened.index_user = IndexUser(opened.file.shared_index())
            if self.placeholders is not None:
                self.placeholders.create(opened.name + INDEX_SUFFIX)
        return opened.index_user

    def copy_again(self, name: str) -> None:
        """Note in the index of a file's log that nothing of it has been copied."""
        file = self._files.get(name)
        if file is not None and file.index is not None:
            file.index.copy_again()

    def leave_index(self, opened: OpenFile) -> None:
        """End an open file's part in the index; its memory stays as a copy until it is unmapped."""
        user = opened.index_user
        if user is None or user not in user.index.users:
            return
        user.detach()
        if user.index.leave(user):
            opened.file.index = None
            if self.placeholders is not None:
                self.placeholders.remove(opened.name + INDEX_SUFFIX)

    def close(self, opened: OpenFile) -> None:
        """Close a file; closing what is gone does nothing."""
        if not opened.is_gone:
            self._lose(opened)
            if opened.deletes_on_close:
                self.delete(opened.name, synced=False)

    def _lose(self, opened: OpenFile) -> None:
        opened.is_gone = True
        opened.file.locks.unlock(opened, NO_LOCK)
        self.leave_index(opened)
        del self._open_files[opened]

    def _linked(self) -> list[SimulatedFile]:
        """Return every file that has a name, or might have one after a power cut."""
        found: dict[Any, SimulatedFile] = {
            id(file): file for file in (*self._durable_files.values(), *self._files.values())
        }
        found |= {
            id(change.file): change.file for change in self._entry_changes if change.file
        }
        return list(found.values())

    def _room(self, file: SimulatedFile, offset: int, size: int) -> int:
        """Return how many bytes of a write fit."""
        assert self.capacity is not None
        used = sum(len(each.content) for each in self._files.values())
        end = max(len(file.content), len(file.content) + self.capacity - used)
        return max(0, min(size, end - offset))

    def _next_number(self) -> int:
        self._number += 1
        return self._number
