"""Failures: errors as a sentence with a code on stderr, and as an exit status."""

import os
import sys
from typing import Any

from stocktrail.interfaces.cli.wording import shortened

WENT_WRONG, WRONG_FLAGS, REFUSED, INVALID, STORAGE, INTERRUPTED = 1, 2, 3, 4, 5, 130
"""The exit statuses other than 0, in the order of the contract."""

_INVALID = frozenset((
    "bad_export", "bad_key", "bad_key_name", "bad_limit", "bad_moment", "bad_page", "bad_period",
    "not_positive", "unknown_column", "unknown_facet", "unknown_setting", "unknown_strategy",
    "unknown_type",
))
"""Codes of refusals that do not depend on the ledger: what was asked or given is invalid."""


class Failure(Exception):
    """An error of a subcommand, with the exit status of the process."""

    def __init__(self, status: int, code: str, message: str, **details: Any) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.details = details


def exit_status_of(error: BaseException, *, as_json: bool) -> int | None:
    """Write an error to stderr and return its exit status; ``None`` for an unexpected exception.

    Nothing is written for an interrupt, and for a pipe whose reader has closed it.
    """
    if isinstance(error, KeyboardInterrupt):
        return INTERRUPTED
    if isinstance(error, BrokenPipeError):
        _discard_stdout()
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
        _discard_stdout()
        return WENT_WRONG
    return _status_of_ledger_errors(error, as_json)


def exit_status_of_refusal(code: str) -> int:
    """Return the exit status of a refused question, or of a subcommand that is refused.

    >>> exit_status_of_refusal("unknown_sku"), exit_status_of_refusal("bad_page")
    (3, 4)
    """
    return INVALID if code in _INVALID else REFUSED


def _status_of_ledger_errors(error: BaseException, as_json: bool) -> int | None:
    from stocktrail.ledger.base.event import UnknownEvent
    from stocktrail.ledger.refusal import Refusal
    from stocktrail.ledger.store.errors import StorageError

    if isinstance(error, Refusal):
        complain(error.code, error.message, as_json=as_json, **error.details)
        return exit_status_of_refusal(error.code)
    if isinstance(error, StorageError):
        complain(error.code, error.message, as_json=as_json)
        return STORAGE
    if isinstance(error, UnknownEvent):
        complain(error.code, str(error), as_json=as_json)
        return STORAGE
    return _status_of_setting_errors(error, as_json)


def _status_of_setting_errors(error: BaseException, as_json: bool) -> int | None:
    from stocktrail.feeds.stated_settings import BadSettings

    if isinstance(error, BadSettings):
        complain(error.code, error.message, as_json=as_json)
        return WENT_WRONG
    return None


def complain(code: str, message: str, *, as_json: bool, **details: Any) -> None:
    """Write an error with its code to stderr: a sentence, or a JSON object."""
    if as_json:
        import json

        written = json.dumps({"code": code, "message": message, **details}, default=str)
    else:
        written = f"{message} [{code}]"
    print(written, file=sys.stderr)


def _discard_stdout() -> None:
    """Redirect stdout to the null device, so that Python's flush at exit does not fail."""
    try:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except (OSError, ValueError):
        return
