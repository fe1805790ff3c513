"""The transaction of an import, on either database."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import cast

from stocktrail.ledger.store.application import Ledger
from stocktrail.ledger.store.bulk import BulkAppend
from stocktrail.ledger.store.sqlite.append import SQLiteBulkAppend
from stocktrail.ledger.store.sqlite.recorder import SQLiteLedgerRecorder


@contextmanager
def bulk_append(ledger: Ledger) -> Iterator[BulkAppend]:
    """Open a transaction that excludes other writers of the log and of read models.

    It commits at the end of the block unless the block raises. Raises :class:`StorageError` where
    commands are refused too.
    """
    if ledger.writer.refusal is not None:
        raise ledger.writer.refusal
    recorder = ledger.log_recorder
    if isinstance(recorder, SQLiteLedgerRecorder):
        with recorder.appending() as append:
            yield SQLiteBulkAppend(append.cursor)
        return
    from stocktrail.ledger.store.postgres.bulk import PostgresBulkAppend
    from stocktrail.ledger.store.postgres.recorder import PostgresLedgerRecorder

    with cast(PostgresLedgerRecorder, recorder).datastore.writing_models() as cursor:
        cursor.execute("SELECT lock_head()")
        yield PostgresBulkAppend(cursor)
