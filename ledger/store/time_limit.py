"""A limit on the time of one question: whoever reads for it in this thread is broken off after it.

A question that nobody waits for any more must not go on holding a thread and a core. While a limit
is set every read looks at it: SQLite between steps of a statement, PostgreSQL by the time that a
statement may take, and loops over what was read once in a while.
"""

import threading
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from time import monotonic
from typing import NamedTuple, TypeVar

T = TypeVar("T")

ROWS_BETWEEN_LOOKS = 256


class OutOfTime(Exception):
    """The question took longer than it may; nothing was changed, and it may be asked again."""

    code = "question_too_long"

    def __init__(self) -> None:
        super().__init__(
            "The question took longer than one may, and was broken off. Ask for less at once, or "
            "again when there is less to do."
        )


class TimeLimit(NamedTuple):
    """When the time of a question is over, by the monotonic clock; ``None`` is never."""

    until: float | None = None

    def is_over(self) -> bool:
        """Return whether it is over."""
        return self.until is not None and monotonic() >= self.until


class _Current(threading.local):
    limit = TimeLimit()


_CURRENT = _Current()


def time_limit() -> TimeLimit:
    """Return the limit that this thread works under."""
    return _CURRENT.limit


@contextmanager
def _under(limit: TimeLimit) -> Iterator[None]:
    before, _CURRENT.limit = _CURRENT.limit, limit
    try:
        yield
    finally:
        _CURRENT.limit = before


def limited_to(seconds: float) -> AbstractContextManager[None]:
    """Break off whatever this thread reads in the block once the seconds have passed."""
    return _under(TimeLimit(monotonic() + seconds))


def unlimited() -> AbstractContextManager[None]:
    """Break off nothing in the block: what is half done in it would be worth nothing."""
    return _under(TimeLimit())


def seconds_left() -> float | None:
    """Return the seconds that are left, ``None`` without a limit. Raises :class:`OutOfTime`."""
    until = _CURRENT.limit.until
    if until is None:
        return None
    left = until - monotonic()
    if left <= 0:
        raise OutOfTime
    return left


def is_over() -> bool:
    """Return whether the time of what this thread does is over."""
    return _CURRENT.limit.is_over()


def within_time(rows: Sequence[T]) -> Iterator[T]:
    """Step through what was read, and look at the time once in a while."""
    if _CURRENT.limit.until is None:
        yield from rows
        return
    for number, row in enumerate(rows):
        if number % ROWS_BETWEEN_LOOKS == 0:
            seconds_left()
        yield row
