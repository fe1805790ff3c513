"""Targets: where a webhook may be sent, judged on the very address that is then called.

A name is looked up once, and the connection is made to an address that was checked: a name server
that answers differently the next time leads nowhere. Only public addresses are called, or this
machine where the URL itself says so, or networks that a setting allows.
"""

import asyncio
import socket
from collections.abc import Sequence
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)
from typing import NamedTuple
from urllib.parse import urlsplit

from commands.webhooks import LOOPBACK_HOSTS

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

_NAT64 = ip_network("64:ff9b::/96")


class RefusedTarget(Exception):
    """A target that must not be called, with the sentence that says why."""


class Target(NamedTuple):
    """What to call: an address that was checked, and how to ask there."""

    address: str
    port: int
    host: str
    authority: str
    path: str
    encrypted: bool


def networks(text: str) -> list[Network]:
    """Read a list of networks, separated by commas. Raises ``ValueError`` for what is none.

    >>> networks("10.0.0.0/8, fd00::/8")
    [IPv4Network('10.0.0.0/8'), IPv6Network('fd00::/8')]
    """
    return [ip_network(each.strip()) for each in text.split(",") if each.strip()]


def plain(address: Address) -> Address:
    """Give the IPv4 address that an IPv6 address stands for, if it stands for one.

    >>> plain(ip_address("::ffff:10.0.0.1")), plain(ip_address("64:ff9b::7f00:1"))
    (IPv4Address('10.0.0.1'), IPv4Address('127.0.0.1'))
    """
    if isinstance(address, IPv6Address):
        teredo = address.teredo
        inner = address.ipv4_mapped or address.sixtofour or (teredo[1] if teredo else None)
        if inner is None and address in _NAT64:
            inner = IPv4Address(int(address) & 0xFFFFFFFF)
        return inner or address
    return address


def is_allowed(
    written: str, *, on_this_machine: bool, allowed: Sequence[Network] = ()
) -> bool:
    """Tell whether an address may be called.

    >>> [is_allowed(a, on_this_machine=False) for a in ("93.184.215.14", "10.0.0.1", "127.0.0.1")]
    [True, False, False]
    >>> is_allowed("10.0.0.1", on_this_machine=False, allowed=networks("10.0.0.0/8"))
    True
    """
    address = plain(ip_address(written.partition("%")[0]))
    if any(address in network for network in allowed):
        return True
    if address.is_loopback:
        return on_this_machine
    return address.is_global and not address.is_multicast and not on_this_machine


async def find_target(url: str, allowed: Sequence[Network] = ()) -> Target:
    """Look up where a URL leads, and check it.

    Raises :class:`RefusedTarget` when nothing that may be called is there.
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
