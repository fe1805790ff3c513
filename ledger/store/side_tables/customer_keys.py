"""Customer keys: what opens the sealed fields of a customer, beside the log and never in it.

Destroying a key erases a customer: what it sealed stays in the log, unreadable for ever. A customer
who is registered again gets a new key. The table also holds one secret of the ledger itself, with
which ids that were derived from personal text are made unguessable.
"""

import hmac
import secrets
from collections.abc import Container, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from stocktrail.ledger.catalogue import CATALOGUE
from stocktrail.ledger.customer import CustomerErased
from stocktrail.ledger.store.application import Ledger
from stocktrail.ledger.store.errors import StorageError, translate_errors
from stocktrail.ledger.store.side_tables.ciphertext import KEY_BYTES, Seal, seal, unseal
from stocktrail.ledger.store.side_tables.progress import Progress
from stocktrail.ledger.store.sqlite.datastore import LedgerDatastore

TABLE = "customer_keys"
"""The table of keys, and of the secret by which ids made of personal text are not guessed."""

CREATE = f"""CREATE TABLE IF NOT EXISTS {TABLE} (
    customer TEXT NOT NULL PRIMARY KEY, key_id TEXT NOT NULL, secret TEXT NOT NULL
)"""
"""The statement that makes the table, where it is missing."""

_ADD = (
    f"INSERT INTO {TABLE} (customer, key_id, secret) VALUES (:customer, :key_id, :secret) "
    "ON CONFLICT (customer) DO NOTHING"
)
_FIND = f"SELECT customer, key_id, secret FROM {TABLE} WHERE customer = :customer"
_OVERWRITE = (
    f"UPDATE {TABLE} SET secret = :nothing WHERE customer = :customer AND key_id = :key_id"
)
_DELETE = f"DELETE FROM {TABLE} WHERE customer = :customer AND key_id = :key_id"

_LEDGER = "\n"
"""The ledger's own secret stands under a name that no customer can have."""

_SWEPT = f"{TABLE}.swept"
_AT_ONCE = 5000
_ERASING = ("CustomerErased.v1",)
"""Every version under which an erasure was ever stored."""


class Key(NamedTuple):
    """A key and the id by which sealed text names it."""

    key_id: str
    secret: bytes


