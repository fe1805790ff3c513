"""Seals: text made unreadable with a customer's key, in such a way that the same stays the same.

AES-256-SIV (RFC 5297) gives the same ciphertext for the same text, field, customer and key, and
nothing else about it away. So an aggregate that holds no key can tell that nothing changed, a
command sent twice has the same canonical form, and once the key is gone there is nothing left
against which a guess could be tried.
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode

KEY_BYTES = 64
"""AES-256-SIV takes two keys of 256 bits as one."""

_BLOCK = 32


class Seal(str):
    """A text that was sealed: the id of the key, a point, and the ciphertext in base 64."""

    __slots__ = ()

    @property
    def key_id(self) -> str:
        """The id of the key that opens it."""
        return self.partition(".")[0]


def seal(key_id: str, key: bytes, customer: str, field: str, text: str) -> Seal:
    """Seal one field of a customer; its length is hidden up to 32 bytes.

    >>> seal("k1", bytes(range(64)), "ADA", "name", "Ada").key_id
    'k1'
    """
    from cryptography.hazmat.primitives.ciphers.aead import AESSIV  # only where it is needed

    written = text.encode()
    padded = written + b"\0" * (-len(written) % _BLOCK)
    hidden = AESSIV(key).encrypt(padded, [customer.encode(), field.encode()])
    return Seal(f"{key_id}.{urlsafe_b64encode(hidden).decode()}")


def unseal(key: bytes, customer: str, field: str, sealed: str) -> str | None:
    """Read a sealed field; ``None`` when this key did not seal it for this customer and field.

    >>> key = bytes(range(64))
    >>> hidden = seal("k1", key, "ADA", "name", "Ada")
    >>> unseal(key, "ADA", "name", hidden), unseal(key, "BOB", "name", hidden)
    ('Ada', None)
    """
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESSIV

    hidden = urlsafe_b64decode(sealed.partition(".")[2])
    try:
        padded = AESSIV(key).decrypt(hidden, [customer.encode(), field.encode()])
    except InvalidTag:
        return None
    return padded.rstrip(b"\0").decode()
