"""Progress on stderr, shown only when work takes more than a second."""

import sys
import time
from types import TracebackType
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from stocktrail.projections.catching_up import CatchingUp

_DELAY_SECONDS = 1.0
_ON_TERMINAL_SECONDS = 0.1
_ELSEWHERE_SECONDS = 5.0


class Progress:
    """A progress line: rewritten in place on a terminal, elsewhere a new line now and then.

    A context manager; leaving it clears the line.
    """

    def __init__(self, doing: str, *, unit: str = "events") -> None:
        self._doing = doing
        self._unit = unit
        self._on_terminal = sys.stderr.isatty()
        self._started = time.monotonic()
        self._next = self._started + (
            _DELAY_SECONDS if self._on_terminal else _ELSEWHERE_SECONDS
        )
        self._drawn = 0
        self._first_report: tuple[float, int] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _: type[BaseException] | None, __: BaseException | None, ___: TracebackType | None
    ) -> None:
        if self._drawn:
            sys.stderr.write(f"\r{' ' * self._drawn}\r")
            sys.stderr.flush()

    def reach(self, done: int, goal: int | None = None) -> None:
        """Report how much is done, and of how much; shown when it is time."""
        now = time.monotonic()
        if self._first_report is None:
            self._first_report = (now, done)     # work that continues has not done all of it now
        if now >= self._next:
            what = f"{done:,} of {goal:,}" if goal else f"{done:,}"
            self._show(what, done, goal - done if goal else None)

    def wait_for_another(self, standing: "CatchingUp") -> None:
        """Report how far another process is whose work is waited for; shown when it is time."""
        if time.monotonic() >= self._next:
            self._draw(
                f"{self._doing}: another process is rebuilding them, {standing.sentence}; waiting "
                "for it"
            )

    def reach_share(self, done: int, share: float | None) -> None:
        """Report how much is done, and its share of the whole."""
        if time.monotonic() >= self._next:
            self._show(f"{done:,}" if share is None else f"{done:,} ({share:.0%})", done)

    def _show(self, what: str, done: int, left: int | None = None) -> None:
        now = time.monotonic()
        since, before = self._first_report or (self._started, 0)
        if done == before:
            since, before = self._started, 0
        speed = (done - before) / (now - since)
        line = f"{self._doing}: {what} {self._unit}, {speed:,.0f} a second"
        if left and speed:
            line += f", {left / speed:,.0f} s left"
        self._draw(line)

    def _draw(self, line: str) -> None:
        now = time.monotonic()
        if self._on_terminal:
            sys.stderr.write(f"\r{line:<{self._drawn}}")
            self._drawn = max(self._drawn, len(line))
            self._next = now + _ON_TERMINAL_SECONDS
        else:
            sys.stderr.write(line + "\n")
            self._next = now + _ELSEWHERE_SECONDS
        sys.stderr.flush()
