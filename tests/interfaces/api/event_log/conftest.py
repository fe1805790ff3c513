"""What scenes about the log over HTTP may ask for: their ``shop``, served here or elsewhere."""

from collections.abc import Iterator

import pytest

from stocktrail.ledger.store import Ledger
from tests.feeds.serving import Address, Server, serving, serving_here


@pytest.fixture
def database_url(request: pytest.FixtureRequest) -> str:
    """Return a URL on SQLite, unless the scene is one of those that run on both databases."""
    url: str = request.getfixturevalue(getattr(request, "param", "sqlite_url"))
    return url


@pytest.fixture
def server(shop: Ledger, database_url: str) -> Iterator[Address]:
    """Serve that ledger."""
    with serving_here(database_url) as served:
        yield served


@pytest.fixture
def process(shop: Ledger, database_url: str) -> Iterator[Server]:
    """Serve that ledger in a process of its own."""
    with serving(database_url) as served:
        yield served
