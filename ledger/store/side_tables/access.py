"""Access tokens: who may read and command over the network; stored beside the log, not in it.

A token is 256 random bits, so its SHA-256 is stored: it cannot be guessed, and a slow password hash
would cost every request time without protecting anything. The log and its exports never contain a
token, and revoking one does not undo what it was used for.
"""

import secrets
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Literal

from stocktrail.ledger.store.application import Ledger
from stocktrail.ledger.store.side_tables.progress import SideTables

Scope = Literal["read", "command", "admin"]

SCOPES: tuple[Scope, ...] = ("read", "command", "admin")
"""What a token may do; each scope includes those before it."""

PREFIX = "st_"
"""How every token begins, so that a token published by mistake can be searched for."""

_CREATE = """CREATE TABLE IF NOT EXISTS access_tokens (
    token_id TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    scope TEXT NOT NULL,
    digest TEXT NOT NULL UNIQUE,
    created_at BIGINT NOT NULL,
    revoked_at BIGINT
)"""
_INSERT = (
    "INSERT INTO access_tokens (token_id, name, scope, digest, created_at) "
    "VALUES (:token_id, :name, :scope, :digest, :created_at)"
)
_COLUMNS = "SELECT token_id, name, scope, created_at, revoked_at FROM access_tokens"
_REVOKE = (
    "UPDATE access_tokens SET revoked_at = :now "
    "WHERE token_id = :token_id AND revoked_at IS NULL"
)


@dataclass(frozen=True, slots=True)
class Token:
    """The stored data of a token, without its secret. Times are microseconds since 1970."""

    token_id: str
    name: str
    scope: Scope
    created_at: int
    revoked_at: int | None

    def allows(self, scope: Scope) -> bool:
        """Return whether the token may be used for what a scope covers.

        >>> Token("1", "shop", "command", 0, None).allows("read")
        True
        >>> Token("1", "shop", "command", 0, 5).allows("read")
        False
        """
        return self.revoked_at is None and SCOPES.index(self.scope) >= SCOPES.index(scope)


class AccessTokens:
    """The tokens of one ledger."""

    def __init__(self, ledger: Ledger) -> None:
        self._database = SideTables(ledger)
        self._clock = ledger.clock
        if not ledger.read_only:
            with self._database.writing() as cursor:
                cursor.execute(_CREATE)

    def create(self, name: str, scope: Scope) -> tuple[str, Token]:
        """Create a token, and return its secret, which is not stored, with its data."""
        secret = PREFIX + secrets.token_urlsafe(32)
        token = Token(secrets.token_hex(4), name, scope, self._clock(), None)
        with self._database.writing() as cursor:
            cursor.execute(_INSERT, {
                "token_id": token.token_id, "name": name, "scope": scope,
                "digest": digest_of(secret), "created_at": token.created_at,
            })
        return secret, token

    def find(self, secret: str) -> Token | None:
        """Return the data of the token with this secret, or ``None``."""
        found = self._tokens("WHERE digest = :digest", digest=digest_of(secret))
        return found[0] if found else None

    def with_id(self, token_id: str) -> Token | None:
        """Return the data of the token with this id, or ``None``."""
        found = self._tokens("WHERE token_id = :token_id", token_id=token_id)
        return found[0] if found else None

    def every(self) -> list[Token]:
        """Return all tokens, also revoked ones, in order of creation."""
        return self._tokens("ORDER BY created_at, token_id")

    def revoke(self, token_id: str) -> Token | None:
        """Revoke a token, and return it; ``None`` if there is none with this id.

        Revoking it again changes nothing.
        """
        with self._database.writing() as cursor:
            cursor.execute(_REVOKE, {"token_id": token_id, "now": self._clock()})
        return self.with_id(token_id)

    def _tokens(self, condition: str, **parameters: Any) -> list[Token]:
        with self._database.reading() as cursor:
            cursor.execute(f"{_COLUMNS} {condition}", parameters)
            rows = cursor.fetchall()
        return [
            Token(row["token_id"], row["name"], row["scope"], row["created_at"], row["revoked_at"])
            for row in rows
        ]


def digest_of(secret: str) -> str:
    """Return the SHA-256 that is stored for a secret token.

    >>> digest_of("st_example")[:12]
    '7f44226d9179'
    """
    return sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()
