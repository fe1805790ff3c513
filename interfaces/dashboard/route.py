"""The route of a page, whose answers let nothing foreign in."""

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import Request
from fastapi.routing import APIRoute
from starlette.responses import Response

from stocktrail.interfaces.dashboard.rendering import HEADERS
from stocktrail.interfaces.service.addresses import register_id_convertor

register_id_convertor()


class DashboardRoute(APIRoute):
    """A route whose answers let nothing foreign in; its errors are pages (see ``problem_page``)."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return the handler of the route, with what surrounds it."""
        handle = super().get_route_handler()

        async def answer(request: Request) -> Response:
            response: Response = await handle(request)
            for name, value in HEADERS.items():
                response.headers.setdefault(name, value)
            return response

        return answer
