"""Where the ledger is kept: the log, the outcomes of commands, and the one writer of both.

Nothing above this package knows which database there is.
"""

from stocktrail.ledger.store.application import Ledger, open_ledger
from stocktrail.ledger.store.errors import StorageError
from stocktrail.ledger.store.outcome import Head, Outcome

__all__ = ["Head", "Ledger", "Outcome", "StorageError", "open_ledger"]
