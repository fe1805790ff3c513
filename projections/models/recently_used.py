"""What a read model keeps in memory: what was used last, up to a number."""

from collections import OrderedDict
from collections.abc import Iterable
from typing import TypeVar

Kept = TypeVar("Kept")


class RecentlyUsed(OrderedDict[str, Kept]):
    """What was used last, by name; dropped from the front, so it is not to be looked up there.

    It ``is_whole`` while it holds all that there is: the tables were empty when folding began, and
    nothing was dropped since. Then what is absent is nowhere else, and need not be looked up: an
    event is rebuilt in 44 instead of 50 us of processor
    (``python -m benchmarks.rebuild --events 30000``, 2026-11-30).
    """

    is_whole: bool = False

    def missing(self, names: Iterable[str]) -> list[str]:
        """Return the names that are absent, each once, and mark the others as just used."""
        absent = []
        for name in dict.fromkeys(names):
            if name in self:
                self.move_to_end(name)
            else:
                absent.append(name)
        return absent

    def drop_first(self) -> Kept:
        """Drop what was used least recently, and return it."""
        self.is_whole = False
        return self.popitem(last=False)[1]
