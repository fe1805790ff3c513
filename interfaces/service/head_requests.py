"""HEAD requests: the headers of the answer to GET, for every address (RFC 9110, 9.3.2).

The request is handled as GET, so that its headers cannot differ. The handler is cancelled once the
headers are sent: an endless stream is never run.
"""

import asyncio

from starlette.types import ASGIApp, Message, Receive, Scope, Send

_WITHOUT_BODY = frozenset((204, 304))


class HeadRequests:
    """Handles HEAD as GET and sends the headers only; other requests pass."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http" or scope["method"] != "HEAD":
            await self._app(scope, receive, send)
            return
        begun = asyncio.Event()

        async def send_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                await send(_as_of_get(message))
                begun.set()

        # A copy, because the server reads the method of its own to know that no body follows.
        as_get = {**scope, "method": "GET"}
        answering = asyncio.ensure_future(self._app(as_get, receive, send_headers))
        beginning = asyncio.ensure_future(begun.wait())
        try:
            await asyncio.wait((answering, beginning), return_when=asyncio.FIRST_COMPLETED)
        finally:
            answering.cancel()
            beginning.cancel()
            ended, _ = await asyncio.gather(answering, beginning, return_exceptions=True)
            if "route" in as_get:
                scope["route"] = as_get["route"]         # for the metrics
        if isinstance(ended, Exception):
            raise ended
        await send({"type": "http.response.body", "body": b"", "more_body": False})


def _as_of_get(message: Message) -> Message:
    """Return the start of an answer with the transfer encoding that the server adds for a body."""
    headers = message.get("headers", [])
    names = {name.lower() for name, _ in headers}
    if message["status"] in _WITHOUT_BODY or names & {b"content-length", b"transfer-encoding"}:
        return message
    return {**message, "headers": [*headers, (b"transfer-encoding", b"chunked")]}
