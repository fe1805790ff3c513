"""How much memory a cache takes, and how much at most."""

from typing import NamedTuple


class CacheSize(NamedTuple):
    """A cache, the bytes that it takes and those that it takes at most; both are estimates."""

    cache: str
    taken: int
    most: int
