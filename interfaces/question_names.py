"""Writes ``stocktrail/questions.py``, where every question and its answer are found by name.

``make docs`` runs it. Type checkers and editors read the names; a program loads the module of a
question when it uses one.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path

import stocktrail
from stocktrail.interfaces.every_question import every_question

PATH = Path(stocktrail.__file__).with_name("questions.py")

_TEXT = '''\
"""Every question there is, and the shape of its answer, by name.

    from stocktrail.questions import Stock, StockReport

Written from the questions by `make docs`; do not edit.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
{imports}

__all__ = [
{names}
]

_MODULES = {{
{modules}
}}

if not TYPE_CHECKING:                  # or a type checker would take any name for a question

    def __getattr__(name: str) -> object:
        """Load a question when it is used for the first time."""
        if name not in _MODULES:
            raise AttributeError(f"module {{__name__!r}} has no attribute {{name!r}}")
        value = globals()[name] = getattr(import_module(_MODULES[name]), name)
        return value
'''


def names() -> Mapping[str, list[str]]:
    """Return the names of questions and answers by the module in which they are defined."""
    found: dict[str, set[str]] = defaultdict(set)
    for question in every_question():
        for each in (question, question.answer_type):
            found[each.__module__].add(each.__name__)
    return {module: sorted(found[module]) for module in sorted(found)}


def text() -> str:
    """Return what the module is to be."""
    places = {name: module for module, all_of_it in names().items() for name in all_of_it}
    return _TEXT.format(
        imports="\n".join(
            line for module, all_of_it in names().items() for line in _import(module, all_of_it)
        ),
        names="\n".join(f'    "{name}",' for name in sorted(places)),
        modules="\n".join(f'    "{name}": "{places[name]}",' for name in sorted(places)),
    )


def write() -> None:
    """Write the module."""
    PATH.write_text(text(), encoding="utf-8")


def _import(module: str, all_of_it: list[str]) -> Iterator[str]:
    if len(line := f"    from {module} import {', '.join(all_of_it)}") <= 100:
        yield line
        return
    yield f"    from {module} import ("
    for name in all_of_it:
        yield f"        {name},"
    yield "    )"


if __name__ == "__main__":
    write()
