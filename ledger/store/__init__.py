"""Where the ledger is kept: the log, the outcomes of commands, and the one writer of both.

Nothing above this package knows which database there is.
"""

from ledger.store.application import Ledger, open_ledger
from ledger.store.errors import StorageError
from ledger.store.outcome import Head, Outcome

__all__ = ["Head", "Ledger", "Outcome", "StorageError", "open_ledger"]
