"""The route class of pages, which adds security headers."""

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import Request
from fastapi.routing import APIRoute
from starlette.responses import Response

from stocktrail.interfaces.dashboard.rendering import HEADERS
from stocktrail.interfaces.service.addresses import register_id_convertor

register_id_convertor()


class DashboardRoute(APIRoute):
    """A route whose responses carry the security headers; its errors are shown as pages."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return the handler of the route, which adds the headers."""
        handle = super().get_route_handler()

        async def answer(request: Request) -> Response:
            response: Response = await handle(request)
            for name, value in HEADERS.items():
                response.headers.setdefault(name, value)
            return response

        return answer
