"""Dividing the log of a ledger into partitions, which only a ledger in PostgreSQL can have."""

from stocktrail.ledger.store.errors import StorageError, translate_errors
from stocktrail.ledger.store.postgres_address import is_postgres_url, postgres_address

ROWS: int = 20_000_000
"""How many rows a partition has unless another number is named: about 30 GB of orders."""

LEAST_ROWS: int = 100_000
"""The fewest: each partition adds some microseconds to whatever reads the log."""


def partition_ledger(url: str, rows: int = ROWS) -> bool:
    """Divide a log into partitions of so many rows, and return whether it was whole before.

    Of a log that is divided already only the partitions to come are as large as this. It is one
    transaction: after an interruption the log is as it was. Raises :class:`StorageError`:
    ``needs_postgresql`` for a ledger in a file.
    """
    if not is_postgres_url(url):
        raise StorageError(
            "needs_postgresql",
            "A ledger in a file has one table for its log. Only a ledger in PostgreSQL is "
            "partitioned: see docs/how-to/postgresql.md.",
        )
    from stocktrail.ledger.store.postgres.datastore import PostgresLedgerDatastore
    from stocktrail.ledger.store.postgres.opening import postgres_opening
    from stocktrail.ledger.store.postgres.partitions import partition_log

    address = postgres_address(url)
    postgres_opening(address, read_only=False, create=False)
    with (
        translate_errors(address.where),
        PostgresLedgerDatastore(
            address.connection, address.schema, role=address.role
        ) as datastore,
    ):
        return partition_log(datastore, rows)
