"""Keeps what a service logs out of what the tests print."""

from typing import NoReturn

import structlog


def log_nothing() -> None:
    """Drop every line before it is made.

    By itself structlog draws each line for a terminal, and an error with the values of all its
    frames: 5 seconds of a processor for one of a service (2026-11-30).
    """
    structlog.reset_defaults()
    structlog.configure(processors=[_drop], logger_factory=structlog.ReturnLoggerFactory())


def _drop(*_: object) -> NoReturn:
    raise structlog.DropEvent
