"""Failures: what went wrong, as a sentence with a code on stderr, and as an exit status."""

import os
import sys
from typing import Any

from stocktrail.interfaces.cli.wording import shortened

WENT_WRONG, WRONG_FLAGS, REFUSED, INVALID, STORAGE, INTERRUPTED = 1, 2, 3, 4, 5, 130
"""The exit statuses other than 0, in the order of the contract."""

_WRITTEN_WRONG = frozenset((
    "bad_key", "bad_key_name", "bad_limit", "bad_moment", "bad_page", "not_positive",
    "unknown_column", "unknown_setting", "unknown_strategy", "unknown_type",
))
"""What is refused whatever the ledger holds: the question is invalid as it is written."""


class Failure(Exception):
    """Something that keeps a subcommand from being carried out, with the status to end with."""

    def __init__(self, status: int, code: str, message: str, **details: Any) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.details = details


def exit_status_of(error: BaseException, *, as_json: bool) -> int | None:
    """Return what went wrong on stderr and give the exit status; ``None`` for a mistake of ours.

    An interrupt and a reader that went away are answered with silence.
    """
    if isinstance(error, KeyboardInterrupt):
        return INTERRUPTED
    if isinstance(error, BrokenPipeError):
        _let_go_of_stdout()
        return WENT_WRONG
    if isinstance(error, Failure):
        complain(error.code, error.message, as_json=as_json, **error.details)
        return error.status
    if isinstance(error, UnicodeEncodeError):
        written = shortened(ascii(error.object))
        complain("not_utf8", f"{written} is not text in UTF-8.", as_json=as_json)
        return INVALID
    if isinstance(error, OSError):
        message = f"{shortened(error.filename or 'The output')}: {error.strerror or error}."
        complain("input_or_output_failed", message, as_json=as_json)
        _let_go_of_stdout()
        return WENT_WRONG
    return _status_of_the_ledgers(error, as_json)


def _status_of_the_ledgers(error: BaseException, as_json: bool) -> int | None:
    from stocktrail.ledger.base.event import UnknownEvent
    from stocktrail.ledger.refusal import Refusal
    from stocktrail.ledger.store.errors import StorageError

    if isinstance(error, Refusal):
        complain(error.code, error.message, as_json=as_json, **error.details)
        return INVALID if error.code in _WRITTEN_WRONG else REFUSED
    if isinstance(error, StorageError):
        complain(error.code, error.message, as_json=as_json)
        return STORAGE
    if isinstance(error, UnknownEvent):
        complain(error.code, str(error), as_json=as_json)
        return STORAGE
    return _status_of_settings(error, as_json)


def _status_of_settings(error: BaseException, as_json: bool) -> int | None:
    from stocktrail.feeds.stated_settings import BadSettings

    if isinstance(error, BadSettings):
        complain(error.code, error.message, as_json=as_json)
        return WENT_WRONG
    return None


def complain(code: str, message: str, *, as_json: bool, **details: Any) -> None:
    """Write one sentence with its code to stderr, or one JSON object."""
    if as_json:
        import json

        written = json.dumps({"code": code, "message": message, **details}, default=str)
    else:
        written = f"{message} [{code}]"
    print(written, file=sys.stderr)


def _let_go_of_stdout() -> None:
    """Point stdout nowhere, so that Python does not complain when it flushes at the end."""
    try:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except (OSError, ValueError):
        return
