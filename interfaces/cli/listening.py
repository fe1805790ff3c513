"""Listening at an address, and the URL that it has then."""

import socket

from stocktrail.interfaces.cli.failures import WENT_WRONG, Failure

_BACKLOG = 2048


def listen_at(host: str, port: int) -> socket.socket:
    """Return a socket that listens; port 0 takes a free one. Raises ``cannot_listen``."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=_BACKLOG)
    except (OSError, OverflowError) as error:
        reason = (getattr(error, "strerror", None) or str(error)).rstrip(".")
        raise Failure(
            WENT_WRONG, "cannot_listen", f"Nothing can be served at {host} port {port}: {reason}."
        ) from None


def url_of(host: str, listening: socket.socket) -> str:
    """Return the URL of a host at which a socket listens."""
    name = f"[{host}]" if ":" in host else host
    return f"http://{name}:{listening.getsockname()[1]}"
