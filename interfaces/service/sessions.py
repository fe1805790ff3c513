"""Sessions: a browser in which somebody logged in with a token has a cookie for some hours.

The cookie holds 256 random bits; the database holds their SHA-256, the id of the token and the end
of the session. Revoking a token ends its sessions. The token of forms against cross-site request
forgery is derived from the cookie, which no page of another site can read.
"""

import secrets
from hashlib import sha256
from hmac import compare_digest

from stocktrail.ledger.store import Ledger
from stocktrail.ledger.store.side_tables.access import AccessTokens, Token, digest_of
from stocktrail.ledger.store.side_tables.progress import SideTables

COOKIE = "stocktrail_session"
SECONDS = 12 * 3600
"""How long a session lasts."""

_DIGEST_BYTES = 16

_CREATE = """CREATE TABLE IF NOT EXISTS dashboard_sessions (
    digest TEXT NOT NULL PRIMARY KEY,
    token_id TEXT NOT NULL,
    ends_at BIGINT NOT NULL
)"""
_BEGIN = (
    "INSERT INTO dashboard_sessions (digest, token_id, ends_at) VALUES (:digest, :token_id, :ends)"
)
_FORGET = "DELETE FROM dashboard_sessions WHERE digest = :digest OR ends_at < :now"
_FIND = "SELECT token_id FROM dashboard_sessions WHERE digest = :digest AND ends_at >= :now"


class Sessions:
    """The sessions of one ledger's dashboard, in a table of its database."""

    def __init__(self, ledger: Ledger) -> None:
        self._database = SideTables(ledger)
        self._tokens = AccessTokens(ledger)
        self._clock = ledger.clock
        if not ledger.read_only:
            with self._database.writing() as cursor:
                cursor.execute(_CREATE)

    def begin(self, shown: str) -> tuple[str, Token] | None:
        """Begin a session and return its secret; ``None`` for an unknown or revoked token."""
        token = self._tokens.find(shown)
        if token is None or token.revoked_at is not None:
            return None
        secret, now = new_secret(), self._clock()
        with self._database.writing() as cursor:
            cursor.execute(_FORGET, {"digest": "", "now": now})
            cursor.execute(_BEGIN, {
                "digest": digest_of(secret), "token_id": token.token_id,
                "ends": now + SECONDS * 1_000_000,
            })
        return secret, token

    def find(self, secret: str) -> Token | None:
        """Return the token of a session; ``None`` when it has ended or its token was revoked."""
        with self._database.reading() as cursor:
            cursor.execute(_FIND, {"digest": digest_of(secret), "now": self._clock()})
            rows = cursor.fetchall()
        if not rows:
            return None
        token = self._tokens.with_id(rows[0]["token_id"])
        return None if token is None or token.revoked_at is not None else token

    def end(self, secret: str) -> None:
        """End a session."""
        with self._database.writing() as cursor:
            cursor.execute(_FORGET, {"digest": digest_of(secret), "now": self._clock()})


def new_secret() -> str:
    """Return a new secret for a cookie."""
    return secrets.token_urlsafe(32)


def csrf_token(secret: str) -> str:
    """Return a token that a form of a session carries against request forgery.

    It is masked at random, another one in every form: the length of compressed pages tells nothing
    of it, however often one asks (BREACH).

    >>> csrf_token("a") == csrf_token("a"), is_csrf_token("a", csrf_token("a"))
    (False, True)
    """
    mask = secrets.token_bytes(_DIGEST_BYTES)
    return (mask + _xor(mask, _digest_for_forms(secret))).hex()


def is_csrf_token(secret: str, shown: str) -> bool:
    """Return whether a form carries a token of a session.

    >>> is_csrf_token("b", csrf_token("a")), is_csrf_token("a", "none")
    (False, False)
    """
    try:
        sent = bytes.fromhex(shown)
    except ValueError:
        return False
    if len(sent) != 2 * _DIGEST_BYTES:
        return False
    mask, masked = sent[:_DIGEST_BYTES], sent[_DIGEST_BYTES:]
    return compare_digest(_xor(mask, masked), _digest_for_forms(secret))


def _digest_for_forms(secret: str) -> bytes:
    return sha256(b"form of " + secret.encode("utf-8", "surrogatepass")).digest()[:_DIGEST_BYTES]


def _xor(mask: bytes, masked: bytes) -> bytes:
    return bytes(each ^ other for each, other in zip(mask, masked, strict=True))
