"""The gate: who may ask, and who may command.

``Authorization: Bearer TOKEN`` carries a token that ``stocktrail token create`` printed. A router
is put behind the gate when it is included, see :mod:`interfaces.api.application`; where no token is
required everybody on this machine may do everything.
"""

from collections.abc import Awaitable, Callable
from time import monotonic
from typing import Annotated

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from interfaces.api.problems import Problem
from ledger.store.access import AccessTokens, Scope, Token

_MOST_REMEMBERED = 10_000

BEARER = HTTPBearer(
    auto_error=False, scheme_name="token", description="A token of `stocktrail token create`. Not "
    "needed where the service listens on its own machine only.",
)


class Gate:
    """Knows tokens for a moment, so that not every request looks them up."""

    def __init__(self, tokens: AccessTokens, seconds: float) -> None:
        self.tokens = tokens
        self._seconds = seconds
        self._known: dict[str, tuple[float, Token | None]] = {}

    def remembered(self, secret: str) -> tuple[bool, Token | None]:
        """Say whether a token was looked up a moment ago, and what is known of it."""
        until, token = self._known.get(secret, (0.0, None))
        return until > monotonic(), token

    def look_up(self, secret: str) -> Token | None:
        """Look a token up, and remember for a moment what is known of it."""
        token = self.tokens.find(secret)
        if len(self._known) >= _MOST_REMEMBERED:
            self._known.clear()
        self._known[secret] = (monotonic() + self._seconds, token)
        return token


def allow(scope: Scope) -> Callable[..., Awaitable[None]]:
    """Give the dependency that lets only tokens pass which cover a scope."""

    async def check(
        request: Request,
        shown: Annotated[HTTPAuthorizationCredentials | None, Depends(BEARER)],
    ) -> None:
        await admit(request, scope, None if shown is None else shown.credentials)

    return check


async def admit(request: Request, scope: Scope, secret: str | None) -> None:
    """Let a request pass whose token covers a scope. Raises a problem (401, 403) for others."""
    from interfaces.api.service import service_of

    service = service_of(request)
    if not service.settings.require_token:
        return
    if secret is None:
        raise _unknown("This service asks for a token: Authorization: Bearer TOKEN.")
    known, token = service.gate.remembered(secret)
    if not known:
        token = await service.in_thread(service.gate.look_up, secret)
    if token is None or token.revoked_at is not None:
        raise _unknown("This token is not known, or it was revoked.")
    request.state.token = token.token_id
    request.state.scope = token.scope
    if not token.allows(scope):
        raise missing(token.scope, scope)


def is_admin(request: Request) -> bool:
    """Tell whether a request that was let in may do everything."""
    from interfaces.api.service import service_of

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
