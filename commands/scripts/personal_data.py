"""Sealing: what says who a customer is becomes unreadable before anything of it is kept.

The log is for ever, and so are the canonical command, its fingerprint and its id. All of them are
made of the sealed command, never of what was written: a digest of a readable e-mail address could
be found again by trying addresses. Ids that a script derives from its own bytes are made
unguessable from the first personal row on.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import chain

import orjson

from stocktrail.commands.customers import EraseCustomer
from stocktrail.commands.model import COMMANDS, Command
from stocktrail.commands.scripts.reading import Row
from stocktrail.commands.scripts.results import DONE, Result
from stocktrail.ledger.customer import Customer
from stocktrail.ledger.spelling import known_spelling
from stocktrail.ledger.store import Ledger
from stocktrail.ledger.store.outcome import Outcome
from stocktrail.ledger.store.side_tables.ciphertext import Ciphertext
from stocktrail.ledger.store.side_tables.customer_keys import CustomerKeys, Key, unguessable

_PERSONAL = frozenset(name for name, model in COMMANDS.items() if model.personal)
_ERASE = EraseCustomer.command


class Sealing:
    """Seals the personal commands of one run. A dry run seals with keys that it forgets."""

    def __init__(self, ledger: Ledger, *, dry_run: bool = False) -> None:
        self._ledger = ledger
        self._dry_run = dry_run
        self._personal_so_far = False
        self._erased: set[str] = set()

    @cached_property
    def _keys(self) -> CustomerKeys:
        return CustomerKeys(self._ledger)

    @cached_property
    def _secret(self) -> bytes:
        return self._keys.ledger_secret(keep=not self._dry_run)

    def sealed(self, rows: Sequence[Row]) -> Sequence[Row]:
        """Return the rows with their personal fields sealed; other rows stay as they are."""
        if not self._personal_so_far and not any(map(_is_personal, rows)):
            return rows
        found = list(self._with_unguessable_ids(rows))
        places = [at for at, row in enumerate(found) if _readable_fields(row)]
        for at, row in zip(places, self._sealed([found[at] for at in places]), strict=True):
            found[at] = row
        return found

    def settle(self, result: Result) -> None:
        """Destroy the key of a customer whose erasure is recorded, before anybody is told so."""
        if result.command == _ERASE and result.status in DONE and not self._dry_run:
            self._keys.destroy_erased()

    def _with_unguessable_ids(self, rows: Sequence[Row]) -> Iterator[Row]:
        for row in rows:
            if _is_personal(row):
                self._personal_so_far = True
            own = None if row.command is None else row.command.id
            if self._personal_so_far and row.command is not None and own != row.id:
                yield row._replace(id=unguessable(self._secret, row.id))
            else:
                yield row

    def _sealed(self, rows: Sequence[Row]) -> Iterator[Row]:
        rows = list(map(self._as_kept, rows))
        kept = self._ledger.outcomes_of([row.id for row in rows])
        known = {row.id: _seals_of(kept[row.id]) for row in rows if row.id in kept}
        new = [row for row in rows if row.id not in kept or not known[row.id]]
        customers = [_customer(row) for row in new]
        if self._dry_run:
            keys = self._keys.without_storing(customers, forgotten=self._erased)
        else:
            keys = self._keys.get_or_create(customers)
        for row in rows:
            assert row.command is not None
            yield row._replace(command=self._again(row.command, known[row.id], keys)
                          if known.get(row.id) else self._seal(row.command, keys))

    def _as_kept(self, row: Row) -> Row:
        """Seal for the customer who is kept, in the spelling in which the ledger keeps the id."""
        written = _customer(row)
        kept = known_spelling(written, self._is_registered)
        if row.command is None or kept == written:
            return row
        return row._replace(command=row.command.model_copy(update={"customer": kept}))

    def _is_registered(self, customer: str) -> bool:
        head = self._ledger.head().position
        return self._ledger.version_at(Customer.stream_of(customer), head) > 0

    def _seal(self, command: Command, keys: Mapping[str, Key]) -> Command:
        customer = str(getattr(command, "customer", ""))
        return _with(command, {
            field: self._keys.encrypt(keys[customer], customer, field, text)
            for field, text in _readable(command)
        })

    def _again(
        self, command: Command, known: Mapping[str, Ciphertext], keys: Mapping[str, Key]
    ) -> Command:
        """Seal a command whose id is known with the key that it was sealed with then.

        Where that key is destroyed nobody can compare any more: the seals are taken as they were,
        and the command is the one that is known.
        """
        customer = str(getattr(command, "customer", ""))
        key_id = next(iter(known.values())).key_id
        key = self._keys.find(customer)
        if key is not None and key.key_id == key_id:
            return self._seal(command, {customer: key})
        return _with(command, {
            field: known.get(field, Ciphertext(f"{key_id}.")) for field, _ in _readable(command)
        })

    def runs(self, rows: Sequence[Row]) -> Iterator[Sequence[Row]]:
        """Seal rows, those after an erasure apart: by then its key is destroyed."""
        start = 0
        for at, row in enumerate(rows, start=1):
            if row.name == _ERASE:
                yield self.sealed(rows[start:at])
                self._erased.add(_customer(row))
                start = at
        if start < len(rows) or not rows:
            yield self.sealed(rows[start:] if start else rows)


def sealed_rows(sealing: Sealing, rows: Iterable[Sequence[Row]]) -> Iterator[Sequence[Row]]:
    """Seal the rows of a run as they come."""
    return chain.from_iterable(map(sealing.runs, rows))


def touches_keys(command: Command) -> bool:
    """Return whether a command has to be sealed, or destroys a key."""
    return command.command in _PERSONAL or command.command == _ERASE


def _is_personal(row: Row) -> bool:
    """Return whether a row has, or should have had, personal fields."""
    return row.name in _PERSONAL


def _customer(row: Row) -> str:
    return str(getattr(row.command, "customer", ""))


def _readable_fields(row: Row) -> bool:
    return row.command is not None and bool(_readable(row.command))


def _readable(command: Command) -> list[tuple[str, str]]:
    fields = ((field, getattr(command, field)) for field in command.personal)
    return [(field, text) for field, text in fields if text is not None]


def _with(command: Command, seals: Mapping[str, Ciphertext]) -> Command:
    return command.model_copy(update=dict(seals))


def _seals_of(outcome: Outcome) -> dict[str, Ciphertext]:
    body = orjson.loads(outcome.body)
    model = COMMANDS.get(body["command"])
    personal = () if model is None else model.personal
    return {field: Ciphertext(body[field]) for field in personal if field in body}
