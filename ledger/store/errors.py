"""Storage errors as sentences that say what to do."""

import re
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from eventsourcing.persistence import ConnectionPoolClosedError, PersistenceError

from stocktrail.ledger.store.time_limit import OutOfTime, is_over

DATABASE_ERRORS = (PersistenceError, sqlite3.Error)
"""What databases and the library raise; PostgreSQL's errors are raised as the library's."""


class StorageError(Exception):
    """The database did not do what was asked; nothing is half done, and repeating is safe.

    ``code`` is stable: ``storage_failed``, ``storage_full``, ``storage_busy``,
    ``storage_read_only``, ``not_a_ledger``, ``ledger_not_found``, ``ledger_too_new``,
    ``ledger_outdated``, ``ledger_damaged``, ``ledger_closed``, ``bad_database_url``,
    ``database_not_durable``, ``database_not_utf8``, ``needs_postgresql``,
    ``log_is_published``, ``rebuild_stopped``.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


CLOSED_MEANWHILE = (StorageError, ConnectionPoolClosedError)
"""What is raised to who reads a ledger while another thread closes it."""


def storage_error(error: BaseException, where: str) -> StorageError:
    """Return a database's error as a :class:`StorageError`."""
    sqlstate = getattr(error.__cause__, "sqlstate", "")
    if sqlstate != "":
        return _postgres_error(error, sqlstate or "", where)
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


NOT_KNOWN = "whether this group was recorded is not known yet"
"""What is said while the reply to a commit is lost, and nobody could look up what became of it."""


def unsettled_error(error: BaseException, where: str) -> StorageError:
    """Return the error of looking up whether a commit whose reply was lost was recorded."""
    found = storage_error(error, where)
    sentence = f"{NOT_KNOWN[0].upper()}{NOT_KNOWN[1:]};"
    return StorageError(
        found.code,
        found.message.replace("Nothing of this group was recorded;", sentence)
        .replace("It is safe", f"{sentence} it is safe"),
    )


_LOGIN_ERRORS = (
    ("FATAL: database \"", "3D000"), ("authentication failed", "28P01"), ("pg_hba.conf", "28000"),
    ("no password supplied", "28P01"), ("too many", "53300"), ("connection slots", "53300"),
)
"""SQLSTATEs by server message: the driver reports no SQLSTATE when connecting fails."""

_DETAIL_LINES = re.compile(r"\n(?:DETAIL|CONTEXT|LINE \d+|QUERY|STATEMENT)\b")

_BUSY = {"55P03", "57014", "40P01", "40001", "53300", "25P03", "25P04"}
_REFUSED = {"28000", "28P01"}
_DAMAGED = {"XX001", "XX002"}
_GONE = {"42P01", "42883", "3F000"}


def _postgres_error(error: BaseException, sqlstate: str, where: str) -> StorageError:
    """Return an error of PostgreSQL as a :class:`StorageError`, by its SQLSTATE."""
    # Later lines (DETAIL, CONTEXT) quote the rows that the statement failed on.
    text = " ".join(_DETAIL_LINES.split(str(error))[0].split()).rstrip(".")
    sqlstate = sqlstate or next((state for word, state in _LOGIN_ERRORS if word in text), "")
    again = "Nothing of this group was recorded; send the same commands again."
    if sqlstate == "53100":
        return StorageError(
            "storage_full",
            f"There is no room left to write to {where}. Nothing of this group was recorded; free "
            "some space and send the same commands again.",
        )
    if sqlstate in _BUSY:
        return StorageError(
            "storage_busy", f"{where} was kept busy by others for too long ({text}). {again}"
        )
    if sqlstate == "25006" or sqlstate == "42501":
        return StorageError(
            "storage_read_only",
            f"{where} cannot be written to: it is a replica or opened for reading, or this user "
            f"has no right to ({text}).",
        )
    if sqlstate == "3D000":
        return StorageError(
            "ledger_not_found",
            f"There is no such database on the server of {where}. Create it with `createdb` first.",
        )
    if sqlstate in _REFUSED:
        return StorageError(
            "storage_failed", f"The server of {where} refuses the login ({text}). Check the user "
            "and the password in the database URL.",
        )
    if sqlstate in _DAMAGED or sqlstate in _GONE:
        return StorageError(
            "not_a_ledger", f"{where} is not a stocktrail ledger, or it is damaged ({text})."
        )
    if wrong := _tls_problem(text):
        return StorageError("storage_failed", f"The server of {where} {wrong} ({text}). {again}")
    return StorageError(
        "storage_failed",
        f"The database {where} failed: {text}. It is safe to send the same commands again.",
    )


def _tls_problem(text: str) -> str:
    """Return why a connection cannot be encrypted, by the driver's message; else ``""``."""
    lowered = text.lower()
    if "does not match host name" in lowered or "hostname mismatch" in lowered:
        return "shows a certificate that was made for another name; check the host in the URL"
    if "certificate verify failed" in lowered or "self-signed certificate" in lowered:
        return (
            "shows a certificate that is not to be trusted: it has expired, is self-signed, or its "
            "issuer is not in sslrootcert"
        )
    if "root certificate file" in lowered:
        return "cannot be checked, because the file of sslrootcert is not there"
    if "does not support ssl" in lowered:
        return "does not encrypt its connections; sslmode asks for it"
    return ""


@contextmanager
def translate_errors(where: str) -> Iterator[None]:
    """Raise errors of the database as :class:`StorageError`."""
    try:
        yield
    except DATABASE_ERRORS as error:
        if is_over():
            raise OutOfTime from None        # the statement was cancelled for that reason
        raise storage_error(error, where) from error
