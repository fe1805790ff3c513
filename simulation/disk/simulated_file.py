"""One file: what programs read in it, and what of that a power cut would leave."""

import random
from typing import NamedTuple

from simulation.disk.file_locks import FileLocks
from simulation.disk.shared_index import SharedIndex
from simulation.disk.survival import Survival

PAGE_BYTES = 4096
"""What the kernel keeps as a whole in its page cache."""


class FileChange(NamedTuple):
    """A write that was not synced, or with no ``data`` a truncation to ``offset`` bytes."""

    number: int
    offset: int
    data: bytes | None


class SimulatedFile:
    """The content of a file in the page cache, its durable content, and the changes between them.

    ``lost_pages`` are those that a failed sync has marked as clean: programs read them from memory,
    no later sync writes them, and only writing to them again makes them dirty. ``failures`` counts
    the syncs that failed.
    """

    def __init__(self, content: bytes = b"") -> None:
        self.content = bytearray(content)
        self.durable = bytearray(content)
        self.changes: list[FileChange] = []
        self.lost_pages: set[int] = set()
        self.failures = 0
        self.locks = FileLocks()
        self.index: SharedIndex | None = None

    def shared_index(self) -> SharedIndex:
        """Return the index of the write-ahead log, which is made when it is first asked for."""
        if self.index is None:
            self.index = SharedIndex()
        return self.index

    def write(self, number: int, offset: int, data: bytes) -> None:
        """Write into the page cache."""
        content, end = self.content, offset + len(data)
        if offset > len(content):
            content.extend(bytes(offset - len(content)))
        content[offset:end] = data
        if self.lost_pages:
            offset, data = self._with_lost_pages(offset, end)
        self.changes.append(FileChange(number, offset, data))

    def truncate(self, number: int, size: int) -> None:
        """Cut the file off in the page cache, or extend it with zeros."""
        resize(self.content, size)
        self.changes.append(FileChange(number, size, None))

    def sync(self) -> None:
        """Make every change durable, except on pages that were lost before."""
        for change in self.changes:
            apply(self.durable, change)
        self.changes.clear()
        resize(self.durable, len(self.content))

    def fail_to_sync(self, chance: random.Random) -> None:
        """Lose the pages that were to be synced, or some of them, as the kernel does."""
        self.failures += 1
        share = chance.choice((0.0, 0.0, 0.5))
        for change in self.changes:
            if change.data is None:
                apply(self.durable, change)
                continue
            first, last = change.offset // PAGE_BYTES, (change.offset + len(change.data) - 1)
            self.lost_pages.update(range(first, last // PAGE_BYTES + 1))
        self.changes.clear()
        for page in sorted(self.lost_pages):
            if chance.random() < share:
                start = page * PAGE_BYTES
                put(self.durable, start, bytes(self.content[start : start + PAGE_BYTES]))
                self.lost_pages.discard(page)

    def after_power_cut(self, survival: Survival) -> bytes:
        """Return the content that a power cut leaves; the file itself stays as it is."""
        left = bytearray(self.durable)
        for change in self.changes:
            if change.data is not None:
                for offset, data in survival.parts(change.number, change.offset, change.data):
                    put(left, offset, data)
            elif survival.keeps(change.number):
                resize(left, change.offset)
        return bytes(left)

    def _with_lost_pages(self, offset: int, end: int) -> tuple[int, bytes]:
        """Return a write together with the lost pages that it makes dirty again."""
        first, last = offset // PAGE_BYTES, (end - 1) // PAGE_BYTES
        touched = self.lost_pages.intersection(range(first, last + 1))
        self.lost_pages -= touched
        if first in touched:
            offset = first * PAGE_BYTES
        if last in touched:
            end = (last + 1) * PAGE_BYTES
        return offset, bytes(self.content[offset:end])


def apply(content: bytearray, change: FileChange) -> None:
    """Do to some content what a change says."""
    if change.data is None:
        resize(content, change.offset)
    else:
        put(content, change.offset, change.data)


def put(content: bytearray, offset: int, data: bytes) -> None:
    """Write into some content, with zeros up to the offset where it is shorter."""
    if offset > len(content):
        content.extend(bytes(offset - len(content)))
    content[offset : offset + len(data)] = data


def resize(content: bytearray, size: int) -> None:
    """Cut some content off, or extend it with zeros."""
    if size < len(content):
        del content[size:]
    else:
        content.extend(bytes(size - len(content)))
