"""The response of an event stream: it goes on until its client disconnects or the tail closes."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from stocktrail.feeds.sse import CONTENT_TYPE
from stocktrail.interfaces.service.access import reauthorize
from stocktrail.interfaces.service.concurrency_limits import client_of
from stocktrail.interfaces.service.problems import Problem
from stocktrail.interfaces.service.service import service_of

_CHECKS_PER_CACHE_LIFETIME = 4
_MIN_SECONDS = 0.1

VARY = {"Vary": "Accept, Authorization"}


class EventStream(Response):
    """A response of Server-Sent Events that goes on while its client reads them."""

    media_type = CONTENT_TYPE

    def __init__(self, chunks: AsyncGenerator[bytes, None], stalled_seconds: float) -> None:
        self.init_headers({"Cache-Control": "no-store", "X-Accel-Buffering": "no"} | VARY)
        self.raw_headers: list[tuple[bytes, bytes]] = [
            each for each in self.raw_headers if each[0] != b"content-length"
        ]
        self.status_code: int = 200
        self.background: None = None
        self._chunks, self._stalled_seconds = chunks, stalled_seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send until the client disconnects or loses its access, or the tail closes."""
        scope["state"]["is_stream"] = True
        request = Request(scope)
        with service_of(request).event_streams.slot(client_of(request)):
            async with aclosing(self._chunks):
                await self._stream(request, receive, send)

    async def _stream(self, request: Request, receive: Receive, send: Send) -> None:
        tasks = [
            asyncio.create_task(each) for each in (
                self._send(send), _until_disconnected(receive), _until_unauthorized(request),
            )
        ]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            ended = await asyncio.gather(*tasks, return_exceptions=True)
        for error in ended:
            if isinstance(error, Problem):
                request.state.problem = error.code
                await send({"type": "http.response.body", "body": as_event(error)})
            elif isinstance(error, Exception):
                raise error

    async def _send(self, send: Send) -> None:
        start = {"type": "http.response.start", "status": 200, "headers": self.raw_headers}
        await send(start)
        try:
            async for chunk in self._chunks:
                async with asyncio.timeout(self._stalled_seconds):
                    await send(
                        {"type": "http.response.body", "body": chunk, "more_body": True}
                    )
        except TimeoutError:
            return                       # the server closes a connection that nobody reads from
        await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _until_disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _until_unauthorized(request: Request) -> None:
    """Authorize the client again and again; raise a problem when its token was revoked."""
    seconds = service_of(request).settings.token_cache_seconds
    while True:
        await asyncio.sleep(max(seconds / _CHECKS_PER_CACHE_LIFETIME, _MIN_SECONDS))
        await reauthorize(request)


def as_event(problem: Problem) -> bytes:
    r"""Return a problem as the last event of a stream.

    >>> as_event(Problem(401, "token_required", "Revoked."))[:30]
    b'event: problem\ndata: {"type":"'
    """
    return b"event: problem\ndata: %b\n\n" % orjson.dumps(problem.as_json())
