"""Upgrade of a schema of a former version, in one transaction: an interruption leaves it as it was.

Other writers, and other upgrades, wait for its locks. Readers go on until it commits.
"""

from typing import Any, NamedTuple

from stocktrail.ledger.store.bulk import append_all
from stocktrail.ledger.store.postgres.bulk import PostgresBulkAppend
from stocktrail.ledger.store.postgres.cursor import ModelCursor
from stocktrail.ledger.store.postgres.datastore import PostgresLedgerDatastore
from stocktrail.ledger.store.postgres.schema import (
    CREATING,
    WRITER,
    lock_key,
    upgrade_statements,
)
from stocktrail.ledger.store.upgrade.former_rows import FORMER_VERSIONS, former_log
from stocktrail.ledger.store.upgrade.upgrading import ReportProgress, upgraded_rows

_READ_BY = (
    "SELECT DISTINCT quote_ident(r.rolname) FROM pg_class c, aclexplode(c.relacl) a, pg_roles r "
    "WHERE c.oid = 'stored_events'::regclass AND a.privilege_type = 'SELECT' "
    "AND r.oid = a.grantee AND r.oid <> c.relowner"
)
_WRITTEN_BY = (
    "SELECT DISTINCT quote_ident(r.rolname) FROM pg_proc p, aclexplode(p.proacl) a, pg_roles r "
    "WHERE p.oid = 'append_group'::regproc AND r.oid = a.grantee AND r.oid <> p.proowner"
)
_TABLES = "ledger_format, ledger_head, commands, stream_index, seal_nodes, events, outcomes"
_FUNCTIONS = "append_group, take_turn, raise_fence, lock_head"


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
        rights = _Rights.of(cursor)
        cursor.execute(upgrade_statements(datastore.schema))
        append_all(PostgresBulkAppend(cursor), upgraded_rows(log, progress))
        cursor.execute("DROP TABLE stored_events, stored_commands")
        rights.grant(cursor)


class _Rights(NamedTuple):
    """The roles that may read the log, and those that may append to it."""

    readers: list[str]
    writers: list[str]

    @classmethod
    def of(cls, cursor: ModelCursor) -> "_Rights":
        """Return who has rights on the former tables."""
        return cls(_first_column(cursor, _READ_BY), _first_column(cursor, _WRITTEN_BY))

    def grant(self, cursor: ModelCursor) -> None:
        """Grant them the same rights on the present ones."""
        for role in self.readers:
            cursor.execute(f"GRANT SELECT ON {_TABLES} TO {role}")
        for role in self.writers:
            cursor.execute(f"GRANT EXECUTE ON FUNCTION {_FUNCTIONS} TO {role}")


def _first_column(cursor: ModelCursor, query: str) -> list[Any]:
    cursor.execute(query)
    return [row[0] for row in cursor.fetchall()]
