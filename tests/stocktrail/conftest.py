"""A shop to go into: in memory and in a file, and on every database where that matters."""

from collections.abc import Iterator

import pytest

import stocktrail
from stocktrail.commands import ReceiveStock, RegisterProduct


@pytest.fixture(params=["memory", "sqlite"])
def shop(request: pytest.FixtureRequest) -> Iterator[stocktrail.Shop]:
    """Open a shop with ten lamps."""
    with opened(request) as shop:
        yield shop


@pytest.fixture(params=["memory", "sqlite", "postgresql"])
def any_shop(request: pytest.FixtureRequest) -> Iterator[stocktrail.Shop]:
    """Open a shop with ten lamps, on a server too: for what a database could do differently."""
    with opened(request) as shop:
        yield shop


def opened(request: pytest.FixtureRequest) -> stocktrail.Shop:
    """Open the shop that the parameter of a fixture names."""
    if request.param == "memory":
        shop = stocktrail.open_in_memory()
    else:
        name = "sqlite_url" if request.param == "sqlite" else "postgres_url"
        shop = stocktrail.open(request.getfixturevalue(name))
    shop.submit([RegisterProduct(sku="LAMP"), ReceiveStock(sku="LAMP", quantity=10)])
    return shop
