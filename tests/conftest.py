"""What every test may ask for: a fresh database, and a ledger in it."""

import os
from collections.abc import Iterator
from pathlib import Path

import freezegun
import pytest
from hypothesis import settings

from stocktrail.ledger.store import Ledger, open_ledger
from tests.postgres_server import PostgresServer, ServerElsewhere, drop_schema, new_schema
from tests.quiet_logs import log_nothing
from tests.rule_coverage import RuleCoverage
from tests.temporary_files import keep_in_memory

keep_in_memory()
log_nothing()       # of what is there for a whole module, and is made before any test begins

# What the scenes expect is said in full when it fails, also where the words stand in a module.
pytest.register_assert_rewrite("tests.scenes")

# A frozen clock would stop these waiting for ever. Most tests freeze nothing: decisions take the
# time as an argument. Where one must, it says `freeze_time(..., real_asyncio=True)`.
freezegun.configure(
    extend_ignore_list=["eventsourcing.persistence", "psycopg_pool", "uvicorn", "nats"]
)

# Hundreds of processes are started: none of them is to compile the same modules anew.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

SERVER_VARIABLE = "STOCKTRAIL_TEST_POSTGRESQL_URL"
"""Names a PostgreSQL server that is there already, on which the tests then run."""

settings.register_profile("fast", max_examples=40, deadline=None)
settings.register_profile("ci", max_examples=100, deadline=None, derandomize=True, print_blob=True)
settings.register_profile("thorough", max_examples=2_000, deadline=None)
settings.load_profile(
    os.environ.get("HYPOTHESIS_PROFILE", "ci" if os.environ.get("CI") else "fast")
)


TESTS = Path(__file__).parent
HOUSE, TRIALS = TESTS / "house", TESTS / "reliability"


def pytest_configure(config: pytest.Config) -> None:
    """Count the lines that the scenes of the rules reach, where lines are counted."""
    pytest_cov = config.pluginmanager.get_plugin("_cov")
    if pytest_cov is not None and pytest_cov.cov_controller is not None:
        config.pluginmanager.register(RuleCoverage(config, pytest_cov))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what asks a server."""
    for item in items:
        if asks_postgresql(item):
            item.add_marker(pytest.mark.postgresql)


def asks_postgresql(item: pytest.Item) -> bool:
    """Return whether a test runs on PostgreSQL, so that `-m postgresql` chooses it."""
    if "sqlite" in item.name or TESTS not in item.path.parents or HOUSE in item.path.parents:
        return False
    names = (item.path.name, item.name, *getattr(item, "fixturenames", ()))
    return (
        any("postgres" in name for name in names) or TRIALS in item.path.parents
        or hasattr(getattr(item, "module", None), "PostgresServer")
    )


@pytest.fixture(autouse=True)
def quiet() -> None:
    """Keep what a service logs out of what a test prints, whichever test ran before."""
    log_nothing()


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer | ServerElsewhere]:
    """Return a PostgreSQL server: one that this test run starts, or the one that is named."""
    if named := os.environ.get(SERVER_VARIABLE):
        yield ServerElsewhere(named)
        return
    with PostgresServer() as server:
        yield server


@pytest.fixture
def postgres_url(postgres: PostgresServer | ServerElsewhere) -> Iterator[str]:
    """Return the URL of a schema of the test's own that does not exist yet."""
    schema = new_schema()
    yield postgres.url(schema)
    drop_schema(postgres, schema)


@pytest.fixture
def other_postgres_url(postgres: PostgresServer | ServerElsewhere) -> Iterator[str]:
    """Return the URL of another schema that does not exist yet, for what is copied."""
    schema = new_schema()
    yield postgres.url(schema)
    drop_schema(postgres, schema)


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """Return the URL of a file of the test's own that does not exist yet."""
    return f"sqlite:///{tmp_path / 'stocktrail.db'}"


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """Return the URL of a database of the test's own that does not exist yet.

    Every test that asks runs on both databases.
    """
    name = "sqlite_url" if request.param == "sqlite" else "postgres_url"
    url: str = request.getfixturevalue(name)
    return url


@pytest.fixture
def ledger(database_url: str) -> Iterator[Ledger]:
    """Open an empty ledger, and close it after the test."""
    with open_ledger(database_url) as opened:
        yield opened
