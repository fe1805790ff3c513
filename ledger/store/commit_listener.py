"""Listens for commits: those of every process that writes, as soon as they are there.

Only PostgreSQL tells of them (``NOTIFY``, in the round trip of the commit). What is told while the
connection is broken is missed, so whoever listens also looks now and then.
"""

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, cast

from stocktrail.ledger.store.application import Ledger
from stocktrail.ledger.store.postgres.address import is_postgres_url

if TYPE_CHECKING:
    from stocktrail.ledger.store.postgres.datastore import LedgerDatastore

RETRY_SECONDS = 1.0
"""How long it waits before it connects again."""

_LOOK_SECONDS = 0.2


def tells_of_commits(ledger: Ledger) -> bool:
    """Return whether a ledger's database tells of commits."""
    return is_postgres_url(ledger.url)


class CommitListener:
    """Calls ``heard`` with the position of each commit, in a thread of its own, until closed."""

    def __init__(self, ledger: Ledger, heard: Callable[[int], None]) -> None:
        self._datastore = cast("LedgerDatastore", ledger.datastore)
        self._heard = heard
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
            except psycopg.NotSupportedError:
                return                       # a standby tells nobody
            except psycopg.Error:
                self._ended.wait(RETRY_SECONDS)

    def _listen(self) -> None:
        with self._datastore.listening() as connection:
            while not self._ended.is_set():
                for told in connection.notifies(timeout=_LOOK_SECONDS):
                    self._heard(int(told.payload))
