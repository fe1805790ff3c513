"""A limit for questions: reads on the current thread stop when its time has passed.

They also stop when it is cancelled by another thread: a question whose client has gone must not
occupy a thread and a core. While a limit is set, SQLite checks it between steps of a statement,
PostgreSQL gets its time as the statement timeout and is not asked anything once it is cancelled,
and loops over fetched rows check it every few rows.
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


class Cancellation:
    """Whether a question was cancelled; any thread may do that, at any time."""

    __slots__ = ("is_cancelled",)

    def __init__(self) -> None:
        self.is_cancelled: bool = False

    def cancel(self) -> None:
        """Let the question stop at its next check."""
        self.is_cancelled = True


class TimeLimit(NamedTuple):
    """When the time limit passes, by the monotonic clock (``None``: never), or is cancelled."""

    until: float | None = None
    cancellation: Cancellation | None = None

    def is_over(self) -> bool:
        """Return whether the limit has passed, or was cancelled."""
        return (self.cancellation is not None and self.cancellation.is_cancelled) or (
            self.until is not None and monotonic() >= self.until
        )


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


def limited_to(
    seconds: float, cancellation: Cancellation | None = None
) -> AbstractContextManager[None]:
    """Stop reads of this thread in the block once the seconds have passed, or when cancelled."""
    return _under(TimeLimit(monotonic() + seconds, cancellation))


def unlimited() -> AbstractContextManager[None]:
    """Remove the limit in the block, for work that is useless when half done."""
    return _under(TimeLimit())


def seconds_left() -> float | None:
    """Return the seconds that are left, or ``None`` without a limit. Raises :class:`OutOfTime`."""
    limit = _CURRENT.limit
    if limit.until is None:
        return None
    left = limit.until - monotonic()
    if left <= 0 or limit.is_over():
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
