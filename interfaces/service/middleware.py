"""The middleware around every request: its id, the checks before routing, metrics and the log."""

import re
from itertools import count
from time import perf_counter
from typing import Any
from uuid import uuid4

import structlog
from starlette.requests import ClientDisconnect, Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from stocktrail.interfaces.service.address_encoding import check_is_text, path_to_route
from stocktrail.interfaces.service.connection import MOST_HEAD_BYTES, head_too_large
from stocktrail.interfaces.service.host_check import check_host_and_origin
from stocktrail.interfaces.service.metrics import UNKNOWN, Metrics
from stocktrail.interfaces.service.problems import (
    EXPECTED,
    Problem,
    problem_of,
    response_to,
)
from stocktrail.interfaces.service.service import Service

CLIENT_GONE = 499
"""The status that is logged, as nginx does, when the client closed the connection."""

_REQUEST_ID = re.compile(r"[A-Za-z0-9._:-]{1,128}")
_SINGLE_HEADERS = frozenset((
    b"host", b"authorization", b"content-type", b"idempotency-key", b"last-event-id", b"origin",
))
"""Headers that must not be repeated: one program reads the first, another one the last."""

_NOSNIFF = (b"x-content-type-options", b"nosniff")
_LOGGED = ("request_id", "token", "command", "command_id", "result", "problem")


class RequestContextMiddleware:
    """Assigns each request an id, checks its head, answers errors, measures and logs it."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._log = structlog.get_logger("http")
        begin = uuid4().hex[:16]
        self._ids = (f"{begin}-{number}" for number in count(1))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        service: Service = scope["app"].state.service
        headers = dict(scope["headers"])
        state = scope.setdefault("state", {})
        given_id = headers.get(b"x-request-id", b"").decode("latin-1")
        state["request_id"] = given_id if _REQUEST_ID.fullmatch(given_id) else next(self._ids)
        scope["path"] = path_to_route(scope)
        began, status, has_begun = perf_counter(), 500, False

        async def answer(message: Message) -> None:
            nonlocal has_begun, status
            if message["type"] == "http.response.start":
                has_begun, status = True, message["status"]
                message["headers"] = [
                    *message["headers"], (b"x-request-id", state["request_id"].encode()), _NOSNIFF
                ]
            await send(message)

        try:
            refused = (
                state.get("refused") or _check_headers(scope)
                or check_host_and_origin(headers, scope["method"], service.settings)
                or check_is_text(scope)
            )
            if refused is not None:
                state["problem"] = refused.code
                await response_to(Request(scope), refused)(scope, receive, answer)
            else:
                await self._app(scope, receive, answer)
        except ClientDisconnect:
            state["problem"], status = "client_gone", CLIENT_GONE
        except Exception as error:  # noqa: BLE001 - it is answered with a problem, and logged
            if not isinstance(error, EXPECTED):
                self._log.error("request_failed", request_id=state["request_id"], exc_info=error)
            problem = problem_of(error)
            state["problem"] = problem.code
            if has_begun:
                raise ConnectionAbortedError from None    # the server can only close the connection
            await response_to(Request(scope), problem)(scope, receive, answer)
        finally:
            self._record(service.metrics, scope, state, status, perf_counter() - began)

    def _record(
        self, metrics: Metrics, scope: Scope, state: dict[str, Any], status: int, seconds: float
    ) -> None:
        route = getattr(scope.get("route"), "path", UNKNOWN)
        method = scope["method"] if scope.get("route") else UNKNOWN
        is_stream = "is_stream" in state     # which lasts as long as its client reads
        metrics.request(method, route, status, None if is_stream else seconds)
        known = {name: state[name] for name in _LOGGED if name in state}
        self._log.info(
            "request", method=scope["method"], route=route, status=status,
            seconds=round(seconds, 6), **known,
        )


def _check_headers(scope: Scope) -> Problem | None:
    size, single = 0, []
    for name, value in scope["headers"]:
        size += len(name) + len(value)
        if name in _SINGLE_HEADERS:
            single.append(name)
    if size > MOST_HEAD_BYTES:
        return head_too_large()
    if len(single) == len(set(single)):
        return None
    repeated = next(name for name in single if single.count(name) > 1).decode().title()
    return Problem(
        400, "repeated_header", f"The header {repeated} stands more than once; send it once.",
        headers={"Connection": "close"},
    )
