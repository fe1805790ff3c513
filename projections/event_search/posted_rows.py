"""The rows of the log that the index of events names, as far as the read models go."""

from collections.abc import Collection, Sequence
from typing import Any

from stocktrail.ledger.store import Ledger
from stocktrail.ledger.store.side_tables.progress import SideTables
from stocktrail.ledger.store.tables import LOOK_UP_AT_ONCE, Cursor
from stocktrail.projections.model_version import model_version
from stocktrail.projections.models.event_index import (
    POSTING,
    Kind,
    block_of,
    holds,
    sequences_of,
)


class PostedRows:
    """Reads the postings of the live read models, whichever these are at the time."""

    def __init__(self, ledger: Ledger) -> None:
        self._log = ledger.log_recorder
        self._side_tables = SideTables(ledger)
        self._end = (0, 0)

    def end(self) -> int:
        """Return the sequence of the last row that the postings know; 0 without read models."""
        with self._side_tables.reading() as cursor:
            position = model_version(self._side_tables, cursor).position or 0
        if self._end[0] != position:
            self._end = position, self._log.sequence_at(position) if position else 0
        return self._end[1]

    def between(
        self, types: Collection[str], first: int, last: int, actor: str | None = None
    ) -> list[int] | None:
        """Return the sequences from a first to a last of rows with events of some types.

        With an ``actor`` only rows that this one sent; of no types, all of those. ``None`` when the
        read models do not go as far as the last, or do no longer.
        """
        blocks = {"first": block_of(first), "last": block_of(last)}
        with self._side_tables.reading() as cursor:
            if not self._go_to(cursor, last):
                return None
            found = _postings(
                cursor, types, actor, "block >= :first AND block <= :last", **blocks
            )
        return [
            sequence for block in sorted(found) for sequence in sequences_of(block, found[block])
            if first <= sequence <= last
        ]

    def among(
        self, types: Collection[str], sequences: Sequence[int], actor: str | None = None
    ) -> list[int]:
        """Return those of some sequences whose rows may hold events of some types, by an actor."""
        blocks = sorted(set(map(block_of, sequences)))
        found: dict[int, int] = {}
        with self._side_tables.reading() as cursor:
            if not self._go_to(cursor, max(sequences)):
                return list(sequences)
            for start in range(0, len(blocks), LOOK_UP_AT_ONCE):
                some = ", ".join(map(str, blocks[start : start + LOOK_UP_AT_ONCE]))
                found |= _postings(cursor, types, actor, f"block IN ({some})")
        return [
            sequence for sequence in sequences if holds(found.get(block_of(sequence), 0), sequence)
        ]

    def _go_to(self, cursor: Any, sequence: int) -> bool:
        """Return whether the read models, as a transaction sees them, go as far as a row."""
        position = model_version(self._side_tables, cursor).position or 0
        return position >= self._end[0] and sequence <= self._end[1]


def _postings(
    cursor: Cursor, types: Collection[str], actor: str | None, condition: str, **parameters: int
) -> dict[int, int]:
    """Return the postings of some types together, by block, where an actor has postings too."""
    of_types = _of_kind(cursor, "type", types, condition, **parameters) if types else {}
    if actor is None:
        return of_types
    of_actor = _of_kind(cursor, "actor", [actor], condition, **parameters)
    if not types:
        return of_actor
    both = {block: bits & of_actor.get(block, 0) for block, bits in of_types.items()}
    return {block: bits for block, bits in both.items() if bits}


def _of_kind(
    cursor: Cursor, kind: Kind, values: Collection[str], condition: str, **parameters: int
) -> dict[int, int]:
    named = {f"value{number}": name for number, name in enumerate(sorted(values))}
    among = ", ".join(f":{name}" for name in named)
    found: dict[int, int] = {}
    for row in POSTING.rows(
        cursor, f"WHERE kind = :kind AND value IN ({among}) AND {condition}", kind=kind, **named,
        **parameters,
    ):
        found[row["block"]] = found.get(row["block"], 0) | row["sequences"]
    return found
