"""How PostgreSQL goes about a question must not depend on whether it has ever looked at a table."""

import pytest

from stocktrail.ledger.store import open_ledger
from stocktrail.ledger.store.postgres.reading import _HISTORIES
from tests.postgres_server import PostgresServer, ServerElsewhere
from tests.store.shop import numbered, order, send, stocked


@pytest.mark.parametrize("as_of", ["NULL", "150"])
def test_histories_are_read_stream_by_stream(
    postgres: PostgresServer | ServerElsewhere, postgres_url: str, as_of: str
) -> None:
    with open_ledger(postgres_url) as ledger:
        send(ledger, stocked("TEA", quantity=900))
        send(ledger, [order(name, "TEA") for name in numbered("SO", 300)])
    with postgres.connect() as server:
        server.execute(f"SET search_path = {postgres_url.partition('schema=')[2]}".encode())
        server.execute("SET plan_cache_mode = force_generic_plan")
        server.execute(b"PREPARE histories(text[], bigint) AS " + _HISTORIES.query)
        asked = f"EXPLAIN EXECUTE histories(ARRAY['order/SO-1'], {as_of})"
        plan = "\n".join(row[0] for row in server.execute(asked.encode()))
    assert "stored_events_stream" in plan
    assert "Seq Scan on stored_events" not in plan, plan
    assert "stored_events_pkey" not in plan, plan
