"""Commits that return before they are synced: those of read models, which follow from the log."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from eventsourcing.sqlite import SQLiteConnection

PAGES_BETWEEN_COPIES = 1000
"""From how many pages on a synced commit copies the write-ahead log into the file; SQLite's own."""

CHANGES_BETWEEN_COPIES = 5000
"""After how many rows that were changed without a sync the log is copied."""


@contextmanager
def not_synced(connection: SQLiteConnection) -> Iterator[None]:
    """Let the commits of a connection return before they are synced.

    Nor does SQLite copy the log into the file after them: it would not report that it could not
    sync the log before, and what a synced commit then adds to it would be lost with those pages.
    """
    _sync_commits(connection, "NORMAL", 0)
    try:
        yield
    finally:
        if not connection.closed:
            _sync_commits(connection, "FULL", PAGES_BETWEEN_COPIES)


def _sync_commits(connection: SQLiteConnection, level: str, pages: int) -> None:
    """Set whether commits wait for the disk; close the connection if that fails."""
    try:
        # As a script, because SQLite applies it when the statement is prepared, not when it runs,
        # and a cached statement is not prepared again.
        connection.cursor().sqlite_cursor.executescript(
            f"PRAGMA synchronous={level}; PRAGMA wal_autocheckpoint={pages}"
        )
    except sqlite3.Error:
        connection.close()
        raise
