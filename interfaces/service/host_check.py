"""The host check: who may send requests while the service requires no token.

Then only requests under the service's own names are answered. That keeps out a web page whose name
was pointed at this machine (DNS rebinding), and one that sends forms across origins.
"""

import re
from collections.abc import Mapping
from urllib.parse import urlsplit

from stocktrail.interfaces.service.problems import Problem
from stocktrail.interfaces.service.settings import ServiceSettings

_PORT = re.compile(r":\d+$")
_SAFE = frozenset(("GET", "HEAD", "OPTIONS"))


def check_host_and_origin(
    headers: Mapping[bytes, bytes], method: str, settings: ServiceSettings
) -> Problem | None:
    """Return a problem for a request to another host (421) or from another origin (403).

    An origin matters only for methods that change something.
    """
    if settings.require_token:
        return None
    host = headers.get(b"host", b"").decode("latin-1")
    if not _is_allowed(host, settings):
        return Problem(
            421, "wrong_host", "This service does not answer under this name. Use the one it was "
            "started with, or set STOCKTRAIL_HTTP_ALLOWED_HOSTS.",
        )
    if b"origin" not in headers or method in _SAFE:
        return None
    origin = headers[b"origin"].decode("latin-1")
    if origin in settings.allowed_origins or urlsplit(origin).netloc == host:
        return None
    return Problem(
        403, "wrong_origin", "A page of another origin may not send commands here. Name it in "
        "STOCKTRAIL_HTTP_ALLOWED_ORIGINS if it should.",
    )


def _is_allowed(host: str, settings: ServiceSettings) -> bool:
    name = host.rpartition(":")[0] if _PORT.search(host) else host
    allowed = settings.allowed_hosts
    return "*" in allowed or name.strip("[]").lower() in allowed
