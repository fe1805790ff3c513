"""Customer keys: the keys to the encrypted fields of customers; stored beside the log.

Destroying a key erases a customer: what was encrypted with it stays in the log, unreadable. A
customer who is registered again gets a new key. The table also holds one secret of the ledger
itself, which makes ids derived from personal text unguessable.
"""

import hmac
import secrets
from collections.abc import Container, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from stocktrail.ledger.catalogue import CATALOGUE
from stocktrail.ledger.customer import CustomerErased
from stocktrail.ledger.store.application import Ledger
from stocktrail.ledger.store.errors import StorageError, translate_errors
from stocktrail.ledger.store.side_tables.ciphertext import KEY_BYTES, Ciphertext, decrypt, encrypt
from stocktrail.ledger.store.side_tables.progress import SideTables
from stocktrail.ledger.store.sqlite.datastore import SQLiteLedgerDatastore
from stocktrail.ledger.store.tables import one_of

TABLE = "customer_keys"
"""The table of keys, and of the ledger's own secret."""

CREATE = f"""CREATE TABLE IF NOT EXISTS {TABLE} (
    customer TEXT NOT NULL PRIMARY KEY, key_id TEXT NOT NULL, secret TEXT NOT NULL
)"""
"""The statement that creates the table if it is missing."""

_ADD = (
    f"INSERT INTO {TABLE} (customer, key_id, secret) VALUES (:customer, :key_id, :secret) "
    "ON CONFLICT (customer) DO NOTHING"
)
_FIND = f"SELECT customer, key_id, secret FROM {TABLE} WHERE"
_OVERWRITE = (
    f"UPDATE {TABLE} SET secret = :nothing WHERE customer = :customer AND key_id = :key_id"
)
_DELETE = f"DELETE FROM {TABLE} WHERE customer = :customer AND key_id = :key_id"

_LEDGER = "\n"
"""The key of the ledger's own secret; no customer can have this name."""

_SWEPT = f"{TABLE}.swept"
_AT_ONCE = 5000
_ERASING = ("CustomerErased.v1",)
"""Every version under which an erasure was ever stored."""


class Key(NamedTuple):
    """A key, and the id by which ciphertexts refer to it."""

    key_id: str
    secret: bytes


