"""The encoding of addresses: they must be text, and an id in a path may hold a slash."""

import re
from urllib.parse import unquote, unquote_to_bytes

from starlette.types import Scope

from stocktrail.interfaces.service.problems import Problem

_KEPT_ENCODED = re.compile(rb"%2f|%25", re.IGNORECASE)


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


def check_is_text(scope: Scope) -> Problem | None:
    """Return a problem (422) when the path or the query of a request is not text.

    Other bytes would be decoded into another text, or, as NUL, be refused by the database only when
    it is used.
    """
    if is_text(scope["query_string"]) and is_text(scope.get("raw_path") or b""):
        return None
    return Problem(
        422, "bad_parameter", "The address holds a character that no text has: NUL, or bytes that "
        "are not UTF-8.",
    )


def path_to_route(scope: Scope) -> str:
    """Return the decoded path, in which slashes and percent signs of an id stay encoded.

    Otherwise an id with a slash would be routed as two parts of the path.
    """
    raw = scope.get("raw_path")
    if not raw or not _KEPT_ENCODED.search(raw):
        return str(scope["path"])
    parts = raw.partition(b"?")[0].decode("ascii", "replace").split("/")
    return "/".join(unquote(part).replace("%", "%25").replace("/", "%2F") for part in parts)
