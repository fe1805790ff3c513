"""The commands and questions that there are, each with its sentence, as their files declare them.

They are found in the text of the files, because ``stocktrail --help`` and a subcommand are to load
no more models than they need: reading all of these files takes 7 ms, loading them 200 ms
(2026-11-29, 58 files).
"""

import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Literal

_PACKAGE = Path(__file__).parents[2]
_FOLDERS = {"command": ("commands",), "question": ("projections/questions", "feeds/questions")}
_CLASS = re.compile(r"^class ", re.MULTILINE)
_SENTENCE = re.compile(r'"""(.+?)(?:"""|\n\n)', re.DOTALL)
_NAME = re.compile(r'^    (?:command|question): ClassVar\[str\] = "([a-z-]+)"$', re.MULTILINE)
_UNLISTED = "    is_listed: ClassVar[bool] = False\n"


@cache
def declared(kind: Literal["command", "question"]) -> Mapping[str, str]:
    """Return the sentence of each command, or of each question, that is typed, by its name."""
    return {
        name: sentence
        for folder in _FOLDERS[kind] for path in sorted((_PACKAGE / folder).rglob("*.py"))
        for name, sentence in _declared_in(path.read_text(encoding="utf-8"))
    }


def _declared_in(text: str) -> Iterator[tuple[str, str]]:
    for body in _CLASS.split(text)[1:]:
        name, sentence = _NAME.search(body), _SENTENCE.search(body)
        if name and sentence and _UNLISTED not in body:
            yield name[1], " ".join(sentence[1].split())
