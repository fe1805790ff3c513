"""Deterministic encryption of personal text with a customer's key.

AES-256-SIV (RFC 5297) returns the same ciphertext for the same text, field, customer and key, and
reveals nothing else. An aggregate without the key can therefore detect that nothing changed, a
command sent twice has the same canonical form, and once the key is destroyed no guess can be
tested.
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode

KEY_BYTES = 64
"""AES-256-SIV takes two keys of 256 bits as one."""

_BLOCK = 32


class Ciphertext(str):
    """An encrypted text: the id of the key, a dot, and the ciphertext in base 64."""

    __slots__ = ()

    @property
    def key_id(self) -> str:
        """The id of the key that decrypts it."""
        return self.partition(".")[0]


def encrypt(key_id: str, key: bytes, customer: str, field: str, text: str) -> Ciphertext:
    """Return one field of a customer as ciphertext; its length is hidden up to 32 bytes.

    >>> encrypt("k1", bytes(range(64)), "ADA", "name", "Ada").key_id
    'k1'
    """
    from cryptography.hazmat.primitives.ciphers.aead import AESSIV  # slow to import

    written = text.encode()
    padded = written + b"\0" * (-len(written) % _BLOCK)
    hidden = AESSIV(key).encrypt(padded, [customer.encode(), field.encode()])
    return Ciphertext(f"{key_id}.{urlsafe_b64encode(hidden).decode()}")


def decrypt(key: bytes, customer: str, field: str, sealed: str) -> str | None:
    """Return the text of an encrypted field, or ``None`` for another key, customer or field.

    >>> key = bytes(range(64))
    >>> hidden = encrypt("k1", key, "ADA", "name", "Ada")
    >>> decrypt(key, "ADA", "name", hidden), decrypt(key, "BOB", "name", hidden)
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