class CustomerKeys:
    """The keys of one ledger's customers.

    Whatever the log says was erased has no key: that is settled when the keys are opened, so a
    crash between recording an erasure and destroying the key leaves nothing readable.
    """

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._progress = Progress(ledger)
        self._is_there = False
        if not ledger.read_only:
            self.settle()

    def find(self, customer: str) -> Key | None:
        """Return the key of a customer, ``None`` when there is none or it was destroyed."""
        return self._find([customer]).get(customer)

    def give(self, customers: Iterable[str]) -> Mapping[str, Key]:
        """Return the key of each customer, and make those that are missing, durably."""
        wanted = list(dict.fromkeys(customers))
        found = self._find(wanted)
        missing = [customer for customer in wanted if customer not in found]
        if missing:
            self._prepare()
            with self._progress.writing() as cursor:
                for customer in missing:
                    cursor.execute(_ADD, {"customer": customer, **_new_key()})
            found.update(self._find(missing))
        return found

    def passing(
        self, customers: Iterable[str], forgotten: Container[str] = ()
    ) -> Mapping[str, Key]:
        """Return the key of each customer, or one that is kept nowhere, for a dry run.

        ``forgotten`` are the customers whose key the dry run has destroyed.
        """
        wanted = list(dict.fromkeys(customers))
        return {
            **{each: Key(secrets.token_hex(8), secrets.token_bytes(KEY_BYTES)) for each in wanted},
            **self._find([each for each in wanted if each not in forgotten]),
        }

    def ledger_secret(self, *, keep: bool = True) -> bytes:
        """Return the secret of the ledger itself, which is made once."""
        keys = self.give([_LEDGER]) if keep else self.passing([_LEDGER])
        return keys[_LEDGER].secret

    def open(self, customer: str, sealed: Mapping[str, str]) -> dict[str, str] | None:
        """Read the sealed fields of a customer; ``None`` when their key is gone."""
        key = self.find(customer)
        if key is None or any(Seal(text).key_id != key.key_id for text in sealed.values()):
            return None
        opened = {name: unseal(key.secret, customer, name, text) for name, text in sealed.items()}
        return {name: text for name, text in opened.items() if text is not None}

    def seal(self, key: Key, customer: str, field: str, text: str) -> Seal:
        """Seal one field of a customer."""
        return seal(key.key_id, key.secret, customer, field, text)

    # ------------------------------------------------------------------ erasing

    def settle(self) -> int:
        """Destroy the keys of everybody whom the log says was erased; give how many were.

        Each key is named by the event that erased it, so one that was made later stays.
        """
        head = self._ledger.head().position
        with self._progress.reading() as cursor:
            swept = self._progress.positions(cursor, [_SWEPT])[0] or 0
        if swept >= head:
            return 0
        erased = self._erasures(swept, head)
        destroyed = 0
        self._prepare()
        with self._progress.writing() as cursor:
            for event in erased:
                named = {"customer": event.customer, "key_id": event.key}
                # Overwritten first: a deleted row may stay readable in the file's free space.
                cursor.execute(_OVERWRITE, {**named, "nothing": "0" * 2 * KEY_BYTES})
                cursor.execute(_DELETE, named)
                destroyed += 1
            if (self._progress.positions(cursor, [_SWEPT])[0] or 0) < head:
                self._progress.record(cursor, _SWEPT, head)
        if destroyed:
            self._leave_no_trace()
        return destroyed

    def _erasures(self, after: int, head: int) -> Sequence[CustomerErased]:
        found: list[CustomerErased] = []
        while after < head:
            with translate_errors(self._ledger.where):
                rows = self._ledger.recorder.select_notifications(
                    after, _AT_ONCE, head, _ERASING, inclusive_of_start=False
                )
            events = [CATALOGUE.read(row.topic, row.state) for row in rows]
            found += [event for event in events if isinstance(event, CustomerErased)]
            after = rows[-1].id if len(rows) == _AT_ONCE else head
        return found

    def _leave_no_trace(self) -> None:
        """Empty SQLite's write-ahead log, in which the page of a key may still stand as it was."""
        datastore = self._ledger.datastore
        if isinstance(datastore, LedgerDatastore):
            with (
                translate_errors(self._ledger.where),
                datastore.get_connection(commit=False) as connection,
            ):
                connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")

    # ------------------------------------------------------------------ the table

    def _prepare(self) -> None:
        if not self._is_there:
            self._progress.prepare()
            with self._progress.writing() as cursor:
                cursor.execute(CREATE)
            self._is_there = True

    def _find(self, customers: Sequence[str]) -> dict[str, Key]:
        found: dict[str, Key] = {}
        try:
            with self._progress.reading() as cursor:
                for customer in customers:
                    cursor.execute(_FIND, {"customer": customer})
                    for row in map(tuple, cursor.fetchall()):
                        found[row[0]] = Key(row[1], bytes.fromhex(row[2]))
        except StorageError as error:
            if not is_missing(error):
                raise
        return found


def _new_key() -> dict[str, Any]:
    return {"key_id": secrets.token_hex(8), "secret": secrets.token_hex(KEY_BYTES)}


def unguessable(secret: bytes, derived: str) -> str:
    """Turn an id that was derived from personal text into one that tells nothing about it.

    ``secret`` is the one of the ledger itself, so that sending the same again gives the same id.

    >>> unguessable(b"of this ledger", "c-1")[:8], unguessable(b"of another one", "c-1")[:8]
    ('839026dc', '12f4d956')
    """
    return hmac.digest(secret, derived.encode(), "sha256").hex()


def is_missing(error: StorageError) -> bool:
    """Return whether the table is not there yet: nobody was ever registered."""
    return "no such table" in error.message or "does not exist" in error.message
