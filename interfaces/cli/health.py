"""Asking a running service how it is, for whoever supervises it: no curl is needed for that."""

import time
from collections.abc import Mapping
from typing import Annotated, Any
from urllib.parse import urlsplit

from cyclopts import Parameter

from stocktrail.interfaces.cli.failures import STORAGE, WENT_WRONG, WRONG_FLAGS, Failure
from stocktrail.interfaces.cli.screen import Screen
from stocktrail.interfaces.cli.session import SessionArgument

_EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}
"""Addresses that a service listens on to be reached by every other one of the machine."""

_PAUSE_SECONDS = 0.2
_MOST_SECONDS = 3600
_MOST_BYTES = 1 << 20


def health(
    *,
    ready: Annotated[bool, Parameter(
        help="Whether it answers questions too: its read models are caught up.",
        negative=(), show_default=False,
    )] = False,
    wait: Annotated[float, Parameter(
        help="For how many seconds it may become so."
    )] = 0.0,
    seconds: Annotated[float, Parameter(help="How many seconds an answer may take.")] = 5.0,
    url: Annotated[str | None, Parameter(
        help="Where it is; else the host and port of STOCKTRAIL_HTTP_HOST and STOCKTRAIL_HTTP_PORT."
    )] = None,
    session: SessionArgument,
) -> int:
    """Whether the service on this machine answers, for whoever supervises it.

    The exit status is 0 if it does, 5 if nothing answers (service_unreachable), and 1 if it says
    that it is not well, or with --ready that it is not ready yet.
    """
    if not (0 <= wait <= _MOST_SECONDS and 0 < seconds <= _MOST_SECONDS):
        raise Failure(
            WRONG_FLAGS, "bad_flag",
            f"--wait must be from 0 to {_MOST_SECONDS:,} seconds, and --seconds above 0.",
        )
    site, name = _own_address() if url is None else (url, None)
    path = "/readyz" if ready else "/healthz"
    until = time.monotonic() + wait
    while True:
        try:
            found = _asked(site, path, name, seconds)
        except Failure as failure:
            if failure.status == WRONG_FLAGS or time.monotonic() >= until:
                raise
            time.sleep(_PAUSE_SECONDS)
        else:
            break
    session.answer({"url": site, **found}, _show_health)
    return 0


def _own_address() -> tuple[str, str]:
    """Return the URL of the service that these settings start, and a name that it answers to."""
    from stocktrail.interfaces.service.settings import ServiceSettings

    settings = ServiceSettings.read()
    host = _EVERYWHERE.get(settings.host, settings.host)
    names = settings.allowed_hosts
    name = host if host in names or "*" in names or not names else names[0]
    return f"http://{_in_url(host)}:{settings.port}", _in_url(name)


def _in_url(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _asked(site: str, path: str, name: str | None, seconds: float) -> dict[str, Any]:
    """Return what a service says of itself, or raise a failure."""
    import json
    from http.client import HTTPConnection, HTTPException, HTTPSConnection

    parts, port = _parts_of(site)
    kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
    connection = kind(parts.hostname or "", port, timeout=seconds)
    try:
        headers = {} if name is None else {"Host": name}
        connection.request("GET", f"{parts.path.rstrip('/')}{path}", headers=headers)
        answer = connection.getresponse()
        body = answer.read(_MOST_BYTES)
    except (OSError, HTTPException) as error:
        reason = str(getattr(error, "strerror", None) or error or type(error).__name__)
        raise Failure(
            STORAGE, "service_unreachable",
            f"No service answers at {site}: {reason.rstrip('.')}.",
        ) from None
    finally:
        connection.close()
    try:
        found = json.loads(body)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise Failure(
            WENT_WRONG, "no_service",
            f"What answers at {site} is no service of stocktrail: {path} is {answer.status}, and "
            "not JSON.",
        )
    if answer.status != 200:
        raise Failure(
            WENT_WRONG, str(found.get("code", "no_service")),
            f"{site} answered {answer.status}: {found.get('detail', answer.reason)}",
        )
    return found


def _parts_of(site: str) -> tuple[Any, int | None]:
    try:
        parts = urlsplit(site)
        port = parts.port
    except ValueError:
        parts, port = urlsplit(""), None
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise Failure(
            WRONG_FLAGS, "bad_flag",
            f"--url is {site[:100]!r}, and must be like http://127.0.0.1:8000.",
        )
    return parts, port


def _show_health(screen: Screen, report: Mapping[str, Any]) -> None:
    screen.say(
        f"{report['url']} answers." if "position" not in report else
        f"{report['url']} is ready: its read models are at position {report['position']:,} of "
        f"{report['head']:,}."
    )
