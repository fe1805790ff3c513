"""Every question there is: a module in one of two folders, named as the question is.

What follows from the log is asked in :mod:`stocktrail.projections.questions`, what others were told
of it in :mod:`stocktrail.feeds.questions`.
"""

from collections.abc import Iterator
from importlib import import_module
from pkgutil import iter_modules
from types import ModuleType
from typing import Any

from stocktrail.feeds import questions as of_feeds
from stocktrail.projections import questions as of_projections
from stocktrail.projections.questions.question import Question

AnyQuestion = type[Question[Any]]

_FOLDERS = (of_projections, of_feeds)


def every_question() -> list[AnyQuestion]:
    """Load every question, in the order of their folders and names."""
    return [
        question for folder in _FOLDERS for module in iter_modules(folder.__path__)
        for question in _questions_in(import_module(f"{folder.__name__}.{module.name}"))
    ]


def question_named(name: str) -> AnyQuestion:
    """Load the question of a name, such as ``low-stock``. Raises ``LookupError`` for any other."""
    found = name.replace("-", "_")
    for folder in _FOLDERS:
        if any(module.name == found for module in iter_modules(folder.__path__)):
            for question in _questions_in(import_module(f"{folder.__name__}.{found}")):
                return question
    raise LookupError(name)


def _questions_in(module: ModuleType) -> Iterator[AnyQuestion]:
    for each in vars(module).values():
        if (
            isinstance(each, type) and issubclass(each, Question)
            and each.__module__ == module.__name__ and "question" in each.__dict__
        ):
            yield each
