"""Reading the lines of an exported log; what is wrong is refused with the number of its line."""

from collections.abc import Callable
from typing import BinaryIO, TypeVar

from stocktrail.ledger.refusal import Refusal

MAX_LINE_BYTES = 1 << 26
"""The maximum length of a line."""

_Read = TypeVar("_Read")


class LineReading:
    """The lines of an imported file, with their numbers."""

    def __init__(self, lines: BinaryIO, name: str) -> None:
        self._lines = lines
        self._name = name
        self.number: int = 0

    def next(self, left: str, read: Callable[[bytes], _Read]) -> _Read:
        """Return what is in the next line; ``left`` says what is missing if there is none."""
        self.number += 1
        line = self._lines.readline(MAX_LINE_BYTES)
        if not line:
            raise self.refusal(f"the file ends here, and {left}")
        try:
            return read(line)
        except ValueError as error:
            raise self.refusal(str(error)) from None
        except RecursionError:
            raise self.refusal("it is nested too deeply to be read") from None

    def require_end(self) -> None:
        """Refuse a file that continues."""
        self.number += 1
        if self._lines.readline(1):
            raise self.refusal("the file goes on after its end")

    def refusal(self, why: str) -> Refusal:
        """Return the refusal of the line that was read last."""
        return Refusal(
            "bad_export",
            f"{self._name}, line {self.number:,}: {why}. Nothing was imported.", line=self.number,
        )
