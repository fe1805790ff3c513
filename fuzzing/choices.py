"""Choices: what an input decides, byte by byte, where its bytes are not read as they are.

A small change of the input is a small change of what is made of it, so that a fuzzer which sees
new code reached keeps what reached it, and goes on from there. An input that has ended decides for
the first of every choice.
"""

from collections.abc import Sequence
from typing import TypeVar

_Option = TypeVar("_Option")


class Choices:
    """The bytes of an input, taken from its beginning.

    >>> choices = Choices(bytes([1, 200, 2]) + b"abc")
    >>> choices.number(3), choices.one_of("xyz"), choices.some_bytes(), choices.rest()
    (1, 'z', b'ab', b'c')
    """

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._taken = 0

    @property
    def is_at_end(self) -> bool:
        """Whether every byte was taken."""
        return self._taken >= len(self._data)

    def number(self, most: int) -> int:
        """Return a number from 0 to ``most``, of as many bytes as it takes."""
        size = max(1, (most.bit_length() + 7) // 8)
        return int.from_bytes(self._take(size), "big") % (most + 1)

    def one_of(self, options: Sequence[_Option]) -> _Option:
        """Return one of some options."""
        return options[self.number(len(options) - 1)]

    def some_bytes(self, most: int = 255) -> bytes:
        """Return up to ``most`` bytes, after the number that tells how many they are."""
        return self._take(self.number(most))

    def text(self, most: int = 255) -> str:
        """Return some bytes as text; what is not UTF-8 becomes halves of surrogate pairs."""
        return self.some_bytes(most).decode("utf-8", "surrogateescape")

    def rest(self) -> bytes:
        """Return everything that is left."""
        return self._take(len(self._data))

    def _take(self, size: int) -> bytes:
        taken = self._data[self._taken : self._taken + size]
        self._taken += size
        return taken
