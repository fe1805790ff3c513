"""Reading the log with the same SQL on every database.

Rows are found by sequence, their primary key. Sequence, position and recorded time grow together,
and versions of a stream with them, so what has no index is found by halving.
"""

from abc import abstractmethod
from collections.abc import Iterator, Sequence
from typing import Any

from eventsourcing.persistence import StoredEvent

from stocktrail.ledger.store.command_row import (
    COLUMNS,
    CommandRow,
    stored_rows,
)
from stocktrail.ledger.store.mapper import StoredRow
from stocktrail.ledger.store.outcome import OUTCOME_COLUMNS, Head, Outcome
from stocktrail.ledger.store.recorder import LedgerRecorder
from stocktrail.ledger.store.tables import one_of

MAX_POSITION = 2**63 - 1
"""The largest position a database can hold."""

ROWS_AT_ONCE = 500
STREAMS_AT_ONCE = 1_000


_MIDDLE = "(low + high + 1) / 2"


def _halving(high: str, holds: str) -> str:
    """Return a query of the last number up to ``high`` for which a condition on the middle holds.

    It must hold for all numbers up to some one, and for none above it.
    """
    return (
        f"(WITH RECURSIVE half(low, high) AS (SELECT CAST(0 AS BIGINT), {high} "
        f"UNION ALL SELECT CASE WHEN {holds} THEN {_MIDDLE} ELSE low END, "
        f"CASE WHEN {holds} THEN high ELSE {_MIDDLE} - 1 END FROM half WHERE low < high) "
        "SELECT low FROM half WHERE low >= high)"
    )


def last_sequence(condition: str) -> str:
    """Return a query of the last sequence whose row meets a condition that holds up to some row."""
    found = f"SELECT CASE WHEN {condition} THEN 1 ELSE 0 END FROM commands"
    return _halving(
        "(SELECT sequence FROM ledger_head)",
        f"coalesce(({found} WHERE sequence = {_MIDDLE}), 1) = 1",
    )


def sequence_at(position: str) -> str:
    """Return a query of the sequence whose row holds the event at a position."""
    return last_sequence(f"first_position <= {position}")


_RANGE = (
    f"SELECT {COLUMNS} FROM commands WHERE sequence >= {sequence_at(':first')} "
    f"AND sequence <= {sequence_at(':last')} AND first_position <= last_position ORDER BY sequence"
)
_AT_TIME = (
    f"SELECT {COLUMNS} FROM commands WHERE sequence = "
    f"{last_sequence('recorded_at <= :instant')}"
)
_OF_GROUP = (
    "SELECT one.first_position, other.last_position FROM commands one, commands other "
    "WHERE one.sequence = :group AND other.sequence = "
    + last_sequence("sequence <= :group OR group_sequence = :group")
)
_OF_STREAM = (
    f"SELECT {COLUMNS} FROM commands WHERE sequence IN (SELECT sequence FROM stream_index "
    "WHERE stream = :stream AND version > :after AND version <= :until) ORDER BY sequence"
)
_OF_STREAMS = (
    f"SELECT {COLUMNS} FROM commands WHERE sequence IN (SELECT sequence FROM stream_index "
    "WHERE stream IN :values) ORDER BY sequence"
)
_FOLLOWING = (
    f"SELECT {COLUMNS} FROM commands WHERE sequence > :sequence AND sequence <= :sequence + 100 "
    "ORDER BY sequence"
)
_EVENTS_BETWEEN = (
    "SELECT occurred_at, events FROM commands WHERE sequence > :after AND sequence <= :until "
    "ORDER BY sequence"
)


def _version_at(stream: str) -> str:
    """Return a query of the last version of a stream at or before a position."""
    return _halving(
        f"coalesce((SELECT max(version) FROM stream_index WHERE stream = {stream}), 0)",
        "(SELECT c.first_position + i.place FROM stream_index i JOIN commands c ON "
        f"c.sequence = i.sequence WHERE i.stream = {stream} AND i.version = {_MIDDLE}) "
        "<= :position",
    )


