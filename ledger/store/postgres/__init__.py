"""The ledger in PostgreSQL: a persistence module of the ``eventsourcing`` library.

Name this package as the library's ``PERSISTENCE_MODULE``, and its own ``Application`` reads and
writes a stocktrail schema. Importing it loads the driver, so it is imported only where a ledger in
PostgreSQL is opened.
"""

from stocktrail.ledger.store.postgres.recorder import PostgresFactory

__all__ = ["PostgresFactory"]
