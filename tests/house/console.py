"""Examples in the documents: how they are written, read and compared.

A block fenced as ``console`` is run. Lines that begin with ``$`` are typed into a shell, one after
the other and for a whole file in one directory; the lines below are what must come back, where
any are shown. ``...`` stands for anything: within a line, or alone for any number of lines. Only
what builds a clone (``make``, ``git clone``) may be fenced as ``console no-run``.

A block fenced as ``python`` is a program. One that begins with its name (``# shop.py``) is saved in
that directory, for what is typed below it; any other is run where it stands, and must end well.
"""

import re
from collections.abc import Iterator
from textwrap import dedent
from typing import NamedTuple

_BLOCK = re.compile(
    r"^(?P<indent> *)```console(?P<note>[^\n]*)\n(?P<body>.*?)^ *```$", re.MULTILINE | re.DOTALL
)
_PROGRAM = re.compile(
    r"^(?P<indent> *)```python\n(?P<body>(?: *# (?P<name>\w+\.py)\n)?.*?)^ *```$",
    re.MULTILINE | re.DOTALL,
)
_NEEDS_A_CLONE = re.compile(r"\bmake\b|\bgit clone\b")


class Example(NamedTuple):
    """What a reader is shown to type, and what comes back."""

    line: int
    command: str
    output: str


class Block(NamedTuple):
    """One fenced block of a document."""

    line: int
    runs: bool
    examples: tuple[Example, ...]

    @property
    def needs_a_clone(self) -> bool:
        """Return whether the block builds something, which no test repeats."""
        return any(_NEEDS_A_CLONE.search(example.command) for example in self.examples)


class Program(NamedTuple):
    """A Python program that a document shows, and the name under which it is saved."""

    line: int
    name: str | None
    text: str


def programs(document: str) -> Iterator[Program]:
    r"""Find the Python programs of a Markdown document.

    >>> [named, other] = programs("```python\n# shop.py\nx = 1\n```\n\n```python\ny = 2\n```\n")
    >>> named
    Program(line=1, name='shop.py', text='# shop.py\nx = 1\n')
    >>> other.name is None, other.text
    (True, 'y = 2\n')
    """
    for found in _PROGRAM.finditer(document):
        text = dedent(found["body"])
        yield Program(document.count("\n", 0, found.start()) + 1, found["name"], text)


def examples(document: str) -> list[Block | Program]:
    """Find the console blocks and the programs of a document, in its order."""
    return sorted([*blocks(document), *programs(document)], key=lambda each: each.line)


def blocks(document: str) -> Iterator[Block]:
    r"""Find the console blocks of a Markdown document.

    >>> [block] = blocks("Look:\n```console\n$ stocktrail status\nposition 0\n```\n")
    >>> block.runs, block.examples
    (True, (Example(line=3, command='stocktrail status', output='position 0'),))
    """
    for found in _BLOCK.finditer(document):
        first = document.count("\n", 0, found.start()) + 1
        indent = len(found["indent"])
        lines = [line[indent:] for line in found["body"].splitlines()]
        runs = "no-run" not in found["note"]
        yield Block(first, runs, tuple(_examples(lines, first + 1)))


def _examples(lines: list[str], first: int) -> Iterator[Example]:
    starts = [number for number, line in enumerate(lines) if line.startswith("$ ")]
    for start, stop in zip(starts, [*starts[1:], len(lines)], strict=True):
        typed = [lines[start][2:]]
        while start + len(typed) < stop and lines[start + len(typed)].startswith("> "):
            typed.append(lines[start + len(typed)][2:])
        shown = lines[start + len(typed) : stop]
        yield Example(first + start, "\n".join(typed), "\n".join(shown).strip("\n"))


def agrees(shown: str, output: str) -> bool:
    r"""Compare what a document shows with what came back, without blanks at the ends of lines.

    >>> agrees("position ...", "position 41 \n")
    True
    >>> agrees("first\n...\nlast", "first\nlast"), agrees("first\n...", "second")
    (True, False)
    """
    pattern = ""
    for line in shown.splitlines():
        if line.strip() == "...":
            pattern += r"(?:[^\n]*\n)*?"
        else:
            pattern += "[^\n]*?".join(map(re.escape, line.rstrip().split("..."))) + r"\n"
    written = "\n".join(line.rstrip() for line in output.strip("\n").splitlines()) + "\n"
    return re.fullmatch(pattern, written) is not None
