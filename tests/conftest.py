"""What every test may ask for: a fresh database, and a ledger in it."""

import os
from collections.abc import Iterator
from pathlib import Path

import freezegun
import pytest
from hypothesis import settings

from ledger.store import Ledger, open_ledger

# What the scenes expect is said in full when it fails, also where the words stand in a module.
pytest.register_assert_rewrite("tests.scenes")

# A frozen clock would stop these waiting for ever. Most tests freeze nothing: decisions take the
# time as an argument. Where one must, it says `freeze_time(..., real_asyncio=True)`.
freezegun.configure(
    extend_ignore_list=["eventsourcing.persistence", "psycopg_pool", "uvicorn", "nats"]
)

settings.register_profile("fast", max_examples=40, deadline=None)
settings.register_profile("ci", max_examples=100, deadline=None, derandomize=True, print_blob=True)
settings.register_profile("thorough", max_examples=2_000, deadline=None)
settings.load_profile(
    os.environ.get("HYPOTHESIS_PROFILE", "ci" if os.environ.get("CI") else "fast")
)


@pytest.fixture(params=["sqlite"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Give the URL of a database of the test's own that does not exist yet.

    Another kind of database becomes another parameter, and every test that asks runs on it too.
    """
    return f"{request.param}:///{tmp_path / 'stocktrail.db'}"


@pytest.fixture
def ledger(database_url: str) -> Iterator[Ledger]:
    """Open an empty ledger, and close it after the test."""
    with open_ledger(database_url) as opened:
        yield opened
