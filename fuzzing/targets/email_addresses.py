"""E-mail addresses: what is taken can be sent to, and is one address to every reader."""

from collections.abc import Iterator
from email.headerregistry import Address

from fuzzing.oracle import outcome_of, require
from stocktrail.commands.email_address import MOST_OCTETS, ascii_address

MOST_BYTES = 320
EXAMPLE = "ada@shop.example"
WORDS = (
    b"@", b"ada@shop.example", b"xn--", b".", b",", b'"', b"<", b"\r\nBcc: ", "ß".encode(),
    b"\xc2\xad", "。".encode(), "bücher".encode(), b"\xe2\x80\x8b", b"+", b" ", b"..", b"-.",
)


def target(data: bytes) -> None:
    """Read a text as an address, and what is taken again as it is sent."""
    text = data.decode("utf-8", "surrogateescape")
    found, address = outcome_of(lambda: ascii_address(text), ValueError)
    if found == "refused":
        said = address.replace(EXAMPLE, "")
        require(len(text) < len(EXAMPLE) or text not in said, "not repeated", text, address)
        return
    require(address.isascii() and len(address) <= MOST_OCTETS, "short, and in ASCII", address)
    require(not any(mark.isspace() for mark in address), "on one line, without spaces", address)
    require(ascii_address(address) == address, "taken again as it is sent", text, address)
    require(Address(addr_spec=address).addr_spec == address, "one address of a header", address)


def seeds() -> Iterator[bytes]:
    """Yield addresses in several scripts, and some that are none."""
    yield from (
        b"ada@shop.example", "ada@bücher.example".encode(), b"a.b+c@x-y.example",
        b"a@b@c.example", b"ada@shop.example,bob@shop.example", "ada@日本。example".encode(),
        b"ada@", b" a@b.example",
    )
