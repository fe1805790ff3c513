"""Waiting until something has happened, and never without an end."""

import time
from collections.abc import Callable

PATIENCE_SECONDS = 60.0


def wait_until(
    happened: Callable[[], object], what: str, heard: Callable[[], int] = lambda: 0,
    pause: float = 0.02,
) -> None:
    """Wait until something has happened; it is a failure if that takes too long.

    However much there is to hear, it does not take too long while more and more is ``heard``.
    """
    until, most = time.monotonic() + PATIENCE_SECONDS, heard()
    while not happened():
        if (now := heard()) > most:
            until, most = time.monotonic() + PATIENCE_SECONDS, now
        assert time.monotonic() < until, f"in vain waited until {what}"
        time.sleep(pause)
