"""Responses that are rendered in a thread, so that the event loop is not blocked."""

import asyncio
from collections.abc import Callable, Mapping

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from stocktrail.interfaces.service.service import Service


class RenderedResponse(Response):
    """A response whose body is rendered in a thread when it is sent."""

    def __init__(
        self, service: Service, make: Callable[[], bytes], status: int,
        headers: Mapping[str, str], media_type: str,
    ) -> None:
        super().__init__(None, status, headers, media_type)
        del self.headers["content-length"]
        self._service = service
        self._make = make

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Render the body and send it."""
        loop = asyncio.get_running_loop()
        self.body: bytes = await loop.run_in_executor(self._service.page_threads, self._make)
        self.headers["content-length"] = str(len(self.body))
        await super().__call__(scope, receive, send)
