"""Upgrade of files of former versions, in one transaction: an interruption leaves the old file."""

from typing import cast

from eventsourcing.sqlite import SQLiteCursor

from stocktrail.ledger.store.bulk import append_all
from stocktrail.ledger.store.datastore import DatabaseCursor
from stocktrail.ledger.store.sqlite.append import SQLiteBulkAppend
from stocktrail.ledger.store.sqlite.schema import TABLES
from stocktrail.ledger.store.upgrade.former_rows import FORMER_VERSIONS, former_log
from stocktrail.ledger.store.upgrade.upgrading import ReportProgress, upgraded_rows


def upgrade_old_file(cursor: SQLiteCursor, progress: ReportProgress | None = None) -> None:
    """Bring the log of a file of a former version into the present tables, and drop its own.

    Files of other versions are left unchanged. The caller holds the write lock, and creates
    triggers and views afterwards. Raises :class:`~stocktrail.ledger.store.errors.StorageError`
    (``ledger_damaged``) for a log that is not whole, because a new seal would hide the damage.
    """
    cursor.execute("PRAGMA user_version")
    version = cursor.fetchone()[0]
    if version not in FORMER_VERSIONS:
        return
    log = former_log(cast(DatabaseCursor, cursor), version)
    for table in ("ledger_head", "seal_nodes"):
        cursor.execute(f"DROP TABLE IF EXISTS {table}")
    for statement in TABLES:
        cursor.execute(statement)
    append_all(SQLiteBulkAppend(cursor), upgraded_rows(log, progress))
    for table in ("stored_events", "stored_commands"):
        cursor.execute(f"DROP TABLE {table}")
