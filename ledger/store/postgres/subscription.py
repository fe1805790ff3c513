"""The library's subscription to a log in PostgreSQL, such that nothing recorded is missed."""

from threading import Event, Thread
from typing import Any

from eventsourcing.postgres import PostgresSubscription

POLL_SECONDS = 1.0
"""How often the log is read although no commit was notified."""


class LedgerSubscription(PostgresSubscription):
    """Receives what is recorded, within a second even if its notification was lost.

    The library's own one reads what is there while it connects, and then only what it is notified
    of: what is recorded between its reading and its LISTEN stays unseen until somebody records
    again, and so does what is recorded while a notification is lost. (PostgreSQL's page of LISTEN
    tells of the first case, issue 305 of the library of the second.)
    """

    def __init__(self, *given: Any, **named: Any) -> None:
        self._polling_ended = Event()
        super().__init__(*given, **named)
        self._poll_thread = Thread(target=self._poll, name="subscription-poll", daemon=True)
        self._poll_thread.start()

    def __exit__(self, *args: object, **kwargs: Any) -> None:
        try:
            super().__exit__(*args, **kwargs)
        finally:
            self._poll_thread.join()

    def stop(self) -> None:
        """Stop the subscription."""
        super().stop()
        self._polling_ended.set()

    def _poll(self) -> None:
        while not self._polling_ended.wait(POLL_SECONDS):
            self._has_been_notified.set()
