"""Targets: where a webhook may be sent, checked on the address that is then connected to.

A name is resolved once, and the connection is made to the checked address, so that a name server
that answers differently the second time (DNS rebinding) gains nothing. Allowed are public addresses
(:mod:`stocktrail.feeds.webhooks.special_purpose`), this machine where the URL says so, and networks
that a setting allows.
"""

import asyncio
import socket
from collections.abc import Sequence
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import NamedTuple
from urllib.parse import urlsplit

from stocktrail.commands.webhooks import LOOPBACK_HOSTS
from stocktrail.feeds.webhooks.special_purpose import is_public, meant

Network = IPv4Network | IPv6Network


class RefusedTarget(Exception):
    """A target that must not be connected to, with the sentence that says why."""


class Target(NamedTuple):
    """The checked address to connect to, and the parts of the request."""

    address: str
    port: int
    host: str
    authority: str
    path: str
    encrypted: bool


def networks(text: str) -> list[Network]:
    """Return the networks in a list separated by commas. Raises ``ValueError`` for a bad one.

    >>> networks("10.0.0.0/8, fd00::/8")
    [IPv4Network('10.0.0.0/8'), IPv6Network('fd00::/8')]
    """
    return [ip_network(each.strip()) for each in text.split(",") if each.strip()]


def is_allowed(
    written: str, *, on_this_machine: bool, allowed: Sequence[Network] = ()
) -> bool:
    """Return whether an address, as a name server or a URL wrote it, may be connected to.

    >>> [is_allowed(a, on_this_machine=False) for a in ("93.184.215.14", "10.0.0.1", "127.0.0.1")]
    [True, False, False]
    >>> is_allowed("10.0.0.1", on_this_machine=False, allowed=networks("10.0.0.0/8"))
    True
    """
    try:
        written_address = ip_address(written)
        address = meant(ip_address(written.partition("%")[0]))
    except ValueError:
        return False
    if any(address in network for network in allowed):
        return True
    if address.is_loopback:
        return on_this_machine
    return is_public(written_address) and not on_this_machine


async def find_target(url: str, allowed: Sequence[Network] = ()) -> Target:
    """Resolve the host of a URL, and check the address.

    Raises :class:`RefusedTarget` when it has no allowed address.
    """
    parts = urlsplit(url)
    host, encrypted = parts.hostname or "", parts.scheme == "https"
    on_this_machine = host in LOOPBACK_HOSTS
    if not encrypted and not on_this_machine:
        raise RefusedTarget(f"{url} is neither https nor on this machine.")
    port = parts.port or (443 if encrypted else 80)
    found = await _addresses(host, port)
    for address in found:
        if is_allowed(address, on_this_machine=on_this_machine, allowed=allowed):
            path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
            return Target(address, port, host, parts.netloc, path, encrypted)
    raise RefusedTarget(
        f"{host} leads to {', '.join(found)}, which is no public address. Allow its network with "
        "STOCKTRAIL_WEBHOOK_NETWORKS if it may be called."
    )


async def _addresses(host: str, port: int) -> list[str]:
    looking_up = asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    try:
        found = await looking_up
    except (OSError, UnicodeError) as error:
        raise RefusedTarget(f"The name {host} cannot be looked up ({error}).") from None
    return list(dict.fromkeys(str(each[4][0]) for each in found))
