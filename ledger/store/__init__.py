"""The event store: the log, the outcomes of commands, and the single writer of both.

Nothing above this package depends on which database is used.
"""

from stocktrail.ledger.store.application import Ledger, open_ledger
from stocktrail.ledger.store.errors import StorageError
from stocktrail.ledger.store.outcome import Head, Outcome

__all__ = ["Head", "Ledger", "Outcome", "StorageError", "open_ledger"]
