"""The header ``Position`` of problems: up to where the log was read when the request was judged."""

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi.routing import APIRoute
from starlette.requests import Request
from starlette.responses import Response

from stocktrail.interfaces.service.addresses import register_id_convertor
from stocktrail.interfaces.service.problems import EXPECTED, Problem, problem_of
from stocktrail.interfaces.service.service import service_of
from stocktrail.ledger.store import StorageError

register_id_convertor()

_NOT_JUDGED = frozenset((401, 403, 405))


class PositionHeaderRoute(APIRoute):
    """A route of commands or questions, whose problems have the header ``Position`` too."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return the handler of the route, which adds the header to its problems."""
        handle = super().get_route_handler()

        async def handle_with_position(request: Request) -> Response:
            try:
                return await handle(request)
            except EXPECTED as error:
                raise await with_position(request, error) from None

        return handle_with_position


async def with_position(request: Request, error: Exception) -> Problem:
    """Return the problem of an error, with the header ``Position``.

    A failure of the service (5xx) and a request that was not authorized say nothing about the log
    and get none, nor does a problem while the end of the log cannot be read.
    """
    problem = problem_of(error)
    if problem.status >= 500 or problem.status in _NOT_JUDGED or "Position" in problem.headers:
        return problem
    head = problem.more.get("details", {}).get("head")
    if head is None:
        service = service_of(request)
        try:
            head = (await service.in_thread(service.ledger.head)).position
        except (StorageError, Problem):
            return problem
    problem.headers["Position"] = str(head)
    return problem
