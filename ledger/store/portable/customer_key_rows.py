"""Customers' keys as rows, for exports and backups that include them.

A key decrypts everything that was encrypted with it. Exports and backups therefore leave keys out
unless asked for them; without keys, a copy reveals no more of a customer than the log does after an
erasure.
"""

from collections.abc import Iterable

from stocktrail.ledger.store.application import Ledger
from stocktrail.ledger.store.datastore import DatabaseCursor
from stocktrail.ledger.store.errors import StorageError, translate_errors
from stocktrail.ledger.store.portable.lines import KeyRow
from stocktrail.ledger.store.side_tables.customer_keys import CREATE, TABLE, is_missing

_ADD = f"INSERT INTO {TABLE} (customer, key_id, secret) VALUES (:customer, :key_id, :secret)"
_ALL = f"SELECT customer, key_id, secret FROM {TABLE} ORDER BY customer"


def key_rows(ledger: Ledger) -> list[KeyRow]:
    """Return every key of a ledger; empty where nobody was ever registered."""
    try:
        with translate_errors(ledger.where), ledger.datastore.reading_models() as cursor:
            cursor.execute(_ALL)
            return [(row[0], row[1], row[2]) for row in cursor.fetchall()]
    except StorageError as error:
        if not is_missing(error):
            raise
        return []


def add_keys(cursor: DatabaseCursor, rows: Iterable[KeyRow]) -> None:
    """Insert keys into a ledger that has none of these customers."""
    cursor.execute(CREATE)
    for customer, key_id, secret in rows:
        cursor.execute(_ADD, {"customer": customer, "key_id": key_id, "secret": secret})
