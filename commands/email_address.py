"""E-mail addresses, judged when they are registered and not when the first notice fails.

One address as mail servers take it: a local part in ASCII, and a domain, which may be written in
any script. Its other form, in ASCII, is the one that is looked up (IDNA).
"""

import re
from typing import Annotated

from pydantic import AfterValidator, StringConstraints, WithJsonSchema
from pydantic_core import PydanticCustomError

MOST_OCTETS = 254
"""How long an address may be, as it is sent (RFC 5321)."""

_MOST_LOCAL = 64
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LOCAL = re.compile(rf"{_ATOM}(\.{_ATOM})*")
_LABEL = r"[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_DOMAIN = re.compile(rf"{_LABEL}(\.{_LABEL})*")

_LIKE = "must be one e-mail address, such as ada@shop.example"


def ascii_address(written: str) -> str:
    """Return an address as it is sent: its domain in ASCII.

    Raises ``ValueError`` with the reason when it is no address, without repeating it: an address is
    personal.

    >>> ascii_address("ada@shop.example"), ascii_address("ada@bücher.example")
    ('ada@shop.example', 'ada@xn--bcher-kva.example')
    >>> ascii_address("ada@shop.example,bob@shop.example")
    Traceback (most recent call last):
    ValueError: must be one e-mail address, such as ada@shop.example; this names several
    """
    if any(mark.isspace() or not mark.isprintable() for mark in written.strip(" ")):
        raise ValueError(f"{_LIKE}, without spaces and line ends")
    if written != written.strip(" "):
        raise ValueError(f"{_LIKE}, without spaces around it")
    local, at, domain = written.rpartition("@")
    if not at:
        raise ValueError(f"{_LIKE}; there is no @ in this")
    if any(mark in written for mark in ",;") or "@" in local:
        raise ValueError(f"{_LIKE}; this names several")
    if not local.isascii():
        raise ValueError(f"{_LIKE}; mail servers take only ASCII before the @")
    if len(local) > _MOST_LOCAL or _LOCAL.fullmatch(local) is None:
        raise ValueError(f"{_LIKE}; what stands before the @ is no name of a mailbox")
    domain = _in_ascii(domain)
    if len(local) + 1 + len(domain) > MOST_OCTETS:
        raise ValueError(f"{_LIKE}, with at most {MOST_OCTETS} characters")
    return f"{local}@{domain}"


def _in_ascii(domain: str) -> str:
    try:
        found = domain.encode("idna").decode("ascii")
    except UnicodeError:
        found = ""
    if _DOMAIN.fullmatch(found) is None:
        raise ValueError(f"{_LIKE}; what stands after the @ is no name of a domain")
    return found


def _judge(written: str) -> str:
    try:
        ascii_address(written)
    except ValueError as error:
        raise PydanticCustomError("bad_email", "{why}", {"why": str(error)}) from None
    return written


EmailAddress = Annotated[
    str, StringConstraints(min_length=1, max_length=1000), AfterValidator(_judge),
    WithJsonSchema({
        "type": "string", "minLength": 3, "maxLength": MOST_OCTETS,
        "pattern": rf"^{_ATOM}(\.{_ATOM})*@{_LABEL}(\.{_LABEL})*$",
    }),
]
"""One e-mail address, as it was written."""
