"""Errors in the log: their types and stack frames, never their messages or variables.

The message of an error often quotes data, such as a customer's name, and the variables of its
frames hold tokens and bodies. The type of an error and its place in the source are enough to find
it.
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
    """Return an error and its causes as JSON: their types, and the places of their frames.

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
    """Replace the exception of a log line by its description; a processor of structlog."""
    given = line.pop("exc_info", None)
    if given is True:
        given = sys.exc_info()[1]
    if isinstance(given, tuple):
        given = given[1]
    if isinstance(given, BaseException):
        line["exception"] = described(given)
    return line


def first_line_only(_: Any, __: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Keep the first line of a library's message: further lines quote data."""
    line["event"] = str(line.get("event", "")).partition("\n")[0]
    line.pop("stack", None)
    line.pop("stack_info", None)
    return line


def log_uncaught_errors() -> None:
    """Log errors that end a thread like all others."""
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
