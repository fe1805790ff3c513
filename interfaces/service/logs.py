"""Logs: one JSON object a line on stderr, without secrets and without bodies.

Lines are written by a thread of their own, so that whoever logs does not wait for whoever reads.
Lines of ours are made by structlog, those of libraries by the standard library's loggers; both go
to the same writer.
"""

import logging
import sys
from collections import deque
from threading import Event, Lock, Thread
from time import sleep
from typing import Any, TextIO

import orjson
import structlog

from stocktrail.interfaces.service.logged_errors import (
    describe_error,
    first_line_only,
    log_uncaught_errors,
)

MOST_WAITING = 10_000
"""The lines that may wait to be written; whoever logs more waits as well."""

GATHER_SECONDS = 0.05
"""How long lines gather before they are written.

A line costs its request 6 us of processor time. It was 24 us through a logger and a queue of the
standard library, and more when the thread is woken for each line (2026-11-29, 9,000 lines).
"""

_SHARED: tuple[Any, ...] = (
    structlog.processors.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
)


def configure_logs() -> None:
    """Let everything that this process logs be written to stderr as JSON lines."""
    writer = LineWriter(sys.stderr)
    structlog.configure(
        processors=[*_SHARED, describe_error, structlog.processors.JSONRenderer(_as_json)],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=lambda *_: writer,
        cache_logger_on_first_use=True,
    )
    of_libraries = _LibraryLines(writer)
    of_libraries.setFormatter(structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=_SHARED,
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            first_line_only, describe_error,
            structlog.processors.JSONRenderer(_as_json),
        ],
    ))
    logging.basicConfig(handlers=[of_libraries], level=logging.WARNING, force=True)
    log_uncaught_errors()


def flush_logs() -> None:
    """Write everything that was logged: the process may be killed afterwards."""
    for handler in logging.root.handlers:
        handler.flush()


class LineWriter:
    """Takes finished lines from any thread, and writes them in one piece a moment later.

    Its methods have the names of levels because structlog calls them with lines of that level.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._lines: deque[str] = deque()
        self._has_lines = Event()
        self._writing = Lock()
        Thread(target=self._run, name="log", daemon=True).start()

    def write(self, line: str) -> None:
        """Take a line; wait while too many are waiting."""
        while len(self._lines) >= MOST_WAITING:
            sleep(GATHER_SECONDS)
        self._lines.append(line)
        if not self._has_lines.is_set():
            self._has_lines.set()

    info = write
    warning = write
    error = write
    critical = write

    def flush(self) -> None:
        """Write the lines that were taken."""
        with self._writing:
            lines = [self._lines.popleft() for _ in range(len(self._lines))]
            if lines:
                self._stream.write("\n".join(lines) + "\n")
                self._stream.flush()

    def _run(self) -> None:
        while self._has_lines.wait():
            sleep(GATHER_SECONDS)
            self._has_lines.clear()
            self.flush()


class _LibraryLines(logging.Handler):
    """Passes on what libraries log."""

    def __init__(self, writer: LineWriter) -> None:
        super().__init__()
        self._writer = writer

    def emit(self, record: logging.LogRecord) -> None:
        """Take a record."""
        self._writer.write(self.format(record))

    def flush(self) -> None:
        """Write everything that was logged, by us too."""
        self._writer.flush()


def _as_json(value: Any, **_: Any) -> str:
    return orjson.dumps(value, default=repr, option=orjson.OPT_NON_STR_KEYS).decode()
