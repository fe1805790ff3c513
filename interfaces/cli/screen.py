"""The screen: sentences, headings and tables for people, on stdout.

The library that draws is imported at the first output, so that JSON and errors do not wait for it.
"""

import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

from stocktrail.interfaces.cli.wording import plain, written

if TYPE_CHECKING:
    from rich.console import Console

Report = Mapping[str, Any]
"""The answer of a question, as its table shows it."""

_PLAIN_WIDTH = 120
_LEAST_WIDTH_OF_PROSE = 9
_LEAST_WIDTH = 24


class Screen:
    """The output for people, with colours or without."""

    def __init__(self, *, color: bool = True) -> None:
        self._color = color

    @cached_property
    def _console(self) -> "Console":
        from rich.console import Console

        known = sys.stdout.isatty() or os.environ.get("COLUMNS")
        return Console(
            file=sys.stdout, highlight=False, markup=False, emoji=False,
            no_color=None if self._color else True, width=None if known else _PLAIN_WIDTH,
        )

    def say(self, *sentences: str) -> None:
        """Write sentences, each on a line of its own."""
        for sentence in sentences:
            self._console.print(plain(sentence))

    def heading(self, text: str) -> None:
        """Write a heading after an empty line."""
        from rich.text import Text

        self._console.print()
        self._console.print(Text(plain(text), style="bold"))

    def table(self, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
        """Draw a table, and fold what is too wide for the screen.

        ``#`` before a heading marks a column of numbers, ``~`` one of prose, which is folded first.
        Negative numbers are red.
        """
        from rich import box
        from rich.table import Table
        from rich.text import Text

        cells = [
            [Text(written(value), style="red" if _is_negative(value) else "") for value in row]
            for row in rows
        ]
        drawn = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False, padding=(0, 1, 0, 0))
        for place, heading in enumerate(columns):
            name = heading.lstrip("#~")
            least = _LEAST_WIDTH_OF_PROSE if heading.startswith("~") else _LEAST_WIDTH
            widest = max((len(row[place]) for row in cells), default=0)
            drawn.add_column(
                name, justify="right" if heading.startswith("#") else "left", overflow="fold",
                min_width=min(max(widest, len(name)), least),
            )
        for row in cells:
            drawn.add_row(*row)
        self._console.print(drawn)

    def commands(self, listed: Sequence[tuple[str, str]]) -> None:
        """List commands to type with what they show; long commands are not wrapped."""
        for command, what in listed:
            self._console.print(f"  {plain(command)}", soft_wrap=True, style="cyan")
            self._console.print(f"      {plain(what)}", soft_wrap=True)


def _is_negative(value: Any) -> bool:
    return isinstance(value, (int, float)) and value < 0
