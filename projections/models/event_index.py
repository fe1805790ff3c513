"""Read model of where in the log the events of a type, or of an actor, are: an index of postings.

A posting says which rows of the log, among 64 that follow each other, hold an event of a value: bit
``n`` of ``sequences`` stands for the row with the sequence ``64 * block + n``. Frequent values so
take a bit a row, rare ones a posting each. It only narrows down what is read: whoever reads the
rows picks the events, so a bit too many would cost time, and only one too few would be a fault.

Events of a customer, of an item or of an order need no postings: they are the events of streams.
"""

from collections.abc import Iterable, Iterator
from typing import Literal

from stocktrail.ledger.base.event import Event
from stocktrail.ledger.store.tables import Cursor, ReadModel, Table, TableSet
from stocktrail.projections.models.version import versioned
from stocktrail.projections.recorded_together import RecordedTogether

Kind = Literal["type", "actor"]
"""What postings are about: the name of a type, without its version, or who sent the command."""

POSTING = Table(
    versioned("posting"),
    {
        "kind": "TEXT NOT NULL", "value": "TEXT NOT NULL", "block": "BIGINT NOT NULL",
        "sequences": "BIGINT NOT NULL",
    },
    ("kind", "value", "block"),
)

MODEL = ReadModel("event_index", (POSTING,))

_BITS = 6
BLOCK = 1 << _BITS
"""How many rows of the log one posting is about."""

_PLACES = BLOCK - 1


def block_of(sequence: int) -> int:
    """Return the block that a row of the log is in.

    >>> block_of(63), block_of(64)
    (0, 1)
    """
    return sequence >> _BITS


def as_signed(bits: int) -> int:
    """Return 64 bits as the signed number that a database stores.

    >>> as_signed(1), as_signed(1 << 63)
    (1, -9223372036854775808)
    """
    return bits - (1 << BLOCK) if bits >> _PLACES else bits


def sequences_of(block: int, bits: int) -> Iterator[int]:
    """Yield the sequences that a posting stands for, in their order.

    >>> list(sequences_of(1, as_signed(0b101 | 1 << 63)))
    [64, 66, 127]
    """
    sequence, bits = block << _BITS, bits & ((1 << BLOCK) - 1)
    while bits:
        lowest = bits & -bits
        yield sequence + lowest.bit_length() - 1
        bits ^= lowest


def holds(bits: int, sequence: int) -> bool:
    """Return whether a posting of its block names a row.

    >>> holds(as_signed(1 << 63), 127), holds(0b10, 64)
    (True, False)
    """
    return bool(bits >> (sequence & _PLACES) & 1)


class EventIndex:
    """Postings of what was folded and is not saved yet."""

    def __init__(self) -> None:
        self._types: dict[tuple[type[Event], int], int] = {}
        self._actors: dict[tuple[str, int], int] = {}

    def record(self, batch: Iterable[RecordedTogether]) -> None:
        """Note the rows of the log that events were read from."""
        types, actors = self._types, self._actors
        last = 0
        for together in batch:
            for recorded in together:
                sequence = recorded.sequence
                block, bit = sequence >> _BITS, 1 << (sequence & _PLACES)
                of_type = (type(recorded[2]), block)
                types[of_type] = types.get(of_type, 0) | bit
                if sequence != last:
                    last, actor = sequence, recorded.actor
                    if actor is not None:
                        actors[actor, block] = actors.get((actor, block), 0) | bit

    def save(self, tables: TableSet, cursor: Cursor) -> None:
        """Add what was noted to the postings; a block goes on where an earlier save left it."""
        rows = [
            ("type", kind.__name__, block, as_signed(bits))
            for (kind, block), bits in self._types.items()
        ]
        rows += (
            ("actor", actor, block, as_signed(bits))
            for (actor, block), bits in self._actors.items()
        )
        if rows:
            cursor.executemany(tables.table(POSTING).merge_of("sequences", "|"), rows)
        self._types.clear()
        self._actors.clear()
