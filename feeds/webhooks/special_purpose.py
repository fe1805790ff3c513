"""Special-purpose addresses: the address ranges that are not public, as registered by IANA.

The list is kept here because what Python's ``ipaddress`` considers public changes from release to
release. Sources: IANA's *IPv4* and *IPv6 Special-Purpose Address Registry*, *IPv6 Address Space*
and *Multicast*. Registered ranges are rejected even where they are globally reachable (AS 112,
AMT), because no receiver of webhooks has such an address.
"""

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network

Address = IPv4Address | IPv6Address

SPECIAL_IPV4 = tuple(map(IPv4Network, (
    "0.0.0.0/8",            # this network
    "10.0.0.0/8",           # private
    "100.64.0.0/10",        # shared by customers of a provider
    "127.0.0.0/8",          # loopback
    "169.254.0.0/16",       # link-local, and the metadata of clouds
    "172.16.0.0/12",        # private
    "192.0.0.0/24",         # IETF protocol assignments
    "192.0.2.0/24",         # documentation
    "192.31.196.0/24",      # AS 112
    "192.52.193.0/24",      # AMT
    "192.88.99.0/24",       # 6to4 relays, deprecated
    "192.168.0.0/16",       # private
    "192.175.48.0/24",      # AS 112
    "198.18.0.0/15",        # benchmarks
    "198.51.100.0/24",      # documentation
    "203.0.113.0/24",       # documentation
    "224.0.0.0/4",          # multicast
    "240.0.0.0/4",          # reserved, and the broadcast address
)))

GLOBAL_UNICAST = IPv6Network("2000::/3")
"""The range that IANA assigns publicly; no address outside it is public.

Outside it are loopback, ``::a.b.c.d``, discard-only, ``64:ff9b:1::/48`` (local NAT64), unique
local, link-local, site-local (``fec0::/10``), segment routing and multicast.
"""

SPECIAL_IPV6 = tuple(map(IPv6Network, (
    "2001::/23",            # IETF protocol assignments: Teredo, benchmarks, ORCHID, AMT, AS 112 ...
    "2001:db8::/32",        # documentation
    "2002::/16",            # 6to4, deprecated: leads to whatever IPv4 address it embeds
    "2620:4f:8000::/48",    # AS 112
    "3ffe::/16",            # the 6bone, returned to IANA
    "3fff::/20",            # documentation
)))

_NAT64 = IPv6Network("64:ff9b::/96")
_ISATAP = 0x5EFE
_ISATAP_UNIVERSAL = 0x0200_0000


def meant(address: Address) -> Address:
    """Return the IPv4 address that an IPv6 address embeds, if it is a mere notation for it.

    This covers mapped addresses, and those that the well-known NAT64 prefix translates.

    >>> meant(IPv6Address("::ffff:10.0.0.1")), meant(IPv6Address("64:ff9b::7f00:1"))
    (IPv4Address('10.0.0.1'), IPv4Address('127.0.0.1'))
    >>> meant(IPv6Address("2606:4700::1"))
    IPv6Address('2606:4700::1')
    """
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped is not None:
            return address.ipv4_mapped
        if address in _NAT64:
            return IPv4Address(int(address) & 0xFFFF_FFFF)
    return address


def is_public(address: Address) -> bool:
    """Return whether an address is publicly reachable, and no way into a private network.

    >>> [is_public(IPv4Address(each)) for each in ("93.184.215.14", "192.168.0.1", "224.0.0.1")]
    [True, False, False]
    >>> [is_public(IPv6Address(each)) for each in ("2606:4700::1", "fec0::1", "::127.0.0.1")]
    [True, False, False]
    """
    address = meant(address)
    if isinstance(address, IPv4Address):
        return not any(address in network for network in SPECIAL_IPV4)
    return (
        address in GLOBAL_UNICAST
        and address.scope_id is None
        and not any(address in network for network in SPECIAL_IPV6)
        and not _is_isatap(address)
    )


def _is_isatap(address: IPv6Address) -> bool:
    """Return whether the address ends in ``5efe:a.b.c.d``, a tunnel to an IPv4 address."""
    return (int(address) >> 32) & 0xFFFF_FFFF & ~_ISATAP_UNIVERSAL == _ISATAP
