"""Reading the leaves, the stored hashes and the tree heads, with the same SQL on every database."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from stocktrail.ledger.store.datastore import Datastore
from stocktrail.ledger.store.errors import DATABASE_ERRORS, StorageError, translate_errors
from stocktrail.ledger.store.mapper import EventRow
from stocktrail.ledger.store.merkle.heads import EVENTS, TreeHeads
from stocktrail.ledger.store.merkle.tree import BLOCK_LEVELS, CompactRange, NodeAt
from stocktrail.ledger.store.outcome import OutcomeRow

_HEAD = (
    "SELECT position, recorded_at, event_root, event_range, command_count, command_root, "
    "command_range FROM ledger_head"
)
_EVENTS = (
    "SELECT position, originator_id, originator_version, topic, state, occurred_at, recorded_at, "
    "command_id, correlation_id, causation_id, actor, leaf FROM stored_events "
    "WHERE position > :after AND position <= :stop ORDER BY position LIMIT :limit"
)
_OUTCOMES = (
    "SELECT command_id, fingerprint, status, first_position, last_position, body, result, leaf, "
    "sequence FROM stored_commands WHERE sequence > :after AND sequence <= :stop "
    "ORDER BY sequence LIMIT :limit"
)
_LEAVES = (
    "SELECT leaf FROM stored_events WHERE position > :after AND position <= :stop "
    "ORDER BY position",
    "SELECT leaf FROM stored_commands WHERE sequence > :after AND sequence <= :stop "
    "ORDER BY sequence",
)
_NODES = (
    "SELECT number, hash FROM seal_nodes WHERE tree = :tree AND level = :level "
    "AND number >= :first AND number < :end ORDER BY number"
)
_BAD_VERSIONS = (
    "SELECT originator_id, COUNT(*) FROM stored_events WHERE position <= :stop "
    "GROUP BY originator_id "
    "HAVING COUNT(*) <> MAX(originator_version) OR MIN(originator_version) <> 1 "
    "ORDER BY originator_id LIMIT 1"
)
_FIRST_BAD_VERSION = (
    "SELECT position FROM stored_events e WHERE originator_id = :stream AND originator_version <> "
    "1 AND NOT EXISTS (SELECT 1 FROM stored_events b WHERE b.originator_id = e.originator_id "
    "AND b.originator_version = e.originator_version - 1) ORDER BY position LIMIT 1"
)


class SealedHead(NamedTuple):
    """The head row as stored: the end of the log, the tree heads and both roots."""

    position: int
    recorded_at: int
    event_root: bytes
    command_root: bytes
    event_range: bytes
    command_count: int
    command_range: bytes

    @property
    def trees(self) -> TreeHeads:
        """The tree heads. Raises :class:`StorageError` when they do not fit the position."""
        return TreeHeads.of_row(
            self.position, self.event_range, self.command_count, self.command_range
        )


class SealedLog:
    """The hashed rows of one ledger and their hash trees, for verification and proofs."""

    def __init__(self, datastore: Datastore, where: str) -> None:
        self._datastore = datastore
        self._where = where

    def head(self) -> SealedHead:
        """Return the end of the log and the tree heads of one moment.

        Raises :class:`StorageError`: ``ledger_not_sealed`` for a ledger that was written before
        there were hash trees, and has not been opened for writing since.
        """
        try:
            [row] = self._select(_HEAD)
        except StorageError as error:
            cause = error.__cause__
            if isinstance(cause, DATABASE_ERRORS) and "event_root" in str(cause):
                raise StorageError(
                    "ledger_not_sealed",
                    f"{self._where} was written before logs were sealed. Open it for writing once, "
                    "for instance with `stocktrail submit /dev/null`, and it is sealed as it is.",
                ) from error
            raise
        position, recorded_at, event_root, event_range, count, command_root, command_range = row
        return SealedHead(
            position, recorded_at, event_root, command_root, event_range, count, command_range
        )

    def events(self, after: int, stop: int, limit: int) -> list[tuple[EventRow, bytes]]:
        """Return events as they are stored, each with its leaf."""
        rows = self._select(_EVENTS, after=after, stop=stop, limit=limit)
        return [(tuple(row[:11]), row[11]) for row in rows]

    def outcomes(self, after: int, stop: int, limit: int) -> list[tuple[OutcomeRow, bytes, int]]:
        """Return outcomes as they are stored, each with its leaf and its number."""
        rows = self._select(_OUTCOMES, after=after, stop=stop, limit=limit)
        return [(tuple(row[:7]), row[7], row[8]) for row in rows]

    def leaves(self, tree: int, start: int, end: int) -> list[bytes]:
        """Return the leaves of a tree from ``start`` to before ``end``, counted from 0."""
        return [row[0] for row in self._select(_LEAVES[tree], after=start, stop=end)]

    def nodes(self, tree: int, level: int, first: int, end: int) -> dict[int, bytes]:
        """Return the stored hashes of a level by number."""
        rows = self._select(_NODES, tree=tree, level=level, first=first, end=end)
        return {row[0]: row[1] for row in rows}

    def first_bad_version(self, stop: int) -> tuple[str, int] | None:
        """Return the first stream whose versions are not 1, 2, 3 ..., and where the gap is."""
        rows = self._select(_BAD_VERSIONS, stop=stop)
        if not rows:
            return None
        places = self._select(_FIRST_BAD_VERSION, stream=rows[0][0])
        return rows[0][0], places[0][0] if places else 0

    def node_at(self, tree: int = EVENTS) -> NodeAt:
        """Return a function that computes the hash of a perfect subtree from few stored ones."""
        blocks: dict[tuple[int, int], Sequence[bytes]] = {}

        def node(level: int, number: int) -> bytes:
            kept_level = level - level % BLOCK_LEVELS
            above = level - kept_level
            block = (kept_level, number >> (BLOCK_LEVELS - above))
            if block not in blocks:
                blocks[block] = self._block(tree, *block)
            start = (number << above) - (block[1] << BLOCK_LEVELS)
            hashes = blocks[block][start : start + (1 << above)]
            if len(hashes) != 1 << above:
                raise StorageError(
                    "ledger_damaged",
                    f"Hashes of {self._where} are missing. Run `stocktrail verify`.",
                )
            return CompactRange().extend(hashes)[0].root

        return node

    def _block(self, tree: int, level: int, number: int) -> Sequence[bytes]:
        first, end = number << BLOCK_LEVELS, (number + 1) << BLOCK_LEVELS
        if level == 0:
            return self.leaves(tree, first, end)
        return list(self.nodes(tree, level, first, end).values())

    def _select(self, query: str, **parameters: Any) -> list[Any]:
        with translate_errors(self._where), self._datastore.reading_models() as cursor:
            cursor.execute(query, parameters)
            return list(cursor.fetchall())
