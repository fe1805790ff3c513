"""How values are written in JSON where Python keeps them otherwise, such as quantities in units."""

from collections.abc import Callable
from typing import Any, Literal, NamedTuple, get_args

Conversion = Callable[[Any], Any]

Way = Literal[0, 1]
"""From what Python keeps to what JSON has, or back."""

WRITE: Way = 0
READ: Way = 1


class Written(NamedTuple):
    """A note in the ``Annotated`` type of a field: how a value is written, and how it is read.

    The type that is annotated is what JSON has; type checkers are told what Python keeps.
    """

    write: Conversion
    read: Conversion


def written_as(kind: Any) -> Written | None:
    """Return the note in a type, or in one of those of which it is a union; ``None`` without one.

    >>> written_as(str | None) is None
    True
    """
    for each in (kind, *get_args(kind)):
        for note in getattr(each, "__metadata__", ()):
            if isinstance(note, Written):
                return note
    return None
