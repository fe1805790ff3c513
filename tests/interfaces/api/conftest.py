"""What tests of the HTTP API may ask for."""

from collections.abc import Iterator

import pytest

from tests.interfaces.api.serving import Served, served


@pytest.fixture
def api(database_url: str) -> Iterator[Served]:
    """Return a service on an empty ledger."""
    with served(database_url) as running:
        yield running


@pytest.fixture
def sqlite_shop(sqlite_url: str) -> Iterator[Served]:
    """Return a service on such a shop, in a file."""
    with served(sqlite_url) as running:
        running.accept("register-product", sku="WIDGET")
        running.accept("receive-stock", sku="WIDGET", quantity=25)
        running.ask("/stock")                    # so that the read models know of it
        yield running


@pytest.fixture
def shop(api: Served) -> Served:
    """Return a service on a shop that has 25 widgets and sells no more than that."""
    api.accept("register-product", sku="WIDGET")
    api.accept("receive-stock", sku="WIDGET", quantity=25)
    api.ask("/stock")                            # so that the read models know of it
    return api
