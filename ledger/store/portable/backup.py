"""Backing up: a copy of a whole ledger as of one moment, while others go on writing to it.

Of a SQLite file it is another such file, with everything that stands beside the log. Of a ledger on
a server it is the exported log, from which an identical ledger can be made; the server's own
backups hold what stands beside it.
"""

import sqlite3
from pathlib import Path
from typing import Literal, NamedTuple

from ledger.store.application import Ledger
from ledger.store.customer_keys import TABLE
from ledger.store.errors import in_sentences
from ledger.store.portable.exporting import export_log
from ledger.store.portable.file import whole_file
from ledger.store.sqlite_datastore import LedgerDatastore

_HEAD = "SELECT position, event_root, command_count FROM ledger_head"


class BackUp(NamedTuple):
    """What a backup holds: a database or a log, its end, its root, and how many keys."""

    kind: Literal["database", "log"]
    position: int
    event_root: bytes
    commands: int
    customer_keys: int


def back_up(ledger: Ledger, path: Path, *, with_keys: bool = False) -> BackUp:
    """Write a backup of a ledger to a new file, and say what it holds.

    Customers' keys are left out unless ``with_keys`` asks for them: then whoever has the file can
    read what was sealed, also of those who are erased later. Refuses a file that is there already
    (``file_exists``).
    """
    with whole_file(path) as beside:
        if isinstance(ledger.datastore, LedgerDatastore):
            with in_sentences(ledger.where):
                return _copied(ledger.datastore, beside, with_keys=with_keys)
        with beside.open("wb") as output:
            header = export_log(ledger, output, with_keys=with_keys)
        return BackUp(
            "log", header.events, header.event_root, header.commands, header.customer_keys
        )


def _copied(datastore: LedgerDatastore, beside: Path, *, with_keys: bool) -> BackUp:
    copy = sqlite3.connect(beside, isolation_level=None)
    try:
        with datastore.get_connection(commit=False) as connection:
            # All pages in one step: between steps a writer would make it begin anew, for ever.
            connection.cursor().sqlite_cursor.connection.backup(copy)
        copy.execute("PRAGMA journal_mode=DELETE")
        keys = _keep_keys(copy) if with_keys else _leave_keys_out(copy)
        copy.execute("PRAGMA synchronous=FULL")
        position, root, commands = copy.execute(_HEAD).fetchone()
    finally:
        copy.close()
    return BackUp("database", position, root, commands, keys)


def _has_keys(copy: sqlite3.Connection) -> bool:
    found = copy.execute("SELECT 1 FROM sqlite_master WHERE type='table' AND name=?", [TABLE])
    return found.fetchone() is not None


def _keep_keys(copy: sqlite3.Connection) -> int:
    if not _has_keys(copy):
        return 0
    copy.execute("VACUUM")           # pages that are free may still hold keys that were destroyed
    count: int = copy.execute(f"SELECT COUNT(*) FROM {TABLE}").fetchone()[0]
    return count


def _leave_keys_out(copy: sqlite3.Connection) -> int:
    if _has_keys(copy):
        copy.execute("PRAGMA secure_delete=ON")
        copy.execute(f"DELETE FROM {TABLE}")
        copy.execute("VACUUM")
    return 0
