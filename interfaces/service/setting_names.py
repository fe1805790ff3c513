"""The names of all settings, by which a misspelt one is found.

They are listed here because importing the settings takes longer than a simple question; a test
compares the list with them.
"""

import re
from collections.abc import Iterable, Mapping
from pathlib import Path

PREFIX = "STOCKTRAIL_"

_NAMES = {
    "": "CHECKPOINTS CHECKPOINT_EVERY DATABASE_URL REPLICA_URL SIGNING_KEY",
    "HTTP_": (
        "ALLOWED_HOSTS ALLOWED_ORIGINS AT_LEAST_SECONDS BODY_SECONDS BUSY_SECONDS "
        "DEFAULT_ROWS DELIVER_NOTICES DELIVER_WEBHOOKS HEAD_SECONDS HEARTBEAT_SECONDS HOST "
        "MOST_BODY_BYTES MOST_CONNECTIONS MOST_ROWS MOST_STREAMS MOST_STREAMS_OF_ONE "
        "MOST_UPLOADS MOST_UPLOADS_OF_ONE MOST_WAITING_BYTES MOST_WAIT_SECONDS PORT "
        "QUESTION_SECONDS QUESTION_THREADS REQUIRE_TOKEN SHUTDOWN_SECONDS SILENT_SECONDS "
        "STALLED_SECONDS TOKEN_CACHE_SECONDS"
    ),
    "NOTICES_": "FROM SHOP TEMPLATES TO TO_CUSTOMERS",
    "SMTP_": "HOST PASSWORD PORT SECONDS SECURITY USER",
    "WEBHOOK_": "AT_ONCE CONNECT_SECONDS NETWORKS TOTAL_SECONDS",
}
SETTING_NAMES = frozenset(
    f"{PREFIX}{group}{name}" for group, names in _NAMES.items() for name in names.split()
)
"""Every environment variable that is a setting."""

_ALIKE = 0.7
_OF_TESTS = f"{PREFIX}TEST_", f"{PREFIX}SOAK"
_ASSIGNED = re.compile(rf"^\s*(?:export\s+)?({PREFIX}\w+)\s*=", re.IGNORECASE)


def unknown_names(environment: Mapping[str, str], env_file: Path) -> list[str]:
    """Return the names in the environment and in a file ``.env`` that are no setting.

    >>> unknown_names({"STOCKTRAIL_DATABASE_ULR": "x", "PATH": "x"}, Path("nowhere"))
    ['STOCKTRAIL_DATABASE_ULR']
    """
    written = [*environment, *_assigned_in(env_file)]
    return [
        name for name in dict.fromkeys(written)
        if name.upper().startswith(PREFIX) and name.upper() not in SETTING_NAMES
        and not name.upper().startswith(_OF_TESTS)
    ]


def about_unknown(name: str) -> str:
    """Return a warning about a name that is no setting, with the setting that may be meant.

    >>> about_unknown("STOCKTRAIL_DATABASE_ULR")
    'STOCKTRAIL_DATABASE_ULR sets nothing. Did you mean STOCKTRAIL_DATABASE_URL?'
    >>> about_unknown("STOCKTRAIL_PORT")
    'STOCKTRAIL_PORT sets nothing. Did you mean STOCKTRAIL_HTTP_PORT or STOCKTRAIL_SMTP_PORT?'
    """
    meant = _meant_by(name.upper().removeprefix(PREFIX))
    hint = f"Did you mean {' or '.join(meant)}?" if meant else "There is no such setting."
    return f"{name[:100]} sets nothing. {hint}"


def _meant_by(written: str) -> list[str]:
    """Return the settings whose group was left out, or else the one that is spelt nearly so."""
    from difflib import get_close_matches

    rest = {known.removeprefix(PREFIX): known for known in sorted(SETTING_NAMES)}
    of_a_group = [known for name, known in rest.items() if name.endswith(f"_{written}")]
    return of_a_group or [rest[name] for name in get_close_matches(written, rest, 1, _ALIKE)]


def _assigned_in(env_file: Path) -> Iterable[str]:
    try:
        lines = env_file.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        return []                       # reading the settings raises the error
    return [found[1] for found in map(_ASSIGNED.match, lines) if found]
