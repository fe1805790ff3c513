"""A webhook calls public addresses only, however they are written, on every Python the same."""

import asyncio

import pytest

from stocktrail.feeds.webhooks.targets import RefusedTarget, find_target, is_allowed, networks

NOWHERE_PUBLIC = [
    "0.0.0.0", "0.1.2.3", "10.0.0.1", "100.64.0.1", "100.127.255.255", "127.0.0.1", "127.255.0.1",
    "169.254.169.254", "172.16.0.1", "172.31.255.255", "192.0.0.1", "192.0.0.8", "192.0.0.9",
    "192.0.0.10", "192.0.0.170", "192.0.2.1", "192.31.196.1", "192.52.193.1", "192.88.99.1",
    "192.168.1.1", "192.175.48.1", "198.18.0.1", "198.19.255.255", "198.51.100.1", "203.0.113.1",
    "224.0.0.1", "239.255.255.250", "240.0.0.1", "255.255.255.255", "::", "::1", "::127.0.0.1",
    "::10.0.0.1", "::93.184.215.14", "::ffff:10.0.0.1", "::ffff:127.0.0.1",
    "::ffff:169.254.169.254", "::ffff:0:10.0.0.1", "::ffff:0:93.184.215.14", "64:ff9b::10.0.0.1",
    "64:ff9b::127.0.0.1", "64:ff9b::224.0.0.1", "64:ff9b:1::1", "64:ff9b:1::10.0.0.1",
    "64:ff9b:1:ffff::1", "100::1", "100:0:0:1::1", "200::1", "400::1", "1000::1", "2001::1",
    "2001:0:102:304::1", "2001:1::1", "2001:1::2", "2001:2::1", "2001:3::1", "2001:4:112::1",
    "2001:5::1", "2001:10::1", "2001:20::1", "2001:30::1", "2001:db8::1", "2002:7f00:1::1",
    "2002:a00:1::1", "2002:5db8:d70e::1", "2620:4f:8000::1", "3ffe::1", "3fff::1", "3fff:fff::1",
    "4000::1", "5f00::1", "8000::1", "fc00::1", "fd00::1", "fd12:3456::1", "fe80::1", "fe80::1%1",
    "2606:4700::1%1", "fec0::1", "feff::1", "ff02::1", "ff0e::1", "2606:4700::5efe:10.0.0.1",
    "2606:4700::200:5efe:10.0.0.1", "2606:4700::5efe:93.184.215.14", "fe80::5efe:1.2.3.4",
]

PUBLIC = [
    "1.1.1.1", "8.8.8.8", "93.184.215.14", "9.255.255.255", "11.0.0.0", "100.63.255.255",
    "100.128.0.0", "126.255.255.255", "128.0.0.0", "169.253.255.255", "172.15.255.255",
    "172.32.0.0", "192.0.1.0", "192.167.255.255", "192.169.0.0", "198.17.255.255", "198.20.0.0",
    "223.255.255.255", "::ffff:93.184.215.14", "64:ff9b::93.184.215.14", "2606:4700::1",
    "2a00:1450::1", "2001:200::1", "2001:4860:4860::8888", "2003::1", "2400:cb00::1",
    "3ffd:ffff::1", "3fff:1000::1",
]


@pytest.mark.parametrize("address", NOWHERE_PUBLIC)
def test_what_iana_sets_aside_and_what_tunnels_into_a_house_is_refused(address: str) -> None:
    assert not is_allowed(address, on_this_machine=False)


@pytest.mark.parametrize("address", PUBLIC)
def test_what_lies_beside_is_public(address: str) -> None:
    assert is_allowed(address, on_this_machine=False)


@pytest.mark.parametrize("address", ["127.0.0.1", "::1", "::ffff:127.0.0.1"])
def test_this_machine_is_called_where_the_url_says_so(address: str) -> None:
    assert is_allowed(address, on_this_machine=True)
    assert not is_allowed(address, on_this_machine=False)


@pytest.mark.parametrize("address", ["93.184.215.14", "10.0.0.1", "2606:4700::1"])
def test_a_name_of_this_machine_leads_nowhere_else(address: str) -> None:
    assert not is_allowed(address, on_this_machine=True)


def test_a_setting_allows_networks_that_are_not_public() -> None:
    allowed = networks("10.0.0.0/8, 64:ff9b:1::/48, fec0::/10")
    for address in ("10.1.2.3", "::ffff:10.1.2.3", "64:ff9b:1::1", "fec0::1"):
        assert is_allowed(address, on_this_machine=False, allowed=allowed)
    for address in ("192.168.0.1", "fd00::1", "2002:a00:1::1"):
        assert not is_allowed(address, on_this_machine=False, allowed=allowed)


@pytest.mark.parametrize("host", [
    "2130706433", "0x7f000001", "0x7f.1", "0177.0.0.1", "017700000001", "127.1", "127.0.1",
    "167772161", "0xa000001", "012.0.0.1", "10.1", "2852039166", "[::ffff:7f00:1]", "[::127.0.0.1]",
    "[64:ff9b:1::a00:1]", "[fec0::1]", "[2606:4700::5efe:a00:1]", "localhost.", "0", "0.0.0.0",
])
def test_another_spelling_of_an_address_changes_nothing(host: str) -> None:
    with pytest.raises(RefusedTarget):
        asyncio.run(find_target(f"https://{host}/hook"))


def test_what_is_no_address_is_not_allowed() -> None:
    assert not is_allowed("nowhere", on_this_machine=False)
