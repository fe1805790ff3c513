"""The command line: ``stocktrail``.

Every subcommand is loaded when it is asked for, because reading the command models and drawing
tables take longer than answering a simple question.
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
    """Run one subcommand and give its exit status; never ends with a traceback for bad input.

    0 everything is as asked, 1 something else went wrong, 2 unknown or missing flags, 3 refused or
    not there, 4 invalid or conflicting input, 5 the database failed, 130 interrupted.
    """
    from stocktrail.interfaces.cli.failures import exit_status_of

    gc.set_threshold(*GARBAGE_THRESHOLDS)
    tokens = list(sys.argv[1:] if arguments is None else arguments)
    as_json = "--json" in tokens
    _settle_streams(as_json=as_json)
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


def _settle_streams(*, as_json: bool) -> None:
    """Do without a stream that is closed, and write letters that a terminal lacks as escapes.

    JSON is UTF-8 wherever it goes.
    """
    sys.stdin = sys.stdin or _nowhere()
    sys.stdout = sys.stdout or _nowhere()
    sys.stderr = sys.stderr or _nowhere()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            encoding = "utf-8" if as_json and stream is sys.stdout else None
            stream.reconfigure(encoding=encoding, errors="backslashreplace")


def _nowhere() -> TextIO:
    return open(os.devnull, "r+", encoding="utf-8")
