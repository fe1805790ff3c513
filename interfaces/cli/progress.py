"""Progress on stderr: said only where work takes long enough that somebody wonders."""

import sys
import time
from types import TracebackType
from typing import Self

_PATIENCE_SECONDS = 1.0
_ON_TERMINAL_SECONDS = 0.1
_ELSEWHERE_SECONDS = 5.0


class Progress:
    """Shows how far work has come: on a terminal in one line that changes, elsewhere now and then.

    Nothing is said within the first second. A context manager; leaving it clears the line.
    """

    def __init__(self, doing: str, *, unit: str = "events") -> None:
        self._doing = doing
        self._unit = unit
        self._on_terminal = sys.stderr.isatty()
        self._started = time.monotonic()
        self._next = self._started + (
            _PATIENCE_SECONDS if self._on_terminal else _ELSEWHERE_SECONDS
        )
        self._drawn = 0
        self._begun: tuple[float, int] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _: type[BaseException] | None, __: BaseException | None, ___: TracebackType | None
    ) -> None:
        if self._drawn:
            sys.stderr.write(f"\r{' ' * self._drawn}\r")
            sys.stderr.flush()

    def reach(self, done: int, goal: int | None = None) -> None:
        """Take note of what is done, of how much; say it when it is time to."""
        now = time.monotonic()
        if self._begun is None:
            self._begun = (now, done)     # who goes on from somewhere has not just done all that
        if now >= self._next:
            what = f"{done:,} of {goal:,}" if goal else f"{done:,}"
            self._say(what, done, goal - done if goal else None)

    def reach_share(self, done: int, share: float | None) -> None:
        """Take note of what is done, and of the share of the whole that it is."""
        if time.monotonic() >= self._next:
            self._say(f"{done:,}" if share is None else f"{done:,} ({share:.0%})", done)

    def _say(self, what: str, done: int, left: int | None = None) -> None:
        now = time.monotonic()
        since, before = self._begun or (self._started, 0)
        if done == before:
            since, before = self._started, 0
        speed = (done - before) / (now - since)
        line = f"{self._doing}: {what} {self._unit}, {speed:,.0f} a second"
        if left and speed:
            line += f", {left / speed:,.0f} s left"
        if self._on_terminal:
            sys.stderr.write(f"\r{line:<{self._drawn}}")
            self._drawn = max(self._drawn, len(line))
            self._next = now + _ON_TERMINAL_SECONDS
        else:
            sys.stderr.write(line + "\n")
            self._next = now + _ELSEWHERE_SECONDS
        sys.stderr.flush()
