"""Errors as they are logged: what kind, and where; never the data that they happened over.

The text of an error often quotes what it failed on, such as a customer's name, and the local
variables of its frames hold tokens and bodies. So neither is logged: the kind of an error and its
place in our source say enough to find it.
"""

import sys
import threading
from collections.abc import MutableMapping
from traceback import walk_tb
from types import TracebackType
from typing import Any

import structlog

_MOST_FRAMES = 50


def described(error: BaseException) -> list[dict[str, Any]]:
    """Describe an error and what caused it: kinds, and the places of their frames.

    >>> described(ValueError("a customer's name"))
    [{'kind': 'ValueError', 'frames': []}]
    """
    found: list[dict[str, Any]] = []
    seen: set[int] = set()
    next_one: BaseException | None = error
    while next_one is not None and id(next_one) not in seen:
        seen.add(id(next_one))
        one: dict[str, Any] = {
            "kind": _name(type(next_one)), "frames": _places(next_one.__traceback__)
        }
        if isinstance(next_one, BaseExceptionGroup):
            one["errors"] = [described(each) for each in next_one.exceptions]
        found.append(one)
        hides = next_one.__suppress_context__
        next_one = next_one.__cause__ or (None if hides else next_one.__context__)
    return found


def describe_error(_: Any, __: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Put the description of an error into the line that logs it, as a processor of structlog."""
    given = line.pop("exc_info", None)
    if given is True:
        given = sys.exc_info()[1]
    if isinstance(given, tuple):
        given = given[1]
    if isinstance(given, BaseException):
        line["exception"] = described(given)
    return line


def first_line_only(_: Any, __: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Keep of a line of a library what it says first: below it quotes what it failed on."""
    line["event"] = str(line.get("event", "")).partition("\n")[0]
    line.pop("stack", None)
    line.pop("stack_info", None)
    return line


def log_uncaught_errors() -> None:
    """Let errors that end a thread or the process be logged like all others."""
    log = structlog.get_logger("uncaught")

    def of_thread(args: threading.ExceptHookArgs) -> None:
        if args.exc_value is not None and not isinstance(args.exc_value, SystemExit):
            name = None if args.thread is None else args.thread.name
            log.error("thread_ended", thread=name, exc_info=args.exc_value)

    threading.excepthook = of_thread


def _name(kind: type[BaseException]) -> str:
    return kind.__name__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__name__}"


def _places(traceback: TracebackType | None) -> list[str]:
    places = [
        f"{frame.f_code.co_filename}:{number} {frame.f_code.co_name}"
        for frame, number in walk_tb(traceback)
    ]
    return places[-_MOST_FRAMES:]
