"""The token cache: what is known of the tokens that requests carry, for a moment."""

from stocktrail.interfaces.service.expiring_cache import ExpiringCache
from stocktrail.ledger.store.cache_size import CacheSize
from stocktrail.ledger.store.side_tables.access import AccessTokens, Token, digest_of


class TokenCache:
    """Access tokens with a short-lived cache, so that not every request queries the database.

    It holds digests, of fixed size and bounded in number. Unknown tokens have a cache of their own:
    however many are tried, those that are known stay cached.
    """

    def __init__(self, tokens: AccessTokens, seconds: float) -> None:
        self.tokens = tokens
        self._known: ExpiringCache[Token] = ExpiringCache(seconds)
        self._unknown: ExpiringCache[None] = ExpiringCache(seconds)

    def get(self, secret: str) -> tuple[bool, Token | None]:
        """Return whether the cache holds a token, and the token (``None`` when it is unknown)."""
        digest = digest_of(secret)
        is_known, token = self._known.get(digest)
        return (True, token) if is_known else self._unknown.get(digest)

    def look_up(self, secret: str) -> Token | None:
        """Return a token from the database, ``None`` when it is unknown, and cache the result."""
        token, digest = self.tokens.find(secret), digest_of(secret)
        if token is None:
            self._unknown.put(digest, None)
        else:
            self._known.put(digest, token)
        return token

    def sizes(self) -> list[CacheSize]:
        """Return how much memory known and unknown tokens take, and how much at most."""
        return [self._known.size("tokens"), self._unknown.size("unknown_tokens")]

    def __len__(self) -> int:
        return len(self._known) + len(self._unknown)