_VERSION_AT = "SELECT " + _version_at(":stream")
_VERSIONS_AT = (
    "WITH asked(stream) AS (VALUES {}) SELECT asked.stream, "
    + _version_at("asked.stream") + " FROM asked"
)
_SEQUENCES_AT = (
    "WITH asked(position) AS (VALUES {}) SELECT asked.position, "
    + sequence_at("asked.position") + " FROM asked"
)
_STREAMS = (
    "WITH RECURSIVE found(name) AS (SELECT (SELECT min(stream) FROM stream_index "
    "WHERE stream > :after AND stream < :end) UNION ALL SELECT (SELECT min(stream) FROM "
    "stream_index WHERE stream > found.name AND stream < :end) FROM found "
    "WHERE found.name IS NOT NULL) SELECT name FROM found WHERE name IS NOT NULL LIMIT :limit"
)
_OUTCOMES_AFTER = (
    f"SELECT group_sequence, {OUTCOME_COLUMNS} FROM commands WHERE sequence > :after "
    "AND command_id IS NOT NULL ORDER BY sequence LIMIT :limit"
)
_SEQUENCE_AT = f"SELECT {sequence_at(':position')}"
_SEQUENCES_AFTER = (
    "SELECT version, sequence FROM stream_index WHERE stream = :stream AND version > :version "
    "ORDER BY version LIMIT :limit"
)
_SEQUENCES_BEFORE = (
    "SELECT version, sequence FROM stream_index WHERE stream = :stream AND version <= :version "
    "ORDER BY version DESC LIMIT :limit"
)
_SNAPSHOT = (
    "SELECT originator_id, originator_version, topic, state FROM stored_snapshots "
    "WHERE originator_id = :stream AND originator_version <= :until "
    "ORDER BY originator_version DESC LIMIT 1"
)


