"""Tables and the console they are written to: plain, aligned, and safe to show on a terminal."""

import os
import sys
from collections.abc import Iterable, Sequence
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from interfaces.cli.wording import plain, written

_WIDTH_ELSEWHERE = 120


def console(*, color: bool = True) -> Console:
    """Make the console for stdout: as wide as its terminal, or as ``COLUMNS`` says."""
    known = sys.stdout.isatty() or os.environ.get("COLUMNS")
    return Console(
        file=sys.stdout, highlight=False, markup=False, emoji=False, no_color=not color or None,
        width=None if known else _WIDTH_ELSEWHERE,
    )


def table(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> Table:
    """Lay rows out under headings; a heading that begins with ``#`` is one of numbers."""
    found = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for heading in columns:
        numbers = heading.startswith("#")
        found.add_column(
            heading.removeprefix("#"), justify="right" if numbers else "left",
            no_wrap=numbers, overflow="fold",
        )
    for row in rows:
        found.add_row(*(_styled(value) for value in row))
    return found


def _styled(value: Any) -> Text:
    negative = isinstance(value, (int, float)) and not isinstance(value, bool) and value < 0
    return Text(written(value), style="red" if negative else "")


def say(screen: Console, *sentences: str) -> None:
    """Write sentences, each on lines of its own."""
    for sentence in sentences:
        screen.print(plain(sentence))


def heading(screen: Console, text: str) -> None:
    """Write a heading with an empty line before it."""
    screen.print()
    screen.print(Text(plain(text), style="bold"))
