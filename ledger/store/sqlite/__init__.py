"""The ledger in SQLite: a persistence module of the ``eventsourcing`` library.

Name this package as the library's ``PERSISTENCE_MODULE``, and its own ``Application`` reads and
writes a stocktrail database.
"""

from stocktrail.ledger.store.sqlite.recorder import SQLiteFactory

__all__ = ["SQLiteFactory"]
