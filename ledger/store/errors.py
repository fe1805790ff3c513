"""What can go wrong with a database, in sentences that say what to do."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from eventsourcing.persistence import PersistenceError


class StorageError(Exception):
    """The database did not do what it was asked; nothing is half done, and repeating is safe.

    ``code`` is stable: ``storage_failed``, ``storage_full``, ``storage_busy``,
    ``storage_read_only``, ``not_a_ledger``, ``ledger_not_found``, ``ledger_too_new``,
    ``ledger_damaged``, ``bad_database_url``, ``rebuild_stopped``.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


def storage_error(error: BaseException, where: str) -> StorageError:
    """Put a database's own complaint into a sentence with a code."""
    text = str(error)
    lowered = text.lower()
    if "full" in lowered or "no space" in lowered:
        return StorageError(
            "storage_full",
            f"There is no room left to write to {where}. Nothing of this group was recorded; free "
            "some space and send the same commands again.",
        )
    if "locked" in lowered or "busy" in lowered:
        return StorageError(
            "storage_busy",
            f"Other writers kept {where} locked for too long. Nothing of this group was recorded; "
            "send the same commands again.",
        )
    if "readonly" in lowered or "read-only" in lowered:
        return StorageError(
            "storage_read_only",
            f"{where} cannot be written to. Check the permissions of the file and its folder.",
        )
    if "not a database" in lowered or "malformed" in lowered:
        return StorageError(
            "not_a_ledger", f"{where} is not a stocktrail ledger, or it is damaged ({text})."
        )
    return StorageError(
        "storage_failed",
        f"The database {where} failed: {text}. It is safe to send the same commands again.",
    )


@contextmanager
def in_sentences(where: str) -> Iterator[None]:
    """Raise what the database complains of as :class:`StorageError`."""
    try:
        yield
    except (PersistenceError, sqlite3.Error) as error:
        raise storage_error(error, where) from error
