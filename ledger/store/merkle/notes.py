"""Signed notes (C2SP ``signed-note``): a few lines of text with Ed25519 signatures.

A signature line is ``— name base64``, whose bytes are a 4-byte key id and the signature of the
text. Keys are written as the Go tools write them, on one line: the private one in a file that only
its owner can read, the public one for verifiers.
"""

import os
from base64 import b64decode, b64encode
from binascii import Error as Base64Error
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from stocktrail.ledger.refusal import Refusal

_ED25519 = b"\1"
_PRIVATE = "PRIVATE+KEY+"


def _key_id(name: str, public: bytes) -> bytes:
    return sha256(name.encode() + b"\n" + _ED25519 + public).digest()[:4]


class Verifier(NamedTuple):
    """A public key with its name, which verifies the signatures of notes."""

    name: str
    public: bytes

    @property
    def key_id(self) -> bytes:
        """The 4 bytes by which a signature refers to its key."""
        return _key_id(self.name, self.public)

    def as_text(self) -> str:
        """Return the key on one line."""
        written = b64encode(_ED25519 + self.public).decode()
        return f"{self.name}+{self.key_id.hex()}+{written}"

    @classmethod
    def of_text(cls, text: str) -> "Verifier":
        """Return the key in a line.

        Raises :class:`~stocktrail.ledger.refusal.Refusal` (``bad_key``).
        """
        try:
            name, key_id, written = text.strip().split("+", 2)
            raw = b64decode(written, validate=True)
            found = cls(name, raw[1:])
            if raw[:1] == _ED25519 and len(raw) == 33 and found.key_id.hex() == key_id:
                return found
        except ValueError:                       # it is not base 64, or its name not text
            pass
        raise _bad_key("public")

    def has_signed(self, text: str, signature: bytes) -> bool:
        """Return whether a signature of a text is valid."""
        from cryptography.exceptions import InvalidSignature
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature, text.encode())
        except InvalidSignature:
            return False
        return True


class Signer(NamedTuple):
    """A private key with its name."""

    name: str
    seed: bytes

    @classmethod
    def new(cls, name: str) -> "Signer":
        """Return a new key.

        Raises :class:`Refusal` (``bad_key_name``) for a name with spaces or ``+``.
        """
        if not name or "+" in name or any(each.isspace() for each in name):
            raise Refusal(
                "bad_key_name",
                f"{name!r} cannot name a key: write it without spaces and without +, such as "
                "example.org/shop.",
            )
        return cls(name, os.urandom(32))

    @property
    def verifier(self) -> Verifier:
        """The public key."""
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

        private = Ed25519PrivateKey.from_private_bytes(self.seed)
        return Verifier(self.name, private.public_key().public_bytes_raw())

    def sign(self, text: str) -> str:
        """Return the note: the text and its signature."""
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

        signature = Ed25519PrivateKey.from_private_bytes(self.seed).sign(text.encode())
        written = b64encode(self.verifier.key_id + signature).decode()
        return f"{text}\n\N{EM DASH} {self.name} {written}\n"

    def save(self, path: Path) -> None:
        """Write the key to a new file that only its owner can read.

        Raises :class:`Refusal` (``key_exists``) when the file exists.
        """
        written = b64encode(_ED25519 + self.seed).decode()
        line = f"{_PRIVATE}{self.name}+{self.verifier.key_id.hex()}+{written}\n"
        try:
            file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            raise Refusal(
                "key_exists", f"{path} is there already; a key is never written over."
            ) from None
        with open(file, "w", encoding="utf-8") as key:
            key.write(line)

    @classmethod
    def load(cls, path: Path) -> "Signer":
        """Return the key in a file.

        Raises :class:`Refusal`: ``key_not_found``, ``bad_key``, or ``key_is_open`` when others than
        its owner can read the file.
        """
        try:
            if path.stat().st_mode & 0o077:
                raise Refusal(
                    "key_is_open",
                    f"Others may read {path}. Run `chmod 600` on it, or make a new key if somebody "
                    "may have.",
                )
            text = path.read_text(encoding="utf-8").strip()
        except FileNotFoundError:
            raise Refusal(
                "key_not_found",
                f"There is no signing key at {path}. Make one with `stocktrail new-key --name "
                "example.org/shop`, and keep it where nobody who writes to the database can.",
            ) from None
        try:
            name, key_id, written = text.removeprefix(_PRIVATE).split("+", 2)
            raw = b64decode(written, validate=True)
        except (ValueError, Base64Error):
            raise _bad_key("private") from None
        if not text.startswith(_PRIVATE) or raw[:1] != _ED25519 or len(raw) != 33:
            raise _bad_key("private")
        found = cls(name, raw[1:])
        if found.verifier.key_id.hex() != key_id:
            raise _bad_key("private")
        return found


def signatures_of(note: str) -> tuple[str, dict[tuple[str, bytes], bytes]]:
    """Return the text of a note, and its signatures by name and key id.

    Raises ``ValueError`` for any other text.
    """
    text, found, lines = note.rpartition("\n\n")
    if not found:
        raise ValueError("it has no signatures")
    signatures = {}
    for line in lines.splitlines():
        dash, name, written = line.split(" ")
        raw = b64decode(written, validate=True)
        if dash != "\N{EM DASH}" or len(raw) < 5:
            raise ValueError("a signature line is not one")
        signatures[name, raw[:4]] = raw[4:]
    if not signatures:
        raise ValueError("it has no signatures")
    return f"{text}\n", signatures


def _bad_key(kind: str) -> Refusal:
    return Refusal("bad_key", f"That is no {kind} key of stocktrail.")
