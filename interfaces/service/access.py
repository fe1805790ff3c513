"""Access control: which scope a request needs, and whether its token covers it.

``Authorization: Bearer TOKEN`` carries a token that ``stocktrail token create`` printed. The
application requires a scope for each router that it includes; where the service requires no tokens,
everybody on this machine may do everything.
"""

from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from stocktrail.commands import COMMANDS, webhooks
from stocktrail.interfaces.service.problems import Problem
from stocktrail.interfaces.service.service import service_of
from stocktrail.interfaces.service.sessions import COOKIE
from stocktrail.ledger.store.side_tables.access import Scope

ADMIN_COMMANDS = frozenset(
    name for name, model in COMMANDS.items() if model.__module__ == webhooks.__name__
)
"""Commands that need the scope ``admin``: they send the log to other systems."""

SAFE_METHODS = frozenset(("GET", "HEAD"))
"""Methods that change nothing."""

BEARER = HTTPBearer(
    auto_error=False, scheme_name="token", description="A token of `stocktrail token create`. Not "
    "needed where the service listens on its own machine only.",
)


def require_scope(scope: Scope) -> Callable[..., Awaitable[None]]:
    """Return a dependency that admits only requests whose token covers a scope."""

    async def check(
        request: Request,
        shown: Annotated[HTTPAuthorizationCredentials | None, Depends(BEARER)],
    ) -> None:
        await authorize(request, scope, None if shown is None else shown.credentials)

    return check


async def authorize(request: Request, scope: Scope, secret: str | None) -> None:
    """Check that the token of a request covers a scope.

    The token is the ``secret``, or else that of the session whose cookie a page of the dashboard
    sends with a question. Raises a problem: 401 ``token_required``, 403 ``scope_missing``.
    """
    service = service_of(request)
    if not service.settings.require_token:
        return
    if secret is not None:
        is_cached, token = service.tokens.get(secret)
        if not is_cached:
            token = await service.in_thread(service.tokens.look_up, secret)
    elif COOKIE in request.cookies and request.method in SAFE_METHODS:
        # Forms of the dashboard, which change something, have to prove more: PageRequest.form.
        cookie = request.cookies[COOKIE]
        token = await service.in_thread(lambda: service.sessions.find(cookie))
    else:
        raise _token_required("This service asks for a token: Authorization: Bearer TOKEN.")
    if token is None or token.revoked_at is not None:
        raise _token_required("This token is not known, or it was revoked.")
    request.state.token = token.token_id
    request.state.scope = token.scope
    request.state.authorized = (scope, secret)
    if not token.allows(scope):
        raise scope_missing(token.scope, scope)


def credential_of(request: Request) -> str | None:
    """Return the id of the token that a request was authorized by, if one was asked for."""
    found: str | None = getattr(request.state, "token", None)
    return found


async def reauthorize(request: Request) -> None:
    """Authorize a long-running request again: its token may have been revoked since.

    Raises the same problems as :func:`authorize`. What the cache holds is not looked up again.
    """
    scope, secret = getattr(request.state, "authorized", (None, None))
    if scope is not None:
        await authorize(request, scope, secret)


def is_admin(request: Request) -> bool:
    """Return whether an authorized request has the scope ``admin``."""
    required = service_of(request).settings.require_token
    return not required or bool(request.state.scope == "admin")


def scope_missing(scope: str, needed: Scope) -> Problem:
    """Return the problem of a token whose scope does not cover a request (403)."""
    return Problem(
        403, "scope_missing",
        f"This token may {scope}; this takes a token with the scope {needed}.",
        details={"scope": scope, "needed": needed},
    )


def _token_required(detail: str) -> Problem:
    return Problem(401, "token_required", detail, headers={"WWW-Authenticate": "Bearer"})
