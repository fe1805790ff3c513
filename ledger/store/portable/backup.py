"""Backups: a copy of a whole ledger as of one moment, while others write to it.

The backup of a SQLite file is another such file, with the tables beside the log. The backup of a
ledger on a server is the exported log, from which an identical ledger can be made; the server's own
backups contain its other tables. A file of a former version is copied in its own format, because it
is what the version that wrote it goes back to.
"""

from pathlib import Path
from typing import Literal, NamedTuple

from stocktrail.ledger.store.address import sqlite_address
from stocktrail.ledger.store.application import Ledger
from stocktrail.ledger.store.errors import translate_errors
from stocktrail.ledger.store.portable.atomic_file import atomic_file
from stocktrail.ledger.store.portable.exporting import export_log
from stocktrail.ledger.store.portable.table_copy import copied_tables
from stocktrail.ledger.store.postgres_address import is_postgres_url
from stocktrail.ledger.store.side_tables.customer_keys import TABLE
from stocktrail.ledger.store.sqlite.datastore import SQLiteLedgerDatastore

_HEAD = "SELECT position, root, (SELECT COUNT(command_id) FROM commands) FROM ledger_head"
_FIND_TABLE = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?"


class BackupSummary(NamedTuple):
    """The contents of a backup: a database or a log, its end, its root, and how many keys."""

    kind: Literal["database", "log"]
    position: int
    root: bytes
    commands: int
    customer_keys: int


def back_up(ledger: Ledger, path: Path, *, with_keys: bool = False) -> BackupSummary:
    """Write a backup of a ledger to a new file, and return what it contains.

    Customers' keys are left out unless ``with_keys`` asks for them: with them, whoever has the file
    can read personal fields, also of customers who are erased later. Keys that are left out are
    never written, so a killed run leaves none behind. Refuses a file that exists (``file_exists``).
    """
    with atomic_file(path) as beside:
        if isinstance(ledger.datastore, SQLiteLedgerDatastore):
            with translate_errors(ledger.where):
                return _copied(ledger.datastore, beside, with_keys=with_keys)
        with beside.open("wb") as output:
            header = export_log(ledger, output, with_keys=with_keys)
        return BackupSummary(
            "log", header.events, bytes.fromhex(header.root), header.commands, header.customer_keys
        )


def back_up_former(url: str, path: Path, *, with_keys: bool = False) -> int | None:
    """Write a backup of a SQLite file of a former version, and return where its log ends.

    Opening the ledger would upgrade it. ``None`` for a file of the present format, and for a
    ledger on a server, which is not upgraded by opening it: then nothing is written.
    """
    if is_postgres_url(url):
        return None
    address = sqlite_address(url, read_only=False, create=False)
    if address.is_complete:
        return None
    leaving_out = () if with_keys else (TABLE,)
    with (
        atomic_file(path) as beside, translate_errors(str(address.path)),
        copied_tables(address.name, beside, leaving_out=leaving_out) as copy,
    ):
        return int(copy.execute("SELECT position FROM ledger_head").fetchone()[0])


def _copied(datastore: SQLiteLedgerDatastore, beside: Path, *, with_keys: bool) -> BackupSummary:
    leaving_out = () if with_keys else (TABLE,)
    with copied_tables(datastore.readable_name, beside, leaving_out=leaving_out) as copy:
        position, root, commands = copy.execute(_HEAD).fetchone()
        kept = copy.execute(_FIND_TABLE, [TABLE]).fetchone()
        keys = copy.execute(f"SELECT COUNT(*) FROM {TABLE}").fetchone()[0] if kept else 0
    return BackupSummary("database", position, root, commands, keys)
