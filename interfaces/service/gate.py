"""The gate: who may ask, and who may command.

``Authorization: Bearer TOKEN`` carries a token that ``stocktrail token create`` printed. A router
is put behind the gate when it is included, see :mod:`stocktrail.interfaces.api.application`; where
no token is required everybody on this machine may do everything.
"""

from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from stocktrail.interfaces.service.problems import Problem
from stocktrail.interfaces.service.remembered import Remembered
from stocktrail.interfaces.service.sessions import COOKIE, sessions_of
from stocktrail.ledger.store.side_tables.access import AccessTokens, Scope, Token, digest_of

_SAFE = frozenset(("GET", "HEAD"))

BEARER = HTTPBearer(
    auto_error=False, scheme_name="token", description="A token of `stocktrail token create`. Not "
    "needed where the service listens on its own machine only.",
)


class Gate:
    """Knows tokens for a moment, so that not every request looks them up.

    What it remembers are digests, of fixed size and bounded in number. Tokens that nobody knows
    are remembered apart: however many are tried, those that are known stay.
    """

    def __init__(self, tokens: AccessTokens, seconds: float) -> None:
        self.tokens = tokens
        self._known: Remembered[Token] = Remembered(seconds)
        self._unknown: Remembered[None] = Remembered(seconds)

    def remembered(self, secret: str) -> tuple[bool, Token | None]:
        """Return whether a token was looked up a moment ago, and what is known of it."""
        digest = digest_of(secret)
        is_known, token = self._known.get(digest)
        return (True, token) if is_known else self._unknown.get(digest)

    def look_up(self, secret: str) -> Token | None:
        """Look a token up, and remember for a moment what is known of it."""
        token, digest = self.tokens.find(secret), digest_of(secret)
        if token is None:
            self._unknown.put(digest, None)
        else:
            self._known.put(digest, token)
        return token

    def __len__(self) -> int:
        return len(self._known) + len(self._unknown)


def allow(scope: Scope) -> Callable[..., Awaitable[None]]:
    """Return the dependency that lets only tokens pass which cover a scope."""

    async def check(
        request: Request,
        shown: Annotated[HTTPAuthorizationCredentials | None, Depends(BEARER)],
    ) -> None:
        await admit(request, scope, None if shown is None else shown.credentials)

    return check


async def admit(request: Request, scope: Scope, secret: str | None) -> None:
    """Let a request pass whose token covers a scope. Raises a problem (401, 403) for others."""
    from stocktrail.interfaces.service.service import service_of

    service = service_of(request)
    if not service.settings.require_token:
        return
    if secret is not None:
        known, token = service.gate.remembered(secret)
        if not known:
            token = await service.in_thread(service.gate.look_up, secret)
    elif COOKIE in request.cookies and request.method in _SAFE:
        # A page of the dashboard may ask; forms that change something are judged by the dashboard.
        token = await service.in_thread(
            sessions_of(service.ledger).find, request.cookies[COOKIE]
        )
    else:
        raise _unknown("This service asks for a token: Authorization: Bearer TOKEN.")
    if token is None or token.revoked_at is not None:
        raise _unknown("This token is not known, or it was revoked.")
    request.state.token = token.token_id
    request.state.scope = token.scope
    request.state.admitted = (scope, secret)
    if not token.allows(scope):
        raise missing(token.scope, scope)


async def admit_again(request: Request) -> None:
    """Look again at a request that was let in a while ago: its token may have been revoked since.

    Raises the same problems as :func:`admit`. What was found a moment ago is taken as it is.
    """
    scope, secret = getattr(request.state, "admitted", (None, None))
    if scope is not None:
        await admit(request, scope, secret)


def is_admin(request: Request) -> bool:
    """Return whether a request that was let in may do everything."""
    from stocktrail.interfaces.service.service import service_of

    required = service_of(request).settings.require_token
    return not required or bool(request.state.scope == "admin")


def missing(scope: str, needed: Scope) -> Problem:
    """Refuse what a token of another scope may do."""
    return Problem(
        403, "scope_missing",
        f"This token may {scope}; this takes a token with the scope {needed}.",
        details={"scope": scope, "needed": needed},
    )


def _unknown(detail: str) -> Problem:
    return Problem(401, "token_required", detail, headers={"WWW-Authenticate": "Bearer"})
