"""URLs of webhooks: what the command takes can be requested, whatever it leads to."""

import asyncio
from collections.abc import Iterator
from unittest.mock import patch

import h11
from pydantic import TypeAdapter, ValidationError

from fuzzing.oracle import outcome_of, require
from stocktrail.commands.webhooks import Target
from stocktrail.feeds.webhooks import targets
from stocktrail.feeds.webhooks.targets import RefusedTarget, find_target, is_allowed

MOST_BYTES = 200
WORDS = (
    b"https://", b"http://localhost", b"[::1]", b":443", b"?", b"#", b"@", b"%00", b"\\", b"{",
    b'"', b"127.0.0.1", b"0x7f.1", b"169.254.169.254", b"::ffff:10.0.0.1", b"%25eth0", b"\t",
    b":0", b":",
)

_TARGET = TypeAdapter[str](Target)
_FOUND = ["10.0.0.1", "127.0.0.1", "93.184.215.14"]


def target(data: bytes) -> None:
    """Read a URL, and write the request that goes to it; read the text as an address too."""
    text = data.decode("utf-8", "surrogateescape")
    for on_this_machine in (True, False):
        require(
            is_allowed(text, on_this_machine=on_this_machine) in (True, False),
            "an address is allowed or not", text,
        )
    try:
        url = _TARGET.validate_python(text)
    except ValidationError:
        return
    found, at = outcome_of(lambda: asyncio.run(_find(url)), RefusedTarget)
    if found == "refused":
        return
    require(at.address in _FOUND[1:], "no address of a private network", url, at)
    require(at.encrypted or at.address == "127.0.0.1", "in the open on this machine only", url, at)
    written = h11.Connection(h11.CLIENT).send(h11.Request(
        method="POST", target=at.path, headers=[("host", at.authority), ("content-length", "0")]
    ))
    require(written is not None and written.count(b"\r\n") == 4, "one request", url, written)


async def _find(url: str) -> targets.Target:
    async def addresses(host: str, port: int) -> list[str]:
        require(bool(host) and 0 < port < 1 << 16, "a host and a port", url, host, port)
        return _FOUND

    with patch.object(targets, "_addresses", addresses):
        return await find_target(url)


def seeds() -> Iterator[bytes]:
    """Yield URLs, and addresses as name servers write them."""
    yield from (
        b"https://erp.example/hook?a=b", b"http://localhost:8080/", b"http://[::1]/x", b"https://e",
        b"https://10.0.0.1/", b"https://erp.example:443", b"127.0.0.1", b"::ffff:127.0.0.1",
        b"fe80::1%eth0", b"https://x?y",
    )
