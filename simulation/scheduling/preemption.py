"""Preemption: tasks may be interrupted between two lines of chosen files, not only where they wait.

An operating system switches threads anywhere. A missing lock shows only when somebody comes in
between, and a program that is killed dies between two lines too. A run takes some times longer.

What functions remember (``functools.cache``) is cleared before a run: otherwise the lines that it
leaves out would depend on the runs before it.
"""

import sys
from collections.abc import Callable
from types import CodeType, FrameType, ModuleType
from typing import Any

_PROGRAM = "stocktrail"


class Preemption:
    """Calls ``pause`` before every line of the files whose path contains one of the parts."""

    def __init__(self, pause: Callable[[], None], parts: tuple[str, ...]) -> None:
        self._pause = pause
        self._parts = parts
        self._known: dict[CodeType, bool] = {}

    @property
    def is_active(self) -> bool:
        """Whether there are such files."""
        return bool(self._parts)

    def begin(self) -> None:
        """Interrupt the calling thread from here on, in functions that it calls."""
        if self._parts:
            sys.settrace(self._enter)

    def _enter(self, frame: FrameType, event: str, argument: Any) -> Callable[..., Any] | None:
        code = frame.f_code
        chosen = self._known.get(code)
        if chosen is None:
            path = code.co_filename
            chosen = self._known[code] = any(part in path for part in self._parts)
        return self._line if chosen else None

    def _line(self, frame: FrameType, event: str, argument: Any) -> Callable[..., Any]:
        if event == "line":
            self._pause()
        return self._line


def forget_what_functions_remember() -> None:
    """Clear the caches of the program's functions."""
    for name, module in list(sys.modules.items()):
        if name.partition(".")[0] == _PROGRAM:
            for holder in [module, *_classes(module)]:
                for value in list(vars(holder).values()):
                    clear = getattr(value, "cache_clear", None)
                    if callable(clear):
                        clear()


def _classes(module: ModuleType) -> list[type]:
    return [value for value in list(vars(module).values()) if isinstance(value, type)]
