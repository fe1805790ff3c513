"""Words that help and the shell offer for a flag.

They are the flag's type only while it is described. What is typed is judged by the model: a command
or a question says better than the parser what is wrong with a word, with the code that HTTP gives.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from types import NoneType
from typing import Any, Literal, get_args, get_origin

_describing: ContextVar[bool] = ContextVar("describing", default=False)


@contextmanager
def words_shown() -> Iterator[None]:
    """Let flags be described with the words that they may be."""
    token = _describing.set(True)
    try:
        yield
    finally:
        _describing.reset(token)


def kind_of(words: Sequence[str]) -> Any:
    """Return the type of a flag that may be one of some words: text, unless it is described.

    >>> kind_of(["on", "off"])
    <class 'str'>
    >>> with words_shown():
    ...     kind_of(["on", "off"])
    typing.Literal['on', 'off']
    """
    return Literal[tuple(words)] if words and _describing.get() else str


def list_of(kind: Any) -> Any:
    """Return the type of a flag that may stand several times."""
    return list.__class_getitem__(kind)


def words_in(kinds: Sequence[Any]) -> list[str]:
    """Return the words that some types allow, none where other values are possible too.

    >>> words_in([Literal["on", "off"], NoneType]), words_in([str, Literal["inherit"]])
    (['on', 'off'], [])
    """
    named = [kind for kind in kinds if kind is not NoneType]
    if not all(get_origin(kind) is Literal for kind in named):
        return []
    return [str(word) for kind in named for word in get_args(kind)]
