"""Rows on a screen that is too narrow for their table: each is a sentence, folded to the screen."""

from collections.abc import Iterator, Sequence
from textwrap import wrap
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console

_INDENTATION = "  "


def folded_row(
    names: Sequence[str], texts: Sequence[str], console: "Console"
) -> Iterator[str]:
    r"""Yield the lines of a row: what it is about, then its other columns that are not empty.

    >>> from rich.console import Console
    >>> row = ("SO-1", "ANNA", "", "2026-03-09")
    >>> names = ("order", "customer", "late", "promised")
    >>> print("\n".join(folded_row(names, row, Console(width=30))))
    order SO-1: customer ANNA;
      promised 2026-03-09
    """
    parts = [f"{name} {text}" for name, text in zip(names, texts, strict=True) if text]
    sentence = ": ".join(["".join(parts[:1]), "; ".join(parts[1:])]).removesuffix(": ")
    width = max(console.width - 1, 10)
    if sentence.isascii():
        yield from wrap(sentence, width, subsequent_indent=_INDENTATION)
        return
    from rich.text import Text

    lines = Text(sentence).wrap(console, width - len(_INDENTATION), overflow="fold")
    for number, line in enumerate(lines):
        yield f"{_INDENTATION if number else ''}{line.plain.rstrip()}"
