"""How a table for people is laid out: widths from its first rows, then one row after the other.

It looks as the library ``rich`` draws its tables with ``box.SIMPLE_HEAD`` (a test compares them),
which measures and renders all rows before it writes the first: 10,000 rows took 5 s of processor
and the history of a hot item 560 MiB (2026-11-30). Only text that has to be folded goes through the
library.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from rich.console import Console

_LEAST_WIDTH_OF_PROSE = 9
_LEAST_WIDTH = 24
_GAP = "  "


class ScreenColumn(NamedTuple):
    """A column: its heading, and whether it holds numbers or prose.

    Numbers are at the right; prose is folded before anything else is.
    """

    name: str
    is_number: bool
    is_prose: bool

    @classmethod
    def of_heading(cls, heading: str) -> "ScreenColumn":
        """Return the column of a heading: ``#`` before it marks numbers, ``~`` prose.

        >>> ScreenColumn.of_heading("#sold")
        ScreenColumn(name='sold', is_number=True, is_prose=False)
        """
        return cls(heading.lstrip("#~"), heading.startswith("#"), heading.startswith("~"))


class Cell(NamedTuple):
    """What stands in a row, and whether it is below zero."""

    text: str
    is_negative: bool = False


Part = tuple[str, bool]
"""A piece of a line, and whether it is part of a number below zero."""


class TableLayout:
    """The widths of the columns, and the lines of rows.

    They are measured once. A later cell that is wider widens its column from there on as long as
    the screen has room, and is folded otherwise.
    """

    def __init__(
        self, headings: Iterable[str], measured: Iterable[Sequence[Cell]], console: "Console"
    ) -> None:
        self._columns = [ScreenColumn.of_heading(heading) for heading in headings]
        self._console = console
        self._room = max(console.width - len(_GAP) * (len(self._columns) - 1), 0)
        rows = list(measured)
        of_cells = [
            max([0, *(width_of(row[place].text) for row in rows)])
            for place in range(len(self._columns))
        ]
        self._widths = self._fitted(of_cells)

    @property
    def names(self) -> list[str]:
        """The headings."""
        return [column.name for column in self._columns]

    @property
    def is_too_wide(self) -> bool:
        """Whether the columns do not fit on the screen, however they are folded."""
        return sum(self._widths) > self._room

    def _fitted(self, of_cells: Sequence[int]) -> list[int]:
        """Return the widths that fit on the screen: the widest are made narrower first.

        Numbers and short words are never folded. Where that is not enough, headings are, between
        their words, and then only prose gives way.
        """
        headings = [column.name for column in self._columns]
        natural = [max(pair) for pair in zip(map(width_of, headings), of_cells, strict=True)]
        last = len(natural) - 1
        # One blank of the gap belongs to the column before it, as the library counts.
        widths = [max(width + (place < last), 1) for place, width in enumerate(natural)]
        if sum(natural) > self._room:
            widths = narrowed(widths, self._room + last)
        found = [
            max(min(width - (place < last), natural[place]), self._least(place, natural[place]))
            for place, width in enumerate(widths)
        ]
        if sum(found) <= self._room:
            return found
        least = [
            self._least(place, max(longest_word(headings[place]), width))
            for place, width in enumerate(of_cells)
        ]
        return narrowed_to([max(width, 1) for width in natural], least, self._room)

    def _least(self, place: int, width: int) -> int:
        is_prose = self._columns[place].is_prose
        return min(width, _LEAST_WIDTH_OF_PROSE if is_prose else _LEAST_WIDTH)

    def head(self) -> Iterator[list[Part]]:
        """Yield the lines of the headings, without the rule below them."""
        yield from self.lines([Cell(column.name) for column in self._columns])

    def rule(self) -> str:
        """Return the line between the headings and the rows."""
        return "\u2500" * (sum(self._widths) + len(_GAP) * (len(self._widths) - 1))

    def lines(self, row: Sequence[Cell]) -> Iterator[list[Part]]:
        """Yield the lines of one row, in pieces."""
        self._widen(row)
        if all(width_of(cell.text) <= width for cell, width in zip(row, self._widths, strict=True)):
            yield self._line([cell.text for cell in row], row)
            return
        folded = [
            self._folded(cell.text, width) for cell, width in zip(row, self._widths, strict=True)
        ]
        for number in range(max(map(len, folded))):
            texts = [lines[number] if number < len(lines) else "" for lines in folded]
            yield self._line(texts, row)

    def _widen(self, row: Sequence[Cell]) -> None:
        for place, cell in enumerate(row):
            more = width_of(cell.text) - self._widths[place]
            if 0 < more <= self._room - sum(self._widths):
                self._widths[place] += more

    def _folded(self, text: str, width: int) -> list[str]:
        if width_of(text) <= width:
            return [text]
        from rich.text import Text

        lines = Text(text).wrap(self._console, width, overflow="fold")
        return [line.plain.rstrip() for line in lines]

    def _line(self, texts: Sequence[str], row: Sequence[Cell]) -> list[Part]:
        parts: list[Part] = []
        for place, (text, cell) in enumerate(zip(texts, row, strict=True)):
            blanks = " " * (self._widths[place] - width_of(text))
            shown = blanks + text if self._columns[place].is_number else text + blanks
            if place:
                parts.append((_GAP, False))
            parts.append((shown, cell.is_negative))
        return parts


def width_of(text: str) -> int:
    """Return how many columns of a terminal a text takes.

    >>> width_of("abc"), width_of("\u6f22\u5b57")
    (3, 4)
    """
    if text.isascii():
        return len(text)
    from rich.cells import cell_len

    return cell_len(text)


def longest_word(text: str) -> int:
    """Return the width of the longest word of a text.

    >>> longest_word("the shop says"), longest_word("")
    (4, 0)
    """
    return max(map(width_of, text.split()), default=0)


def narrowed(widths: Sequence[int], room: int) -> list[int]:
    """Return widths that add up to a room, the widest made as narrow as the second widest first.

    >>> narrowed([4, 20, 10], 30)
    [4, 16, 10]
    >>> narrowed([4, 20, 10], 20)
    [4, 8, 8]
    """
    found = list(widths)
    while (excess := sum(found) - room) > 0 and any(found):
        widest = max(found)
        second = max((width for width in found if width != widest), default=0)
        wide = [place for place, width in enumerate(found) if width == widest]
        for number, place in enumerate(wide):
            less = min(widest - second, round(excess / (len(wide) - number)))
            found[place] -= less
            excess -= less
    return found


def narrowed_to(widths: Sequence[int], least: Sequence[int], room: int) -> list[int]:
    """Return widths that add up to a room if they can, none below what it takes at least.

    Columns that would become too narrow keep their least width, and the others give more.

    >>> narrowed_to([14, 27, 8, 12], [14, 10, 8, 12], 45)
    [14, 11, 8, 12]
    >>> narrowed_to([14, 27, 8, 12], [14, 10, 8, 12], 20)
    [14, 10, 8, 12]
    """
    kept: set[int] = set()
    while True:
        free = [place for place in range(len(widths)) if place not in kept]
        rest = max(room - sum(least[place] for place in kept), 0)
        found = dict(zip(free, narrowed([widths[place] for place in free], rest), strict=True))
        below = {place for place in free if found[place] < least[place]}
        if not below:
            return [found.get(place, least[place]) for place in range(len(widths))]
        kept |= below
