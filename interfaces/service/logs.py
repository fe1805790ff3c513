"""Logs: one JSON object a line on stderr, without secrets and without bodies."""

import logging
import sys
from collections import deque
from contextlib import suppress
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
"""Lines that wait to be written before whoever logs has to."""

GATHER_SECONDS = 0.05

_SHARED: tuple[Any, ...] = (
    structlog.processors.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
)


class LogLines:
    """Writes lines in a thread, many at once: who logs does not wait for whoever reads."""

    def __init__(self, file: TextIO) -> None:
        self._file = file
        self._lines: deque[str] = deque()
        self._wake = Event()
        self._writing = Lock()
        Thread(target=self._run, name="logs", daemon=True).start()

    def __call__(self, *_: Any) -> "LogLines":
        """Return the logger of whoever asks: all share this one."""
        return self

    def msg(self, line: str) -> None:
        """Let a line be written soon; where too many wait, write them now."""
        self._lines.append(line)
        if len(self._lines) > MOST_WAITING:
            self.flush()
        elif not self._wake.is_set():
            self._wake.set()

    debug = info = warning = error = critical = exception = msg

    def flush(self) -> None:
        """Write what waits."""
        with self._writing:
            lines = []
            with suppress(IndexError):
                while True:
                    lines.append(self._lines.popleft())
            if lines:
                self._file.write("\n".join(lines) + "\n")
                self._file.flush()

    def _run(self) -> None:
        while self._wake.wait():
            self._wake.clear()
            self.flush()
            sleep(GATHER_SECONDS)


def flush_logs() -> None:
    """Write what was logged and waits: at the end of the service, for its process may be killed."""
    lines = structlog.get_config()["logger_factory"]
    if isinstance(lines, LogLines):
        lines.flush()


def configure_logs() -> None:
    """Let everything that is logged in this process be written as JSON lines."""
    structlog.configure(
        processors=[
            *_SHARED, describe_error, structlog.processors.JSONRenderer(_as_json),
        ],
        logger_factory=LogLines(sys.stderr),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=_SHARED,
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            first_line_only, describe_error,
            structlog.processors.JSONRenderer(_as_json),
        ],
    ))
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)
    log_uncaught_errors()


def _as_json(value: Any, **_: Any) -> str:
    return orjson.dumps(value, default=repr, option=orjson.OPT_NON_STR_KEYS).decode()
