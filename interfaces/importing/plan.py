"""The plan of an import: the commands that its rows lead to, in units that belong together.

A command of a file has no id of its own. It gets one that is derived from the file, from what it
says, and from what the ledger showed when it was planned: whoever sends the same plan twice changes
nothing the second time, the same numbers count again once the ledger shows others, and a refusal of
a file that was repaired since is not told again.
"""

from collections.abc import Iterable, Iterator, Sequence
from hashlib import sha256
from typing import Any, NamedTuple

import orjson

from stocktrail.commands.model import Command
from stocktrail.commands.scripts.groups import MAX_GROUP
from stocktrail.commands.scripts.reading import Row

ROWS_OF_A_LARGE_PLAN = 1_000
"""How many commands are recorded together of a plan that is too large to be recorded at once."""


def digest_of(meaning: tuple[object, ...], data: bytes) -> str:
    """Return a digest of the bytes of a file, and of all that was said of it (``meaning``)."""
    return sha256(repr(meaning).encode() + data).hexdigest()


class Planned(NamedTuple):
    """A command, with the row that leads to it, and what it changes as a preview shows it."""

    command: Command
    row: int | None
    what: str
    subject: str
    at: str = ""
    before: str = ""
    after: str = ""

    def as_json(self) -> dict[str, Any]:
        """Return what it changes as JSON values."""
        return {
            "row": self.row, "what": self.what, "subject": self.subject, "at": self.at,
            "before": self.before, "after": self.after, "command": self.command.command,
        }


class Unit(NamedTuple):
    """Commands that are recorded together or not at all, in their order.

    ``state`` is the position at which the ledger showed what it did, ``None`` for facts that the
    same file tells once only, whatever the ledger shows.
    """

    planned: Sequence[Planned]
    state: int | None


class ImportPlan:
    """What an import is to record. ``unchanged`` counts what the ledger shows already.

    ``file_digest`` stands for the bytes of the file, and for what was said about it. ``apart`` lets
    each unit be recorded by itself: one that is refused keeps no other back.
    """

    def __init__(self, file_digest: str, *, apart: bool = False) -> None:
        self.file_digest = file_digest
        self.apart = apart
        self.units: list[Unit] = []
        self.unchanged = 0
        self._commands = 0

    def __len__(self) -> int:
        return self._commands

    def add(self, planned: Sequence[Planned], *, state: int | None) -> None:
        """Add commands that are recorded together or not at all; see :class:`Unit`."""
        if planned:
            self.units.append(Unit(planned, state))
            self._commands += len(planned)

    def without(self, planned: Iterable[Planned]) -> "ImportPlan":
        """Return the plan without the units that some of its commands belong to."""
        left_out = {id(each.command) for each in planned}
        rest = ImportPlan(self.file_digest, apart=self.apart)
        rest.unchanged = self.unchanged
        for unit in self.units:
            if left_out.isdisjoint(id(each.command) for each in unit.planned):
                rest.add(unit.planned, state=unit.state)
        return rest

    @property
    def planned(self) -> Iterator[Planned]:
        """Every command with what it changes, in order."""
        return (each for unit in self.units for each in unit.planned)

    @property
    def is_one_group(self) -> bool:
        """Whether all of it is recorded together or not at all."""
        return len(self) <= MAX_GROUP

    def rows(self) -> Iterator[list[Row]]:
        """Yield the rows of a script, numbered from 1: one group, or one after the other.

        Rows that are yielded together are written in one transaction, in as many groups as it is.
        """
        whole = self.is_one_group and not self.apart
        most = MAX_GROUP if whole else ROWS_OF_A_LARGE_PLAN
        line = 0
        number = 1
        rows: list[Row] = []
        for unit in self.units:
            is_full = bool(rows) and len(rows) + len(unit.planned) > most
            number += is_full or (self.apart and line > 0)
            if is_full:
                yield rows
                rows = []
            for each in unit.planned:
                line += 1
                command = each.command
                rows.append(Row(
                    line, self._id_of(command, unit.state), command, command.command,
                    f"import-{number}",
                ))
        if rows:
            yield rows

    def lines(self) -> Iterator[bytes]:
        """Yield the commands as lines of a script, each with its id and its group."""
        for rows in self.rows():
            for row in rows:
                assert row.command is not None
                body = orjson.loads(row.command.body())
                name = body.pop("command")
                yield orjson.dumps({"command": name, "id": row.id, "group": row.group} | body)

    def _id_of(self, command: Command, state: int | None) -> str:
        start = f"{self.file_digest} {'' if state is None else state} "
        return f"import-{sha256(start.encode() + command.body()).hexdigest()}"
