"""The doorway: what happens to every request before its route, and to its answer after it.

Addresses are read so that an id may hold a slash. While no token is required, only requests under
the service's own names are let in: a web page whose name was pointed at this machine (DNS
rebinding) and one that sends forms across origins are turned away.
"""

import re
from itertools import count
from time import perf_counter
from typing import Any
from urllib.parse import unquote, urlsplit
from uuid import uuid4

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import ClientDisconnect, Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from stocktrail.interfaces.service.connection import MOST_HEAD_BYTES, too_large_a_head
from stocktrail.interfaces.service.metrics import UNKNOWN, Metrics
from stocktrail.interfaces.service.problems import EXPECTED, Problem, of_any, response_to
from stocktrail.interfaces.service.service import Service
from stocktrail.interfaces.service.settings import ServiceSettings
from stocktrail.interfaces.service.written import not_text

CLIENT_GONE = 499
"""What is noted, as proxies do, where nobody was there any more to be answered."""

_REQUEST_ID = re.compile(r"[A-Za-z0-9._:-]{1,128}")
_ENCODED = re.compile(rb"%2f|%25", re.IGNORECASE)
_SAFE = frozenset(("GET", "HEAD", "OPTIONS"))
_ONCE = frozenset((
    b"host", b"authorization", b"content-type", b"idempotency-key", b"last-event-id", b"origin",
))
"""Headers that stand once: of two, whoever reads the first and whoever reads the last disagree."""


class RequestContextMiddleware:
    """Assigns each request an id, checks where it comes from, measures it and writes it down."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._log = structlog.get_logger("http")
        begin = uuid4().hex[:16]
        self._ids = (f"{begin}-{number}" for number in count(1))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Take one request in, and see its answer off."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        service: Service = scope["app"].state.service
        headers = Headers(scope=scope)
        state = scope.setdefault("state", {})
        asked = headers.get("x-request-id", "")
        state["request_id"] = asked if _REQUEST_ID.fullmatch(asked) else next(self._ids)
        scope["path"] = _readable(scope)
        began, status, begun = perf_counter(), 500, False

        async def answer(message: Message) -> None:
            nonlocal begun, status
            if message["type"] == "http.response.start":
                begun, status = True, message["status"]
                carried = MutableHeaders(scope=message)
                carried["X-Request-Id"] = state["request_id"]
                carried["X-Content-Type-Options"] = "nosniff"
            await send(message)

        try:
            turned_away = state.get("refused") or _malformed(scope) or _turned_away(
                headers, scope["method"], service.settings
            ) or not_text(scope)
            if turned_away is not None:
                state["problem"] = turned_away.code
                await response_to(Request(scope), turned_away)(scope, receive, answer)
            else:
                await self._app(scope, receive, answer)
        except ClientDisconnect:
            state["problem"], status = "client_gone", CLIENT_GONE
        except Exception as error:  # noqa: BLE001 - its client is told, and the log says where
            if not isinstance(error, EXPECTED):
                self._log.error("request_failed", request_id=state["request_id"], exc_info=error)
            problem = of_any(error)
            state["problem"] = problem.code
            if begun:
                raise ConnectionAbortedError from None    # the server can only break off
            await response_to(Request(scope), problem)(scope, receive, answer)
        finally:
            self._note(service.metrics, scope, state, status, perf_counter() - began)

    def _note(
        self, metrics: Metrics, scope: Scope, state: dict[str, Any], status: int, seconds: float
    ) -> None:
        route = getattr(scope.get("route"), "path", UNKNOWN)
        method = scope["method"] if scope.get("route") else UNKNOWN
        metrics.requests.labels(method, route, status).inc()
        if "is_stream" not in state:         # its reader says how long it takes
            metrics.request_seconds.labels(route).observe(seconds)
        noted = {
            name: state[name]
            for name in ("request_id", "token", "command", "command_id", "result", "problem")
            if name in state
        }
        self._log.info(
            "request", method=scope["method"], route=route, status=status,
            seconds=round(seconds, 6), **noted,
        )


def _readable(scope: Scope) -> str:
    """Return the path with its parts decoded, but for slashes and percent signs of an id."""
    raw = scope.get("raw_path")
    if not raw or not _ENCODED.search(raw):
        return str(scope["path"])
    parts = raw.partition(b"?")[0].decode("ascii", "replace").split("/")
    return "/".join(unquote(part).replace("%", "%25").replace("/", "%2F") for part in parts)


def _malformed(scope: Scope) -> Problem | None:
    headers = scope["headers"]
    if sum(len(name) + len(value) for name, value in headers) > MOST_HEAD_BYTES:
        return too_large_a_head()
    once = [name for name, _ in headers if name in _ONCE]
    if len(once) == len(set(once)):
        return None
    twice = next(name for name in once if once.count(name) > 1).decode().title()
    return Problem(
        400, "repeated_header", f"The header {twice} stands more than once; send it once.",
        headers={"Connection": "close"},
    )


def _turned_away(headers: Headers, method: str, settings: ServiceSettings) -> Problem | None:
    if settings.require_token:
        return None
    host = headers.get("host", "")
    if not _is_ours(host, settings):
        return Problem(
            421, "wrong_host", "This service does not answer under this name. Use the one it was "
            "started with, or set STOCKTRAIL_HTTP_ALLOWED_HOSTS.",
        )
    origin = headers.get("origin")
    if origin is None or method in _SAFE or origin in settings.allowed_origins:
        return None
    if urlsplit(origin).netloc == host:
        return None
    return Problem(
        403, "wrong_origin", "A page of another origin may not send commands here. Name it in "
        "STOCKTRAIL_HTTP_ALLOWED_ORIGINS if it should.",
    )


def _is_ours(host: str, settings: ServiceSettings) -> bool:
    name = host.rpartition(":")[0] if re.search(r":\d+$", host) else host
    allowed = settings.allowed_hosts
    return "*" in allowed or name.strip("[]").lower() in allowed
