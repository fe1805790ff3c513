"""``stocktrail partition``: a log in PostgreSQL is divided, and nothing else is."""

from stocktrail.ledger.store import open_ledger
from stocktrail.ledger.store.postgres_address import postgres_address
from tests.interfaces.terminal import Terminal


def test_a_file_has_no_partitions(terminal: Terminal) -> None:
    open_ledger(terminal.url).close()
    answer = terminal.type("partition")
    assert (answer.status, "[needs_postgresql]" in answer.err) == (5, True)


def test_it_says_what_was_done(terminal: Terminal, postgres_url: str) -> None:
    terminal.url = postgres_url
    open_ledger(postgres_url).close()
    assert "[bad_flag]" in terminal.type("partition", "--rows", "10").err
    assert terminal.ask("partition") == {
        "database": postgres_address(postgres_url).where, "partitioned": True, "rows": 20_000_000,
    }
    again = terminal.type("partition", "--rows", "500000")
    assert "was divided before; partitions to come have 500,000 commands." in again.said
