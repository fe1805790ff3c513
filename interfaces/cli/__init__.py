"""The command line: ``stocktrail``.

A subcommand is imported when it is called, because importing the command models and the library
that draws tables takes longer than answering a simple question.
"""

import gc
import os
import sys
from collections.abc import Sequence
from io import TextIOWrapper
from typing import TextIO

__all__ = ["main"]

GARBAGE_THRESHOLDS = (50_000, 20, 100)
"""When the garbage collector runs: more rarely than by default, because most objects stay.

An order of a script takes 250 to 270 instead of 460 us of processor when 10,000 items are in memory
(``python -m benchmarks.fast_paths rarer``, 2026-11-29).
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one subcommand and return its exit status; bad input never ends in a traceback.

    0 success, 1 any other failure, 2 unknown or missing flags, 3 refused or not found, 4 invalid or
    conflicting input, 5 the database failed, 130 interrupted.
    """
    from stocktrail.interfaces.cli.failures import exit_status_of

    gc.set_threshold(*GARBAGE_THRESHOLDS)
    tokens = list(sys.argv[1:] if arguments is None else arguments)
    as_json = "--json" in tokens
    _prepare_streams(is_utf8=as_json or "--csv" in tokens)
    try:
        from stocktrail.interfaces.cli.subcommands import run

        status = run(tokens)
        sys.stdout.flush()
    except BaseException as error:
        failed = exit_status_of(error, as_json=as_json)
        if failed is None:
            raise
        return failed
    return status


def _prepare_streams(*, is_utf8: bool) -> None:
    """Replace closed streams, and escape characters that the encoding of a terminal lacks.

    JSON and CSV are always UTF-8.
    """
    sys.stdin = sys.stdin or _null_stream()
    sys.stdout = sys.stdout or _null_stream()
    sys.stderr = sys.stderr or _null_stream()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            encoding = "utf-8" if is_utf8 and stream is sys.stdout else None
            stream.reconfigure(encoding=encoding, errors="backslashreplace")


def _null_stream() -> TextIO:
    return open(os.devnull, "r+", encoding="utf-8")
