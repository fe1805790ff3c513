"""Who reads, acts and administers: the ways in which a page asks for its visitor."""

from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import Depends, Request

from stocktrail.interfaces.dashboard.page_request import PageRequest, in_the_past
from stocktrail.interfaces.service.problems import Problem
from stocktrail.interfaces.service.service import Service, service_of
from stocktrail.interfaces.service.sessions import COOKIE, sessions_of
from stocktrail.ledger.store.side_tables.access import Scope, Token

_SAFE = frozenset(("GET", "HEAD"))


def visiting(scope: Scope) -> Callable[[Request], Awaitable[PageRequest]]:
    """Return the dependency that lets only visitors pass whose token covers a scope."""

    async def visit(request: Request) -> PageRequest:
        service = service_of(request)
        token = await service.in_thread(_token_of, request, service)
        found = PageRequest(request, service, token)
        if token is None and service.settings.require_token:
            raise Problem(401, "login_needed", "Log in with a token to see this page.",
                          headers={"WWW-Authenticate": "Bearer"})
        if token is not None:
            request.state.token = token.token_id
        request.state.visit = found
        await found.look_at_the_time()
        if found.is_past and request.method not in _SAFE:
            raise in_the_past()
        if not found.may(scope):
            raise Problem(403, "scope_missing", f"Your token may {token and token.scope}; this "
                          f"page takes one with the scope {scope}.")
        return found

    return visit


def _token_of(request: Request, service: Service) -> Token | None:
    kind, _, shown = request.headers.get("authorization", "").partition(" ")
    if kind.lower() == "bearer":
        token = service.tokens.tokens.find(shown.strip())
        return None if token is None or token.revoked_at is not None else token
    if not service.settings.require_token or COOKIE not in request.cookies:
        return None
    return sessions_of(service.ledger).find(request.cookies[COOKIE])


Reader = Annotated[PageRequest, Depends(visiting("read"))]
"""A visitor who may see pages."""

Actor = Annotated[PageRequest, Depends(visiting("command"))]
"""A visitor who may change something."""

Administrator = Annotated[PageRequest, Depends(visiting("admin"))]
"""A visitor who may do everything."""