class CustomerKeys:
    """The keys of one ledger's customers.

    Keys of customers whose erasure is in the log are destroyed when this is created, so a crash
    between recording an erasure and destroying the key leaves nothing readable. Whoever only wants
    ``to_read`` what the log still has, without those who were erased, writes nothing.
    """

    def __init__(self, ledger: Ledger, *, to_read: bool = False) -> None:
        self._ledger = ledger
        self._side_tables = SideTables(ledger)
        self._is_there = False
        if not (ledger.read_only or to_read):
            self.destroy_erased()

    def find(self, customer: str) -> Key | None:
        """Return the key of a customer, or ``None`` if there is none or it was destroyed."""
        return self._find([customer]).get(customer)

    def get_or_create(self, customers: Iterable[str]) -> Mapping[str, Key]:
        """Return the key of each customer; missing keys are created and committed first."""
        wanted = list(dict.fromkeys(customers))
        found = self._find(wanted)
        missing = [customer for customer in wanted if customer not in found]
        if missing:
            self._create_table()
            with self._side_tables.writing() as cursor:
                for customer in missing:
                    cursor.execute(_ADD, {"customer": customer, **_new_key()})
            found.update(self._find(missing))
        return found

    def without_storing(
        self, customers: Iterable[str], forgotten: Container[str] = ()
    ) -> Mapping[str, Key]:
        """Return the key of each customer, or a new one that is not stored, for a dry run.

        ``forgotten`` are the customers whose keys the dry run has destroyed.
        """
        wanted = list(dict.fromkeys(customers))
        return {
            **{each: Key(secrets.token_hex(8), secrets.token_bytes(KEY_BYTES)) for each in wanted},
            **self._find([each for each in wanted if each not in forgotten]),
        }

    def ledger_secret(self, *, keep: bool = True) -> bytes:
        """Return the secret of the ledger itself, which is created once."""
        keys = self.get_or_create([_LEDGER]) if keep else self.without_storing([_LEDGER])
        return keys[_LEDGER].secret

    def decrypt(self, customer: str, sealed: Mapping[str, str]) -> dict[str, str] | None:
        """Return the encrypted fields of a customer as text, or ``None`` if their key is gone."""
        key = self.find(customer)
        if key is None or any(Ciphertext(text).key_id != key.key_id for text in sealed.values()):
            return None
        opened = {name: decrypt(key.secret, customer, name, text) for name, text in sealed.items()}
        return {name: text for name, text in opened.items() if text is not None}

    def decrypt_all(self, field: str, sealed: Mapping[str, str]) -> dict[str, str]:
        """Return one field of many customers as text; those whose key is gone are left out."""
        keys = self._find(list(sealed))
        opened = {
            customer: decrypt(keys[customer].secret, customer, field, text)
            for customer, text in sealed.items()
            if customer in keys and Ciphertext(text).key_id == keys[customer].key_id
        }
        return {customer: text for customer, text in opened.items() if text is not None}

    def encrypt(self, key: Key, customer: str, field: str, text: str) -> Ciphertext:
        """Return one field of a customer as ciphertext."""
        return encrypt(key.key_id, key.secret, customer, field, text)

    # ------------------------------------------------------------------ erasing

    def destroy_erased(self) -> int:
        """Destroy the keys of all customers whose erasure is in the log; return how many.

        An erasure names its key, so a key that was created later stays.
        """
        head = self._ledger.head().position
        with self._side_tables.reading() as cursor:
            swept = self._side_tables.positions(cursor, [_SWEPT])[0] or 0
        if swept >= head:
            return 0
        erased = self._erasures(swept, head)
        destroyed = 0
        self._create_table()
        with self._side_tables.writing() as cursor:
            for event in erased:
                named = {"customer": event.customer, "key_id": event.key}
                # Overwritten first: a deleted row may stay readable in a free page of the file.
                cursor.execute(_OVERWRITE, {**named, "nothing": "0" * 2 * KEY_BYTES})
                cursor.execute(_DELETE, named)
                destroyed += 1
            if (self._side_tables.positions(cursor, [_SWEPT])[0] or 0) < head:
                self._side_tables.record(cursor, _SWEPT, head)
        if destroyed:
            self._truncate_write_ahead_log()
        return destroyed

    def _erasures(self, after: int, head: int) -> Sequence[CustomerErased]:
        found: list[CustomerErased] = []
        while after < head:
            with translate_errors(self._ledger.where):
                rows = self._ledger.log_recorder.rows(after, _AT_ONCE, head, _ERASING)
            events = [CATALOGUE.read(row.topic, row.state) for row in rows]
            found += [event for event in events if isinstance(event, CustomerErased)]
            after = rows[-1].id if len(rows) == _AT_ONCE else head
        return found

    def _truncate_write_ahead_log(self) -> None:
        """Empty SQLite's write-ahead log, which may still contain the page of a destroyed key."""
        datastore = self._ledger.datastore
        if isinstance(datastore, SQLiteLedgerDatastore):
            with (
                translate_errors(self._ledger.where),
                datastore.get_connection(commit=False) as connection,
            ):
                connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")

    # ------------------------------------------------------------------ the table

    def _create_table(self) -> None:
        if not self._is_there:
            self._side_tables.prepare()
            with self._side_tables.writing() as cursor:
                cursor.execute(CREATE)
            self._is_there = True

    def _find(self, customers: Sequence[str]) -> dict[str, Key]:
        found: dict[str, Key] = {}
        try:
            with self._side_tables.reading() as cursor:
                for asked, named in one_of("customer", customers):
                    cursor.execute(f"{_FIND} {asked}", named)
                    for row in map(tuple, cursor.fetchall()):
                        found[row[0]] = Key(row[1], bytes.fromhex(row[2]))
        except StorageError as error:
            if not is_missing(error):
                raise
        return found


def _new_key() -> dict[str, Any]:
    return {"key_id": secrets.token_hex(8), "secret": secrets.token_hex(KEY_BYTES)}


def unguessable(secret: bytes, derived: str) -> str:
    """Return a keyed hash of an id that was derived from personal text.

    ``secret`` is that of the ledger, so that sending the same text again yields the same id.

    >>> unguessable(b"of this ledger", "c-1")[:8], unguessable(b"of another one", "c-1")[:8]
    ('839026dc', '12f4d956')
    """
    return hmac.digest(secret, derived.encode(), "sha256").hex()


def is_missing(error: StorageError) -> bool:
    """Return whether the error means that the table does not exist: nobody was ever registered."""
    return "no such table" in error.message or "does not exist" in error.message
