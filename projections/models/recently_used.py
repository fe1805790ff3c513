"""What a read model keeps in memory: what was used last, up to a number."""

from collections import OrderedDict
from collections.abc import Iterable
from typing import Any


def absent_from(memory: OrderedDict[str, Any], names: Iterable[str]) -> list[str]:
    """Return the names that are not in memory, each once, and mark the others as just used."""
    absent = []
    for name in dict.fromkeys(names):
        if name in memory:
            memory.move_to_end(name)
        else:
            absent.append(name)
    return absent
