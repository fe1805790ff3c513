"""Notifications of commits, from every process that writes.

Only PostgreSQL sends them (``NOTIFY``, in the round trip of the commit). Notifications are lost
while the connection is broken, so a listener must also poll now and then.
"""

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, cast

from stocktrail.ledger.store.application import Ledger
from stocktrail.ledger.store.postgres_address import is_postgres_url

if TYPE_CHECKING:
    from stocktrail.ledger.store.postgres.datastore import PostgresLedgerDatastore

RETRY_SECONDS = 1.0
"""How long the listener waits before it reconnects."""

STANDBY_SECONDS = 30.0
"""How long it waits on a standby, which cannot be listened to until it becomes the primary."""

_LOOK_SECONDS = 0.2


def notifies_commits(ledger: Ledger) -> bool:
    """Return whether a ledger's database sends notifications of commits."""
    return is_postgres_url(ledger.url)


class CommitListener:
    """Calls a function with the position of each commit, in its own thread, until closed."""

    def __init__(self, ledger: Ledger, heard: Callable[[int], None]) -> None:
        self._ledger = ledger
        self._datastore = cast("PostgresLedgerDatastore", ledger.datastore)
        self._on_commit = heard
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._work, name="commit-listener", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop listening."""
        self._ended.set()
        self._thread.join()

    def _work(self) -> None:
        import psycopg

        while not self._ended.is_set():
            try:
                self._listen()
            except psycopg.errors.ReadOnlySqlTransaction:
                self._ended.wait(STANDBY_SECONDS)
            except psycopg.Error:
                self._ended.wait(RETRY_SECONDS)

    def _listen(self) -> None:
        with self._datastore.listening() as connection:
            while not self._ended.is_set():
                for told in connection.notifies(timeout=_LOOK_SECONDS):
                    self._on_commit(int(told.payload))
                if self._ledger.is_fed:              # whoever applies a log tells nobody
                    self._on_commit(self._ledger.head().position)
