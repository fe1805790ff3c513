"""Opening a ledger in PostgreSQL: whether it is one, may be written, and is durable."""

from typing import Any, NamedTuple

from eventsourcing.persistence import PersistenceError
from psycopg.rows import dict_row

from stocktrail.ledger.store.errors import StorageError, storage_error
from stocktrail.ledger.store.postgres.datastore import PostgresLedgerDatastore
from stocktrail.ledger.store.postgres.schema import (
    CREATING,
    PARTITIONED_VERSION,
    SCHEMA_VERSION,
    create_statements,
    lock_key,
)
from stocktrail.ledger.store.postgres_address import PostgresAddress

_LOOK = """
SELECT current_setting('fsync') AS fsync, current_setting('full_page_writes') AS full_page_writes,
    current_setting('synchronous_commit') AS synchronous_commit,
    current_setting('synchronous_standby_names') AS standbys,
    pg_is_in_recovery() AS is_replica, current_setting('server_encoding') = 'UTF8' AS is_utf8,
    EXISTS (SELECT FROM pg_namespace WHERE nspname = %(schema)s) AS is_there,
    EXISTS (SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE n.nspname = %(schema)s) AS has_tables,
    EXISTS (SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE n.nspname = %(schema)s AND c.relname = 'ledger_format') AS has_mark,
    ARRAY(SELECT CAST(srsubstate AS text) FROM pg_subscription_rel r
        JOIN pg_class c ON c.oid = r.srrelid JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE n.nspname = %(schema)s) AS subscribed
"""
_MARK = "SELECT program, schema_version FROM ledger_format"
_MAY_APPEND = """
SELECT has_function_privilege(p.oid, 'EXECUTE') AS may_append FROM pg_proc p
JOIN pg_namespace n ON n.oid = p.pronamespace
WHERE n.nspname = %(schema)s AND p.proname = 'append_group'
"""
_REPLICATING = "r"
"""The state of a table whose first copy is complete."""


class Opening(NamedTuple):
    """How a ledger can be opened: for reading only, to be created, and with what warnings.

    Of a logical replica, whose log comes from another server, the ``refusal`` of all commands.
    """

    read_only: bool
    is_complete: bool
    is_partitioned: bool
    warnings: tuple[str, ...]
    refusal: StorageError | None = None


def postgres_opening(address: PostgresAddress, *, read_only: bool, create: bool) -> Opening:
    """Check that an address names a ledger that can be opened, or one that can be created.

    A replica is opened for reading, and so is a ledger to which this user may not append. Raises
    :class:`StorageError` for a schema of another program, for a ledger of a later version, for one
    that does not exist, and for a server that loses confirmed commits.
    """
    datastore = PostgresLedgerDatastore(address.connection, address.schema, role=address.role)
    try:
        with datastore.get_connection() as connection, connection.transaction():
            cursor = connection.cursor(row_factory=dict_row)
            found: dict[str, Any] = cursor.execute(
                _LOOK, {"schema": address.schema}
            ).fetchone() or {}
            if found["has_mark"]:
                found |= cursor.execute(_MARK).fetchone() or {}
                found |= cursor.execute(
                    _MAY_APPEND, {"schema": address.schema}
                ).fetchone() or {"may_append": False}
    except PersistenceError as error:
        raise storage_error(error, address.where) from error
    finally:
        datastore.close()
    _require_ledger(address, found, create=create and not read_only)
    may_write = not read_only and not found["is_replica"] and bool(found.get("may_append", True))
    if may_write:
        _require_durable(address, found)
    warnings = tuple(durability_warnings(found["synchronous_commit"], found["standbys"]))
    if found["subscribed"]:
        return Opening(not may_write, True, False, (), StorageError(
            "storage_read_only",
            f"{address.where} is a replica: its log comes from another server by a subscription. "
            "Send commands to that server; questions are answered here.",
        ))
    return Opening(
        not may_write, bool(found["has_mark"]),
        found.get("schema_version") == PARTITIONED_VERSION, warnings if may_write else (),
    )


def _require_ledger(address: PostgresAddress, found: dict[str, Any], *, create: bool) -> None:
    if found["has_mark"] and found.get("program") == "stocktrail":
        if found["schema_version"] > PARTITIONED_VERSION:
            raise StorageError(
                "ledger_too_new",
                f"{address.where} was written by a later version of stocktrail. Upgrade to open "
                "it.",
            )
        if found["schema_version"] < SCHEMA_VERSION:
            raise StorageError(
                "ledger_outdated",
                f"{address.where} was written by an earlier version of stocktrail. Bring it to the "
                "present format with `stocktrail upgrade`; positions, ids and times stay.",
            )
        if any(state != _REPLICATING for state in found["subscribed"]):
            raise StorageError(
                "storage_busy",
                f"{address.where} is a replica, and the log is still being copied to it. Ask again "
                "when the subscription has copied all tables.",
            )
        return
    if not found["is_utf8"]:
        raise StorageError(
            "database_not_utf8",
            f"The database of {address.where} does not keep text as UTF-8, so not every name could "
            "be written to it. Make another one: CREATE DATABASE ... ENCODING 'UTF8' TEMPLATE "
            "template0.",
        )
    if found["has_tables"]:
        raise StorageError(
            "not_a_ledger",
            f"{address.where} is a schema of another program, not a stocktrail ledger. Name "
            "another one with ?schema= in the database URL.",
        )
    if not create or found["is_replica"]:
        raise StorageError(
            "ledger_not_found",
            f"There is no ledger at {address.where}. Submit commands to create it, or name another "
            "one with --database.",
        )


def _require_durable(address: PostgresAddress, found: dict[str, Any]) -> None:
    for setting in ("fsync", "full_page_writes"):
        if found[setting] == "off":
            raise StorageError(
                "database_not_durable",
                f"The server of {address.where} runs with {setting}=off: when its machine fails it "
                "loses or damages what it has confirmed. A ledger is not written there; set "
                f"{setting}=on and start the server anew.",
            )


def durability_warnings(synchronous_commit: str, standbys: str) -> list[str]:
    """Return what the settings of a server can lose, in sentences; empty if nothing.

    >>> durability_warnings("on", "")
    ['synchronous_standby_names is empty: if the disk of the server is lost, so is what no replica \
had received yet.']
    >>> durability_warnings("remote_apply", "ANY 1 (b, c)")
    []
    """
    if synchronous_commit == "off":
        return [
            "synchronous_commit=off: if the server fails, up to three times wal_writer_delay "
            "(0.6 s as delivered) of confirmed commands are lost."
        ]
    if not standbys:
        return [
            "synchronous_standby_names is empty: if the disk of the server is lost, so is what no "
            "replica had received yet."
        ]
    if synchronous_commit == "local":
        return [
            "synchronous_commit=local: commits do not wait for the replicas in "
            "synchronous_standby_names; if the disk of the server is lost, so is what they had not "
            "received yet."
        ]
    return []


def create_schema(datastore: PostgresLedgerDatastore) -> None:
    """Create the schema of a ledger unless it exists; only one of several processes does."""
    name = datastore.schema
    with datastore.get_connection() as connection, connection.transaction():
        connection.execute(f"SELECT pg_advisory_xact_lock({CREATING}, {lock_key(name)})")
        found: Any = connection.cursor(row_factory=dict_row).execute(
            _LOOK, {"schema": name}
        ).fetchone()
        if found["has_mark"]:
            return
        if not found["is_there"]:
            connection.execute(f'CREATE SCHEMA "{name}"'.encode())
        connection.execute(create_statements(name).encode(), prepare=False)
