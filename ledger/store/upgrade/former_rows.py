"""Rows of the former format: an event with its position, an outcome with its number."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple, TypeVar

import msgspec

from stocktrail.ledger.store.datastore import DatabaseCursor
from stocktrail.ledger.store.errors import DATABASE_ERRORS, StorageError

FORMER_VERSIONS = (1, 2)
"""The versions of the schema that are upgraded; version 1 had no hash trees."""

PAGE_ROWS = 2_000
"""How many rows are read at a time."""


class EventRow(NamedTuple):
    """An event as it was stored; version 1 had no leaves."""

    position: int
    stream: str
    version: int
    topic: str
    state: bytes
    occurred_at: int
    recorded_at: int
    command_id: str | None
    correlation_id: str | None
    causation_id: str | None
    actor: str | None
    leaf: bytes | None = None


class OutcomeRow(NamedTuple):
    """An outcome as it was stored, with its number in the log; version 1 had no leaves."""

    sequence: int
    command_id: str
    fingerprint: bytes
    status: str
    first_position: int
    last_position: int
    body: bytes
    result: bytes
    leaf: bytes | None = None


class FormerHead(NamedTuple):
    """The end of a former log: its last position, and the roots of both trees over it.

    ``format`` is the version of its schema. Version 1 had neither roots nor the number of commands.
    """

    format: int
    position: int
    event_root: bytes | None = None
    commands: int | None = None
    command_root: bytes | None = None


class FormerLog(NamedTuple):
    """A log of the former format, to be read once from its start."""

    head: FormerHead
    events: Iterator[EventRow]
    outcomes: Iterator[OutcomeRow]


_NO_TEXT = "UTF-8"
"""Is in what SQLite says of a text that is none."""

_EVENTS = (
    "SELECT position, originator_id, originator_version, topic, state, occurred_at, recorded_at, "
    "command_id, correlation_id, causation_id, actor, {leaf} FROM stored_events "
    "WHERE position > :after ORDER BY position LIMIT :limit"
)
_OUTCOMES = (
    "SELECT sequence, command_id, fingerprint, status, first_position, last_position, body, "
    "result, {leaf} FROM stored_commands WHERE sequence > :after ORDER BY sequence LIMIT :limit"
)


def former_log(cursor: DatabaseCursor, version: int) -> FormerLog:
    """Return the log in the tables of a former version of the schema, read page by page.

    Its head is read at once, so that the table of the head may be replaced.
    """
    leaf = "NULL" if version == 1 else "leaf"
    roots = "" if version == 1 else ", event_root, command_count, command_root"
    cursor.execute(f"SELECT position{roots} FROM ledger_head")
    try:
        row = (version, *(cursor.fetchone() or ()))
        head = msgspec.convert(row, FormerHead, builtin_types=(bytes,))
    except msgspec.ValidationError as error:
        raise FormerLogDamaged("its head", str(error)) from None
    return FormerLog(
        head, former_events(cursor, leaf),
        _rows(cursor, _OUTCOMES.format(leaf=leaf), read_outcome),
    )


def former_events(cursor: DatabaseCursor, leaf: str = "leaf") -> Iterator[EventRow]:
    """Yield the events in a table of the former schema, page by page."""
    return _rows(cursor, _EVENTS.format(leaf=leaf), read_event)


_Row = TypeVar("_Row", EventRow, OutcomeRow)


def _rows(
    cursor: DatabaseCursor, query: str, read: Callable[[int, Sequence[Any]], _Row]
) -> Iterator[_Row]:
    after = 0
    while page := _page(cursor, query, after):
        for row in page:
            after += 1
            yield read(after, row)


def _page(cursor: DatabaseCursor, query: str, after: int) -> list[Any]:
    """Return the next rows; only one where not all of them can be read, so as to find which."""
    try:
        cursor.execute(query, {"after": after, "limit": PAGE_ROWS})
        return list(cursor.fetchall())
    except DATABASE_ERRORS as error:
        if _NO_TEXT not in str(error):
            raise
    try:
        cursor.execute(query, {"after": after, "limit": 1})
        return list(cursor.fetchall())
    except DATABASE_ERRORS as error:
        return [(str(error),)]


def read_event(position: int, row: Sequence[Any]) -> EventRow:
    """Return the event that should be at a position.

    Raises :class:`StorageError` (``ledger_damaged``) when another is there, or none that a writer
    could have stored.
    """
    try:
        event = msgspec.convert(tuple(row), EventRow, builtin_types=(bytes,))
    except msgspec.ValidationError as error:
        raise damaged(position, f"what is stored there is no event: {error}") from None
    if event.position != position:
        raise damaged(position, f"there is no event; the next one is at {event.position}")
    return event


def read_outcome(sequence: int, row: Sequence[Any]) -> OutcomeRow:
    """Return the outcome that should have a number; raises like :func:`read_event`."""
    try:
        outcome = msgspec.convert(tuple(row), OutcomeRow, builtin_types=(bytes,))
    except msgspec.ValidationError as error:
        raise damaged_outcome(sequence, f"what is stored of it is no outcome: {error}") from None
    if outcome.sequence != sequence:
        raise damaged_outcome(sequence, "nothing is stored of it")
    return outcome


class FormerLogDamaged(StorageError):
    """A former log is not whole; ``place`` and ``why`` are parts of a sentence."""

    def __init__(self, place: str, why: str) -> None:
        super().__init__(
            "ledger_damaged",
            f"The log is damaged at {place}: {why}. It was not upgraded, and nothing was changed. "
            "Verify it with the version of stocktrail that wrote it, or restore a backup.",
        )
        self.place = place
        self.why = why


def damaged(position: int, why: str) -> FormerLogDamaged:
    """Return the error about an event."""
    return FormerLogDamaged(f"position {position:,}", why)


def damaged_outcome(sequence: int, why: str) -> FormerLogDamaged:
    """Return the error about an outcome."""
    return FormerLogDamaged(f"command {sequence:,}", why)
