"""A response that goes on until its reader leaves, or the tail of the log closes."""

import asyncio
from collections.abc import AsyncIterator

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from feeds.sse import CONTENT_TYPE
from feeds.tail import Tail

VARY = {"Vary": "Accept, Authorization"}


class EventStream(Response):
    """A response that goes on for as long as its reader stays and takes what it is sent."""

    media_type = CONTENT_TYPE

    def __init__(self, tail: Tail, chunks: AsyncIterator[bytes], stall_seconds: float) -> None:
        self.init_headers({"Cache-Control": "no-store", "X-Accel-Buffering": "no"} | VARY)
        self.raw_headers = [each for each in self.raw_headers if each[0] != b"content-length"]
        self.status_code, self.background = 200, None
        self._tail, self._chunks, self._stall_seconds = tail, chunks, stall_seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send until the reader is gone, or the tail closes."""
        scope["state"]["is_stream"] = True
        self._tail.streams += 1
        sending = asyncio.create_task(self._send(send))
        leaving = asyncio.create_task(_until_gone(receive))
        try:
            await asyncio.wait((sending, leaving), return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._tail.streams -= 1
            for task in (sending, leaving):
                task.cancel()
            ended = await asyncio.gather(sending, leaving, return_exceptions=True)
        for error in ended:
            if isinstance(error, Exception):
                raise error

    async def _send(self, send: Send) -> None:
        start = {"type": "http.response.start", "status": 200, "headers": self.raw_headers}
        await send(start)
        try:
            async for chunk in self._chunks:
                async with asyncio.timeout(self._stall_seconds):
                    await send(
                        {"type": "http.response.body", "body": chunk, "more_body": True}
                    )
        except TimeoutError:
            return             # the server closes the connection of who takes nothing
        await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
