"""Reading the rows with their leaves, the stored hashes and the head of the tree."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from stocktrail.ledger.store.command_row import COLUMNS, CommandRow, IndexRow
from stocktrail.ledger.store.datastore import LogSource
from stocktrail.ledger.store.errors import StorageError, translate_errors
from stocktrail.ledger.store.log_reading import sequence_at
from stocktrail.ledger.store.merkle.heads import tree_of_head
from stocktrail.ledger.store.merkle.tree import BLOCK_LEVELS, CompactRange, NodeAt

_HEAD = "SELECT position, recorded_at, sequence, root, edge FROM ledger_head"
_ROWS = (
    f"SELECT {COLUMNS}, leaf FROM commands WHERE sequence > :after AND sequence <= :stop "
    "ORDER BY sequence LIMIT :limit"
)
_AT = f"SELECT {COLUMNS} FROM commands WHERE sequence = {sequence_at(':position')}"
_FORMER = (
    f"SELECT {COLUMNS} FROM commands WHERE sequence >= {sequence_at(':position')} "
    f"AND sequence <= {sequence_at('(:position + 1)')} AND status = 'sealed'"
)
_LEAVES = (
    "SELECT leaf FROM commands WHERE sequence > :after AND sequence <= :stop ORDER BY sequence"
)
_NODES = (
    "SELECT number, hash FROM seal_nodes WHERE level = :level "
    "AND number >= :first AND number < :end ORDER BY number"
)
_INDEX = (
    "SELECT stream, version, sequence, place FROM stream_index "
    "WHERE (stream, version) > (:stream, :version) AND sequence <= :stop "
    "ORDER BY stream, version LIMIT :limit"
)
_INDEX_BEYOND = "SELECT stream, version, sequence, place FROM stream_index WHERE sequence > :stop"


class SealedHead(NamedTuple):
    """The head row as stored: the end of the log, the root of its tree and the tree's edge."""

    position: int
    recorded_at: int
    sequence: int
    root: bytes
    edge: bytes

    @property
    def tree(self) -> CompactRange:
        """The tree over the rows. Raises :class:`StorageError` when it does not fit their end."""
        return tree_of_head(self.sequence, self.edge)


class SealedLog:
    """The hashed rows of one ledger and their hash tree, for verification and proofs."""

    def __init__(self, datastore: LogSource, where: str) -> None:
        self._datastore = datastore
        self._where = where

    def head(self) -> SealedHead:
        """Return the end of the log and the head of the tree at one moment."""
        [row] = self._select(_HEAD)
        return SealedHead._make(row)

    def rows(self, after: int, stop: int, limit: int) -> list[tuple[CommandRow, bytes]]:
        """Return rows by sequence as they are stored, each with its leaf."""
        rows = self._select(_ROWS, after=after, stop=stop, limit=limit)
        return [(CommandRow._make(row[:-1]), row[-1]) for row in rows]

    def row_at(self, position: int) -> CommandRow:
        """Return the row that holds the event at a position, which must be in the log."""
        [row] = self._select(_AT, position=position)
        return CommandRow._make(row)

    def former_seal(self, position: int) -> CommandRow | None:
        """Return the row that holds the roots of the former trees, if it follows a position."""
        rows = self._select(_FORMER, position=position)
        return CommandRow._make(rows[0]) if rows else None

    def leaves(self, start: int, end: int) -> list[bytes]:
        """Return the leaves of the tree from ``start`` to before ``end``, counted from 0."""
        return [row[0] for row in self._select(_LEAVES, after=start, stop=end)]

    def nodes(self, level: int, first: int, end: int) -> dict[int, bytes]:
        """Return the stored hashes of a level by number."""
        return dict(self._select(_NODES, level=level, first=first, end=end))

    def position_of(self, sequence: int) -> int:
        """Return the first position of a row, or the end of the log if there is no such row."""
        rows = self.rows(sequence - 1, sequence, 1)
        return rows[0][0].first_position if rows else self.head().position

    def places(self, stream: str, version: int, stop: int, limit: int) -> list[IndexRow]:
        """Return where events are, by stream and version, after a version of a stream.

        Events in rows after the sequence ``stop`` are left out.
        """
        return self._select(_INDEX, stream=stream, version=version, stop=stop, limit=limit)

    def places_beyond(self, stop: int) -> list[IndexRow]:
        """Return the events that the index of streams has in rows after a sequence."""
        return self._select(_INDEX_BEYOND, stop=stop)

    def node_at(self) -> NodeAt:
        """Return a function that computes the hash of a perfect subtree from few stored ones."""
        blocks: dict[tuple[int, int], Sequence[bytes]] = {}

        def node(level: int, number: int) -> bytes:
            kept_level = level - level % BLOCK_LEVELS
            above = level - kept_level
            block = (kept_level, number >> (BLOCK_LEVELS - above))
            if block not in blocks:
                blocks[block] = self._block(*block)
            start = (number << above) - (block[1] << BLOCK_LEVELS)
            hashes = blocks[block][start : start + (1 << above)]
            if len(hashes) != 1 << above:
                raise StorageError(
                    "ledger_damaged",
                    f"Hashes of {self._where} are missing. Run `stocktrail verify`.",
                )
            return CompactRange().extend(hashes)[0].root

        return node

    def _block(self, level: int, number: int) -> Sequence[bytes]:
        first, end = number << BLOCK_LEVELS, (number + 1) << BLOCK_LEVELS
        if level == 0:
            return self.leaves(first, end)
        return list(self.nodes(level, first, end).values())

    def _select(self, query: str, **parameters: Any) -> list[Any]:
        with translate_errors(self._where), self._datastore.reading_log() as cursor:
            cursor.execute(query, parameters)
            return list(cursor.fetchall())
