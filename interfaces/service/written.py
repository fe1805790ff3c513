"""What is written in an address: text, or a problem.

An address may hold any bytes, percent-encoded. Those that are no text would be read as other ones
or, as NUL, refused by the database long after.
"""

from urllib.parse import unquote_to_bytes

from starlette.types import Scope

from stocktrail.interfaces.service.problems import Problem


def is_text(encoded: bytes) -> bool:
    """Return whether a percent-encoded part of an address is text in UTF-8 without NUL.

    >>> is_text(b"a%2Fb"), is_text(b"a%00b"), is_text(b"%ED%A0%80"), is_text(b"%FF")
    (True, False, False, False)
    """
    decoded = unquote_to_bytes(encoded) if b"%" in encoded else encoded
    if decoded.isascii():
        return b"\0" not in decoded
    try:
        decoded.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return encoded.isascii() and b"\0" not in decoded


def not_text(scope: Scope) -> Problem | None:
    """Refuse an address that holds what is no text."""
    if is_text(scope["query_string"]) and is_text(scope.get("raw_path") or b""):
        return None
    return Problem(
        422, "bad_parameter", "The address holds a character that no text has: NUL, or bytes that "
        "are not UTF-8.",
    )
