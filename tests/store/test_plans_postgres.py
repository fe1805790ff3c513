"""How PostgreSQL goes about a question must not depend on whether it has ever looked at a table."""

from typing import Any

import psycopg
import pytest

from stocktrail.ledger.store import log_reading, open_ledger
from stocktrail.ledger.store.postgres.cursor import to_postgres
from stocktrail.ledger.store.postgres.reading import _HISTORIES
from tests.postgres_server import PostgresServer, ServerElsewhere
from tests.store.shop import numbered, order, send, stocked

Server = PostgresServer | ServerElsewhere


@pytest.fixture
def server(postgres: Server, postgres_url: str) -> psycopg.Connection[tuple[Any, ...]]:
    """Return a connection to a ledger of some hundred orders whose tables nobody has analysed."""
    with open_ledger(postgres_url) as ledger:
        send(ledger, stocked("TEA", quantity=900))
        send(ledger, [order(name, "TEA") for name in numbered("SO", 300)])
    connection = postgres.connect()
    connection.execute(f"SET search_path = {postgres_url.partition('schema=')[2]}".encode())
    return connection


def require_look_ups(plan: str) -> None:
    """Fail when a plan reads more of the log than what it looks up in an index."""
    assert "Seq Scan on commands" not in plan, plan
    assert "Seq Scan on stream_index" not in plan, plan
    assert "commands_pkey" in plan, plan


@pytest.mark.parametrize("as_of", ["NULL", "150"])
def test_histories_are_read_stream_by_stream(
    server: psycopg.Connection[tuple[Any, ...]], as_of: str
) -> None:
    with server:
        server.execute("SET plan_cache_mode = force_generic_plan")
        server.execute(b"PREPARE histories(text[], bigint) AS " + _HISTORIES.query)
        asked = f"EXPLAIN EXECUTE histories(ARRAY['order/SO-1'], {as_of})"
        plan = "\n".join(row[0] for row in server.execute(asked.encode()))
    require_look_ups(plan)
    assert "stream_index_pkey" in plan


@pytest.mark.parametrize(("query", "asked"), [
    (log_reading._RANGE, {"first": 50, "last": 60}),
    (log_reading._AT_TIME, {"instant": 1_700_000_000_000_000}),
    (log_reading._VERSION_AT, {"stream": "stock/TEA", "position": 150}),
    (log_reading._OF_STREAM, {"stream": "order/SO-7", "after": 0, "until": 9}),
])
def test_rows_are_found_by_halving_and_by_keys(
    server: psycopg.Connection[tuple[Any, ...]], query: str, asked: dict[str, Any]
) -> None:
    with server:
        rows = server.execute(f"EXPLAIN ANALYZE {to_postgres(query)}".encode(), asked)
        require_look_ups("\n".join(row[0] for row in rows))
