"""Judged: what an answer says of the log that it was judged against, also when it is a problem."""

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi.routing import APIRoute
from starlette.requests import Request
from starlette.responses import Response

from stocktrail.interfaces.service.problems import EXPECTED, Problem, problem_of
from stocktrail.interfaces.service.service import service_of
from stocktrail.ledger.store import StorageError

_NOT_JUDGED = frozenset((401, 403, 405))


class PositionHeaderRoute(APIRoute):
    """A route of commands or questions: its problems carry ``Position``, as its answers do."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return the handler of the route, with what surrounds it."""
        handle = super().get_route_handler()

        async def judged(request: Request) -> Response:
            try:
                return await handle(request)
            except EXPECTED as error:
                raise await with_position(request, error) from None

        return judged


async def with_position(request: Request, error: Exception) -> Problem:
    """Turn an error into a problem that says where the log ended when it was judged.

    Failures of the service say nothing of the log, nor does a request that was not let in. Where
    the end cannot be looked up the problem goes without.
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
