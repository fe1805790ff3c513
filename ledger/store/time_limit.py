"""A time limit for questions: reads on the current thread are cancelled when it has passed.

A question whose client has gone must not occupy a thread and a core. While a limit is set, SQLite
checks it between steps of a statement, PostgreSQL gets it as the statement timeout, and loops over
fetched rows check it every few rows.
"""

import threading
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from time import monotonic
from typing import NamedTuple, TypeVar

T = TypeVar("T")

ROWS_BETWEEN_CHECKS = 256


class OutOfTime(Exception):
    """The question exceeded its time limit; nothing was changed, and it may be asked again."""

    code = "question_too_long"

    def __init__(self) -> None:
        super().__init__(
            "The question took longer than one may, and was broken off. Ask for less at once, or "
            "again when there is less to do."
        )


class TimeLimit(NamedTuple):
    """When the time limit passes, by the monotonic clock; ``None`` means never."""

    until: float | None = None

    def is_over(self) -> bool:
        """Return whether the limit has passed."""
        return self.until is not None and monotonic() >= self.until


class _Current(threading.local):
    limit = TimeLimit()


_CURRENT = _Current()


def time_limit() -> TimeLimit:
    """Return the limit of this thread."""
    return _CURRENT.limit


@contextmanager
def _under(limit: TimeLimit) -> Iterator[None]:
    before, _CURRENT.limit = _CURRENT.limit, limit
    try:
        yield
    finally:
        _CURRENT.limit = before


def limited_to(seconds: float) -> AbstractContextManager[None]:
    """Cancel reads of this thread in the block once the seconds have passed."""
    return _under(TimeLimit(monotonic() + seconds))


def unlimited() -> AbstractContextManager[None]:
    """Remove the limit in the block, for work that is useless when half done."""
    return _under(TimeLimit())


def seconds_left() -> float | None:
    """Return the seconds that are left, or ``None`` without a limit. Raises :class:`OutOfTime`."""
    until = _CURRENT.limit.until
    if until is None:
        return None
    left = until - monotonic()
    if left <= 0:
        raise OutOfTime
    return left


def is_over() -> bool:
    """Return whether the limit of this thread has passed."""
    return _CURRENT.limit.is_over()


def within_time(rows: Sequence[T]) -> Iterator[T]:
    """Yield rows, and check the limit every few of them."""
    if _CURRENT.limit.until is None:
        yield from rows
        return
    for number, row in enumerate(rows):
        if number % ROWS_BETWEEN_CHECKS == 0:
            seconds_left()
        yield row
