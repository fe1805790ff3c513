"""Cautions: warnings on stderr about a call that is unsafe or has a setting without effect."""

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlsplit

from stocktrail.interfaces.service.setting_names import about_unknown, unknown_names


def caution(code: str, message: str, *, as_json: bool) -> None:
    """Write a warning with its code to stderr: a sentence, or a JSON object like a log line."""
    if as_json:
        import json

        written = json.dumps({
            "event": "caution", "level": "warning", "code": code, "message": message
        })
    else:
        written = f"Take care: {message} [{code}]"
    print(written, file=sys.stderr)


def caution_about_call(database: str | None, rest: Sequence[str], *, as_json: bool) -> None:
    """Warn of passwords in flags and of unknown settings."""
    if database is not None and _has_password(database):
        caution(
            "password_on_command_line",
            "Everybody on this machine can read the password in --database in the list of "
            "processes. Set STOCKTRAIL_DATABASE_URL instead, in the environment or in .env.",
            as_json=as_json,
        )
    if any(_has_password(part) for word in rest for part in (word, word.partition("=")[2])):
        caution(
            "password_on_command_line",
            "Everybody on this machine can read the password in a URL of this call in the list of "
            "processes. Keep it in a file, such as that of --credentials.",
            as_json=as_json,
        )
    for name in unknown_names(os.environ, Path(".env")):
        caution("unknown_setting", about_unknown(name), as_json=as_json)


def _has_password(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return bool(parts.password) or "password=" in parts.query
    except ValueError:
        return False
