"""Upgrade of a ledger of a former version, whatever database it is in."""

from stocktrail.ledger.store.address import sqlite_address
from stocktrail.ledger.store.errors import StorageError, translate_errors
from stocktrail.ledger.store.postgres_address import (
    PostgresAddress,
    is_postgres_url,
    postgres_address,
)
from stocktrail.ledger.store.sqlite.datastore import SQLiteLedgerDatastore
from stocktrail.ledger.store.sqlite.recorder import SQLiteLedgerRecorder
from stocktrail.ledger.store.upgrade.upgrading import ReportProgress


def upgrade_ledger(url: str, progress: ReportProgress | None = None) -> bool:
    """Bring a ledger to the present format, and return whether it was of a former one.

    It is one transaction: after an interruption the ledger is as it was. Raises
    :class:`StorageError`: ``ledger_damaged`` for a log that is not what was sealed.
    """
    if is_postgres_url(url):
        return _upgrade_postgres(postgres_address(url), progress)
    address = sqlite_address(url, read_only=False, create=False)
    if address.is_complete:
        return False
    with translate_errors(str(address.path)):
        datastore = SQLiteLedgerDatastore(address.name)
        try:
            SQLiteLedgerRecorder(datastore).create_table(progress)
        finally:
            datastore.close()
    return True


def _upgrade_postgres(address: PostgresAddress, progress: ReportProgress | None) -> bool:
    from stocktrail.ledger.store.postgres.datastore import PostgresLedgerDatastore
    from stocktrail.ledger.store.postgres.opening import postgres_opening
    from stocktrail.ledger.store.postgres.upgrade import upgrade_schema

    try:
        postgres_opening(address, read_only=False, create=False)
    except StorageError as error:
        if error.code != "ledger_outdated":
            raise
    else:
        return False
    with (
        translate_errors(address.where),
        PostgresLedgerDatastore(
            address.connection, address.schema, role=address.role
        ) as datastore,
    ):
        upgrade_schema(datastore, progress)
    return True
