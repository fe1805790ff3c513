"""A shop to go into, on each database and in memory."""

from collections.abc import Iterator

import pytest

import stocktrail
from stocktrail.commands import ReceiveStock, RegisterProduct


@pytest.fixture(params=["memory", "sqlite", "postgresql"])
def shop(request: pytest.FixtureRequest) -> Iterator[stocktrail.Shop]:
    """Open a shop with ten lamps."""
    with opened(request) as shop:
        shop.submit([RegisterProduct(sku="LAMP"), ReceiveStock(sku="LAMP", quantity=10)])
        yield shop


def opened(request: pytest.FixtureRequest) -> stocktrail.Shop:
    """Open the shop that the parameter of a fixture names."""
    if request.param == "memory":
        return stocktrail.open_in_memory()
    name = "sqlite_url" if request.param == "sqlite" else "postgres_url"
    url: str = request.getfixturevalue(name)
    return stocktrail.open(url)
