"""Back-off: when a failed delivery is retried, over three days, and when it is given up."""

import random
from collections.abc import Callable
from datetime import UTC
from email.utils import parsedate_to_datetime

SECOND = 1_000_000

FIRST_WAIT_SECONDS = 5
LONGEST_WAIT_SECONDS = 24 * 60 * 60
MAX_ATTEMPTS = 11
MAX_RETRY_AFTER_SECONDS = 30 * LONGEST_WAIT_SECONDS
"""A receiver that asks for a longer pause than this is ignored."""

JITTER = 0.2
"""A wait is longer or shorter by up to this share, so that retries do not coincide."""

MAX_WAIT = int(LONGEST_WAIT_SECONDS * SECOND * (1 + JITTER))
"""The longest wait in microseconds, whether the receiver asked for it or not."""

_MAX_DIGITS = 12

JitterSource = Callable[[], float]
"""Returns a number from 0 up to 1."""


def wait_after(attempt: int, jitter: JitterSource = random.random) -> int | None:
    """Return how long to wait after a failed attempt, in microseconds; ``None`` after the last one.

    Waits grow fourfold: 5 s, 20 s, 80 s, 5 min, 21 min, 85 min, 6 h, 23 h, then a day.

    >>> [wait_after(attempt, lambda: 0.5) // SECOND for attempt in (1, 2, 9)]
    [5, 20, 86400]
    >>> wait_after(MAX_ATTEMPTS)
    """
    if attempt >= MAX_ATTEMPTS:
        return None
    wait = min(FIRST_WAIT_SECONDS * 4 ** (attempt - 1), LONGEST_WAIT_SECONDS)
    return int(wait * SECOND * (1 + JITTER * (2 * jitter() - 1)))


def retry_after(header: str | None, now: int) -> int | None:
    """Return the pause that ``Retry-After`` asks for, in microseconds, at most a day.

    The header is a number of seconds or a date. ``None`` if it is neither, and if it is
    implausible: a date in the past, or more than 30 days ahead. Never raises, whatever the header
    contains.

    >>> retry_after("120", 0), retry_after("Thu, 01 Jan 1970 00:01:00 GMT", 0), retry_after("x", 0)
    (120000000, 60000000, None)
    >>> retry_after("Fri, 31 Dec 9999 23:59:59 GMT", 0), retry_after("9" * 5000, 0)
    (None, None)
    """
    wait = None if header is None else _seconds(header.strip(" \t"), now)
    if wait is None or not 0 <= wait <= MAX_RETRY_AFTER_SECONDS:
        return None
    return int(min(wait, LONGEST_WAIT_SECONDS) * SECOND)


def _seconds(header: str, now: int) -> float | None:
    if header.isascii() and header.isdecimal():
        digits = header.lstrip("0") or "0"
        return int(digits) if len(digits) <= _MAX_DIGITS else None
    try:
        moment = parsedate_to_datetime(header)
        moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return moment.timestamp() - now / SECOND
    except (ValueError, TypeError, IndexError, ArithmeticError):
        return None
