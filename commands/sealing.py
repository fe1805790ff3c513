"""Sealing: what says who a customer is becomes unreadable before anything of it is kept.

The log is for ever, and so are the canonical command, its fingerprint and its id. All of them are
made of the sealed command, never of what was written: a digest of a readable e-mail address could
be found again by trying addresses. Ids that a script derives from its own bytes are made
unguessable from the first personal row on.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property

import orjson

from commands.customers import EraseCustomer
from commands.model import Command
from commands.reading import Row
from commands.result import DONE, Result
from ledger.store import Ledger
from ledger.store.customer_keys import CustomerKeys, Key
from ledger.store.outcome import Outcome
from ledger.store.sealing import Seal


class Sealing:
    """Seals the personal commands of one run. A dry run seals with keys that it forgets."""

    def __init__(self, ledger: Ledger, *, dry_run: bool = False) -> None:
        self._ledger = ledger
        self._dry_run = dry_run
        self._personal_so_far = False

    @cached_property
    def _keys(self) -> CustomerKeys:
        return CustomerKeys(self._ledger)

    def sealed(self, rows: Sequence[Row]) -> Sequence[Row]:
        """Give the rows with their personal fields sealed; other rows stay as they are."""
        personal = [row for row in rows if row.command is not None and row.command.personal]
        if not personal and not self._personal_so_far:
            return rows
        unguessable = list(self._with_unguessable_ids(rows))
        sealed = {row.line: row for row in self._sealed(
            [row for row in unguessable if row.command is not None and row.command.personal]
        )}
        return [sealed.get(row.line, row) for row in unguessable]

    def settle(self, result: Result) -> None:
        """Destroy the key of a customer whose erasure is recorded, before anybody is told so."""
        erased = result.command == EraseCustomer.command and result.status in DONE
        if erased and not self._dry_run:
            self._keys.settle()

    def _with_unguessable_ids(self, rows: Sequence[Row]) -> Iterator[Row]:
        for row in rows:
            if row.command is not None and row.command.personal:
                self._personal_so_far = True
            own = None if row.command is None else row.command.id
            if self._personal_so_far and row.command is not None and own != row.id:
                yield replace(row, id=self._keys.unguessable(row.id, keep=not self._dry_run))
            else:
                yield row

    def _sealed(self, rows: Sequence[Row]) -> Iterator[Row]:
        kept = self._ledger.log_recorder.outcomes([row.id for row in rows])
        known = {row.id: _seals_of(kept[row.id]) for row in rows if row.id in kept}
        new = [row for row in rows if row.id not in kept or not known[row.id]]
        customers = [_customer(row) for row in new]
        keys = self._keys.passing(customers) if self._dry_run else self._keys.give(customers)
        for row in rows:
            assert row.command is not None
            yield replace(row, command=self._again(row.command, known[row.id], keys)
                          if known.get(row.id) else self._seal(row.command, keys))

    def _seal(self, command: Command, keys: Mapping[str, Key]) -> Command:
        customer = str(getattr(command, "customer", ""))
        return _with(command, {
            field: self._keys.seal(keys[customer], customer, field, text)
            for field, text in _readable(command)
        })

    def _again(
        self, command: Command, known: Mapping[str, Seal], keys: Mapping[str, Key]
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
            field: known.get(field, Seal(f"{key_id}.")) for field, _ in _readable(command)
        })


def sealed_rows(sealing: Sealing, rows: Iterable[Sequence[Row]]) -> Iterator[Sequence[Row]]:
    """Seal the rows of a run as they come."""
    return map(sealing.sealed, rows)


def _customer(row: Row) -> str:
    return str(getattr(row.command, "customer", ""))


def _readable(command: Command) -> list[tuple[str, str]]:
    fields = ((field, getattr(command, field)) for field in command.personal)
    return [(field, text) for field, text in fields if text is not None]


def _with(command: Command, seals: Mapping[str, Seal]) -> Command:
    return command.model_copy(update=dict(seals))


def _seals_of(outcome: Outcome) -> dict[str, Seal]:
    body = orjson.loads(outcome.body)
    return {
        field: Seal(body[field]) for field in ("name", "email", "address")
        if body.get("command") == "register-customer" and field in body
    }
