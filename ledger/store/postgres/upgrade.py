"""Upgrade of a schema of a former version, in one transaction: an interruption leaves it as it was.

Other writers, and other upgrades, wait for its locks. Readers go on until it commits.
"""

from stocktrail.ledger.store.bulk import append_all
from stocktrail.ledger.store.postgres.bulk import PostgresBulkAppend
from stocktrail.ledger.store.postgres.datastore import PostgresLedgerDatastore
from stocktrail.ledger.store.postgres.rights import Rights
from stocktrail.ledger.store.postgres.schema import (
    CREATING,
    WRITER,
    lock_key,
    upgrade_statements,
)
from stocktrail.ledger.store.upgrade.former_rows import FORMER_VERSIONS, former_log
from stocktrail.ledger.store.upgrade.upgrading import ReportProgress, upgraded_rows

_TABLES = "ledger_format, ledger_head, commands, stream_index, seal_nodes, events, outcomes"


def upgrade_schema(
    datastore: PostgresLedgerDatastore, progress: ReportProgress | None = None
) -> None:
    """Bring the log of a schema of a former version into the present tables, and drop its own.

    A schema of another version is left unchanged. Roles keep what they may do. The user must own
    the ledger. Raises :class:`~stocktrail.ledger.store.errors.StorageError` (``ledger_damaged``)
    for a log that is not whole, because a new seal would hide the damage.
    """
    key = lock_key(datastore.schema)
    with datastore.writing_models() as cursor:
        cursor.execute(f"SELECT pg_advisory_xact_lock({CREATING}, {key})")
        cursor.execute(f"SELECT pg_advisory_xact_lock({WRITER}, {key})")
        cursor.execute("SELECT schema_version FROM ledger_format")
        version = cursor.fetchone()[0]
        if version not in FORMER_VERSIONS:
            return
        cursor.execute("LOCK TABLE ledger_head, stored_events, stored_commands IN EXCLUSIVE MODE")
        log = former_log(cursor, version)
        rights = Rights.of(cursor, "stored_events")
        cursor.execute(upgrade_statements(datastore.schema))
        append_all(PostgresBulkAppend(cursor), upgraded_rows(log, progress))
        cursor.execute("DROP TABLE stored_events, stored_commands")
        rights.grant(cursor, _TABLES)