class LogReading(LedgerRecorder):
    """Reads the log of a ledger; a database says how a query is run."""

    @abstractmethod
    def _fetch(self, query: str, parameters: dict[str, Any]) -> list[Any]:
        """Run a query with named parameters, and return its rows as tuples."""

    @abstractmethod
    def _fetch_among(self, query: str, values: Sequence[str]) -> list[Any]:
        """Run a query for many values, which stand for ``:values`` in it."""

    def _end(self) -> int:
        """Return the last position that may be seen: while a group is decided, its start."""
        return MAX_POSITION

    def _converted(self, row: StoredRow) -> StoredRow:
        """Return an event with the name of its stream as the library wants it."""
        return row

    def head(self) -> Head:
        """Return the end of the log."""
        [(position, recorded_at, sequence)] = self._fetch(
            "SELECT position, recorded_at, sequence FROM ledger_head", {}
        )
        return Head(position, recorded_at, sequence)

    def command_rows(self, first: int, last: int) -> list[CommandRow]:
        """Return the rows that hold the events from a first to a last position."""
        last = min(last, self._end(), MAX_POSITION)
        if last < first:
            return []
        return list(map(CommandRow._make, self._fetch(_RANGE, {"first": first, "last": last})))

    def following_rows(self, sequence: int) -> list[CommandRow]:
        """Return some of the rows after one, in their order; none at the end of the log."""
        return list(map(CommandRow._make, self._fetch(_FOLLOWING, {"sequence": sequence})))

    def events_between(self, after: int, until: int) -> list[tuple[int, bytes]]:
        """Return when commands occurred and the events in their rows, for a range of sequences."""
        return self._fetch(_EVENTS_BETWEEN, {"after": after, "until": until})

    def rows_of_streams(self, streams: Sequence[str]) -> list[CommandRow]:
        """Return the rows that hold any event of some streams, in the order of the log."""
        found = dict.fromkeys(map(CommandRow._make, self._fetch_among(_OF_STREAMS, streams)))
        return sorted(found)

    def rows_at(self, sequences: Sequence[int]) -> list[CommandRow]:
        """Return the rows with some sequences, in the order of the log."""
        found: list[CommandRow] = []
        ordered = sorted(sequences)
        for start in range(0, len(ordered), ROWS_AT_ONCE):
            among = ", ".join(map(str, ordered[start : start + ROWS_AT_ONCE]))
            query = f"SELECT {COLUMNS} FROM commands WHERE sequence IN ({among}) ORDER BY sequence"
            found += map(CommandRow._make, self._fetch(query, {}))
        return found

    def sequence_at(self, position: int) -> int:
        """Return the sequence of the row that holds the event at a position, 0 before the first."""
        return int(self._fetch(_SEQUENCE_AT, {"position": position})[0][0])

    def sequences_at(self, positions: Sequence[int]) -> dict[int, int]:
        """Return the sequences of the rows that hold the events at some positions."""
        found: list[tuple[int, int]] = []
        for start in range(0, len(positions), ROWS_AT_ONCE):
            asked = ", ".join(f"({each})" for each in positions[start : start + ROWS_AT_ONCE])
            found += self._fetch(_SEQUENCES_AT.format(asked), {})
        return dict(found)

    def versions_at(self, streams: Sequence[str], position: int) -> dict[str, int]:
        """Return the last versions of some streams at or before a position, 0 where there is none.

        A server is asked once for 500 of them.
        """
        found: list[tuple[str, int]] = []
        for start in range(0, len(streams), ROWS_AT_ONCE):
            some = {f"s{n}": each for n, each in enumerate(streams[start : start + ROWS_AT_ONCE])}
            query = _VERSIONS_AT.format(", ".join(f"(:{name})" for name in some))
            found += self._fetch(query, {"position": position, **some})
        return dict(found)

    def sequences_of_stream(
        self, stream: str, version: int, limit: int, *, backwards: bool = False
    ) -> list[tuple[int, int]]:
        """Return versions of a stream, each with the sequence of its row.

        They are those above a version; ``backwards`` from it on down, the latest first.
        """
        query = _SEQUENCES_BEFORE if backwards else _SEQUENCES_AFTER
        asked = {"stream": stream, "version": version, "limit": limit}
        return [(version, sequence) for version, sequence in self._fetch(query, asked)]

    def sequences_of_streams(
        self, ranges: Sequence[tuple[str, str]], first: int, last: int, limit: int,
        *, backwards: bool = False,
    ) -> list[int]:
        """Return sequences from a first to a last, of rows with events of streams named within.

        A range goes from a name up to another one, which is not in it. A row may come twice.
        """
        asked: dict[str, Any] = {"first": first, "last": last, "limit": limit}
        for number, (begin, end) in enumerate(ranges):
            asked |= {f"begin{number}": begin, f"end{number}": end}
        each = " UNION ALL ".join(
            "SELECT sequence FROM stream_index "
            f"WHERE stream >= :begin{number} AND stream < :end{number} "
            "AND sequence >= :first AND sequence <= :last"
            for number in range(len(ranges))
        )
        order = "sequence DESC" if backwards else "sequence"
        query = f"SELECT sequence FROM ({each}) AS found ORDER BY {order} LIMIT :limit"
        return [sequence for (sequence,) in self._fetch(query, asked)]

    def sequences_of_names(
        self, streams: Sequence[str], first: int, last: int, limit: int, *, backwards: bool = False
    ) -> list[int]:
        """Return sequences from a first to a last, of rows with events of streams by their names.

        They are at most ``limit``, in order, each once.
        """
        order = "sequence DESC" if backwards else "sequence"
        found: set[int] = set()
        for names, asked in one_of("stream", streams):
            rows = self._fetch(
                f"SELECT DISTINCT sequence FROM stream_index WHERE {names} AND sequence >= :first "
                f"AND sequence <= :last ORDER BY {order} LIMIT :limit",
                {**asked, "first": first, "last": last, "limit": limit},
            )
            found.update(sequence for (sequence,) in rows)
        return sorted(found, reverse=backwards)[:limit]

    def has_fewer_events(self, begin: str, end: str, count: int) -> bool:
        """Return whether the streams named within a range have fewer events than a count."""
        query = (
            "SELECT COUNT(*) FROM (SELECT 1 FROM stream_index "
            "WHERE stream >= :begin AND stream < :end LIMIT :limit) AS found"
        )
        found = self._fetch(query, {"begin": begin, "end": end, "limit": count})
        return int(found[0][0]) < count

    def rows(
        self, after: int, limit: int, stop: int | None = None, topics: Sequence[str] = ()
    ) -> list[StoredRow]:
        """Return events by position: above ``after``, up to ``stop``, at most ``limit`` of them."""
        found: list[StoredRow] = []
        end = min(self.head().position, MAX_POSITION if stop is None else stop)
        while after < end and len(found) < limit:
            last = min(end, after + (ROWS_AT_ONCE if topics else limit - len(found)))
            for row in self.command_rows(after + 1, last):
                found += (
                    self._converted(each) for each in stored_rows(row)
                    if after < each.id <= last and (not topics or each.topic in topics)
                )
            after = last
        return found[:limit]

    def stream(
        self, stream: str, after_version: int = 0, up_to_version: int | None = None
    ) -> list[StoredRow]:
        """Return the events of one stream in order of version."""
        until, end = MAX_POSITION if up_to_version is None else up_to_version, self._end()
        rows = self._fetch(_OF_STREAM, {"stream": stream, "after": after_version, "until": until})
        return [
            self._converted(each) for row in map(CommandRow._make, rows)
            for each in stored_rows(row, (stream,))
            if after_version < each.originator_version <= until and each.id <= end
        ]

    def snapshot(self, stream: str, up_to_version: int | None = None) -> StoredEvent | None:
        """Return the newest snapshot of a stream, or ``None`` if there is none."""
        until = MAX_POSITION if up_to_version is None else up_to_version
        if self._end() < MAX_POSITION:
            until = min(until, self.version_at(stream, self._end()))
        rows = self._fetch(_SNAPSHOT, {"stream": stream, "until": until})
        return StoredEvent(*rows[0]) if rows else None

    def version_at(self, stream: str, position: int) -> int:
        """Return the last version of a stream at or before a position, 0 when there is none."""
        rows = self._fetch(_VERSION_AT, {"stream": stream, "position": min(position, MAX_POSITION)})
        return int(rows[0][0])

    def position_at(self, recorded_at: int) -> int:
        """Return the last position recorded at or before an instant, 0 when there is none."""
        rows = self._fetch(_AT_TIME, {"instant": recorded_at})
        if not rows:
            return 0
        row = CommandRow._make(rows[0])
        seen = sum(each.recorded_at <= recorded_at for each in stored_rows(row))
        return row.first_position - 1 + seen

    def positions_of_group(self, group: int) -> tuple[int, int]:
        """Return the first and the last position of a group, by the number that it carries."""
        [(first, last)] = self._fetch(_OF_GROUP, {"group": group})
        return first, last

    def streams(self, category: str) -> Iterator[str]:
        """Yield the names of the streams of a category in order, with an index lookup each."""
        last, end, seen = f"{category}/", f"{category}0", self._end()
        while True:
            asked = {"after": last, "end": end, "limit": STREAMS_AT_ONCE}
            found = self._fetch(_STREAMS, asked)
            for (last,) in found:
                if seen == MAX_POSITION or self.version_at(last, seen):
                    yield last
            if len(found) < STREAMS_AT_ONCE:
                return

    def outcomes(self, command_ids: Sequence[str]) -> dict[str, Outcome]:
        """Return the outcomes of command ids; ids that were never used are left out."""
        query = f"SELECT {OUTCOME_COLUMNS} FROM commands WHERE command_id IN :values"
        rows = self._fetch_among(query, command_ids) if command_ids else []
        return {row[0]: Outcome.of_row(row) for row in rows}

    def outcomes_after(self, sequence: int, limit: int) -> list[tuple[int | None, Outcome]]:
        """Return outcomes in the order of their decisions, each after the group it belongs to."""
        rows = self._fetch(_OUTCOMES_AFTER, {"after": sequence, "limit": limit})
        return [(group, Outcome.of_row(rest)) for group, *rest in rows]
