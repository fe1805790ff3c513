"""The screen: sentences, headings and tables for people, on stdout.

The library that draws is loaded when the first thing is drawn; programs that ask for JSON, and
people who only wait for an error, need not wait for it.
"""

import os
import sys
from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

from stocktrail.interfaces.cli.wording import plain, written

if TYPE_CHECKING:
    from rich.console import Console

_WIDTH_ELSEWHERE = 120
_LEAST_OF_PROSE = 9
_LEAST_OF_OTHERS = 24


class Screen:
    """What answers for people are drawn on, with colours or without."""

    def __init__(self, *, color: bool = True) -> None:
        self._color = color

    @cached_property
    def _console(self) -> "Console":
        from rich.console import Console

        known = sys.stdout.isatty() or os.environ.get("COLUMNS")
        return Console(
            file=sys.stdout, highlight=False, markup=False, emoji=False,
            no_color=None if self._color else True, width=None if known else _WIDTH_ELSEWHERE,
        )

    def say(self, *sentences: str) -> None:
        """Write sentences, each on lines of its own."""
        for sentence in sentences:
            self._console.print(plain(sentence))

    def heading(self, text: str) -> None:
        """Write a heading with an empty line before it."""
        from rich.text import Text

        self._console.print()
        self._console.print(Text(plain(text), style="bold"))

    def table(self, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
        """Lay rows out under headings, and fold what is too wide for the screen.

        A heading that begins with ``#`` is one of numbers, and ``~`` is one of prose, which is
        folded first. Numbers below 0 are red.
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
            least = _LEAST_OF_PROSE if heading.startswith("~") else _LEAST_OF_OTHERS
            widest = max((len(row[place]) for row in cells), default=0)
            drawn.add_column(
                name, justify="right" if heading.startswith("#") else "left", overflow="fold",
                min_width=min(max(widest, len(name)), least),
            )
        for row in cells:
            drawn.add_row(*row)
        self._console.print(drawn)

    def commands(self, listed: Sequence[tuple[str, str]]) -> None:
        """List commands to type with what they show; long ones are never broken in two."""
        for command, what in listed:
            self._console.print(f"  {plain(command)}", soft_wrap=True, style="cyan")
            self._console.print(f"      {plain(what)}", soft_wrap=True)


def _is_negative(value: Any) -> bool:
    return isinstance(value, (int, float)) and value < 0
