"""Access to pages: the dependencies by which a route gets its request, for each scope."""

from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import Depends, Request

from stocktrail.interfaces.dashboard.page_request import PageRequest, in_the_past
from stocktrail.interfaces.service.access import SAFE_METHODS
from stocktrail.interfaces.service.problems import Problem
from stocktrail.interfaces.service.service import Service, service_of
from stocktrail.interfaces.service.sessions import COOKIE
from stocktrail.ledger.store.side_tables.access import Scope, Token


def page_request(scope: Scope) -> Callable[[Request], Awaitable[PageRequest]]:
    """Return a dependency that admits only requests whose token or session covers a scope."""

    async def admitted(http: Request) -> PageRequest:
        service = service_of(http)
        token = await _token_of(http, service)
        request = PageRequest(http, service, token)
        if token is None and service.settings.require_token:
            raise Problem(401, "login_needed", "Log in with a token to see this page.",
                          headers={"WWW-Authenticate": "Bearer"})
        if token is not None:
            http.state.token = token.token_id
        http.state.page_request = request
        await request.resolve_moment()
        if request.is_past and http.method not in SAFE_METHODS:
            raise in_the_past()
        if not request.may(scope):
            raise Problem(403, "scope_missing", f"Your token may {token and token.scope}; this "
                          f"page takes one with the scope {scope}.")
        return request

    return admitted


async def _token_of(http: Request, service: Service) -> Token | None:
    kind, _, shown = http.headers.get("authorization", "").partition(" ")
    if kind.lower() == "bearer":
        token = await service.in_thread(service.tokens.tokens.find, shown.strip())
        return None if token is None or token.revoked_at is not None else token
    if not service.settings.require_token or COOKIE not in http.cookies:
        return None
    return await service.in_thread(lambda: service.sessions.find(http.cookies[COOKIE]))


MayRead = Annotated[PageRequest, Depends(page_request("read"))]
"""A request with the scope ``read``: to see a page."""

MayCommand = Annotated[PageRequest, Depends(page_request("command"))]
"""A request with the scope ``command``: to change something."""

MayAdminister = Annotated[PageRequest, Depends(page_request("admin"))]
"""A request with the scope ``admin``: to do everything."""
