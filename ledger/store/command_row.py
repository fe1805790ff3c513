"""The row of a command: what was asked, what became of it, and the events that it led to.

A command is the unit of the log. Its row is sealed by one leaf and never changed. What has no
command is a row too, with another status: see :data:`RowStatus`.
"""

import re
from base64 import b64decode, b64encode
from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from typing import Final, Literal, NamedTuple

import msgspec
from msgspec import Raw

from stocktrail.ledger.nesting import is_nested_deeply
from stocktrail.ledger.store.mapper import StoredRow
from stocktrail.ledger.store.outcome import id_as_sent

RowStatus = Literal["accepted", "rejected", "group_failed", "part", "saved", "sealed"]
"""What a row holds: the outcome of a command; a further ``part`` of one; events of the library's
own ``save``; or the roots of the trees by which an earlier format was ``sealed``."""

MOST_EVENTS: Final = 1_000
"""The most events in one row: a command that leads to more of them is kept in parts."""

NOTHING: Final = b"[]"
"""The events of a command that led to none."""

COLUMNS: Final = (
    "sequence, first_position, last_position, occurred_at, recorded_at, command_id, fingerprint, "
    "status, body, result, events, correlation_id, causation_id, actor, credential, group_sequence"
)
"""The columns of a row in their order; ``leaf`` follows them."""


class CommandRow(NamedTuple):
    """A row of the log, without its leaf.

    Its events are at ``first_position`` and after it, recorded at ``recorded_at`` and a microsecond
    later each. ``last_position`` is that of the whole command, so it is behind this row's own
    events where parts follow, and one before the first where there are none. ``group_sequence`` is
    the sequence of the first command of the group that was recorded together. A part names its
    command in its body.
    """

    sequence: int
    first_position: int
    last_position: int
    occurred_at: int
    recorded_at: int
    command_id: str | None
    fingerprint: bytes
    status: RowStatus
    body: bytes
    result: bytes
    events: bytes
    correlation_id: str | None = None
    causation_id: str | None = None
    actor: str | None = None
    credential: str | None = None
    group_sequence: int | None = None

    @property
    def may_go_on(self) -> bool:
        """Whether the rows after it may have been recorded together with it."""
        is_split = self.last_position - self.first_position >= MOST_EVENTS
        return self.status == "part" or self.group_sequence is not None or is_split

    @property
    def belongs_to(self) -> str | None:
        """The id, as it was sent, of the command that led to the events of this row."""
        name = _read_part(self.body).part_of if self.status == "part" else self.command_id
        return None if name is None else id_as_sent(name)


IndexRow = tuple[str, int, int, int]
"""Where an event is: stream, version, sequence of its row, and its place in it from 0."""


class Entry(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """An event in the row of its command.

    ``occurred_at`` and ``recorded_at`` are there where they differ from what the row says. A
    payload that is no JSON is in base 64: only the library's own ``save`` stores such.
    """

    stream: str
    version: int
    type: str
    data: Raw = Raw()
    occurred_at: int | None = None
    recorded_at: int | None = None
    base64: str | None = None

    @property
    def payload(self) -> bytes:
        """The payload as it was stored."""
        return bytes(self.data) if self.base64 is None else b64decode(self.base64)


class NewEntry(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """An entry before it is written: its payload as an object that is written as JSON."""

    stream: str
    version: int
    type: str
    data: object
    occurred_at: int | None = None


class _Part(msgspec.Struct):
    """The body of a further part of a command."""

    part_of: str


_read_part = msgspec.json.Decoder(_Part).decode
write_entries: Callable[[object], bytes] = msgspec.json.Encoder().encode
read_entries: Callable[[bytes], list[Entry]] = msgspec.json.Decoder(list[Entry]).decode
_read_raw = msgspec.json.Decoder(list[Raw]).decode
_unreadable = re.compile(rb"\\u(0000|[dD][89a-fA-F])").search


def part_body(command_id: str) -> bytes:
    """Return the body of a further part of a command.

    >>> part_body("c-1")
    b'{"part_of":"c-1"}'
    """
    return msgspec.json.encode(_Part(command_id))


def is_json(payload: bytes) -> bool:
    r"""Return whether bytes can stand as they are in JSON that everybody reads.

    No view can show NUL or half a surrogate pair, and what is nested deeply not everybody can read.

    >>> [is_json(each) for each in (b'{"a": 1}', b"1, 2", b" 1", b'"\xff"', b"", b'"\\u0000"')]
    [True, False, False, False, False, False]
    """
    try:
        if is_nested_deeply(payload):
            return False
        [written] = _read_raw(b"[%b]" % payload)
        is_whole = bytes(written) == payload and bool(payload.isascii() or payload.decode())
        return is_whole and _unreadable(payload) is None
    except (ValueError, RecursionError):
        return False


def entry_of_bytes(
    stream: str, version: int, topic: str, payload: bytes, occurred_at: int | None = None,
    recorded_at: int | None = None,
) -> Entry:
    """Return the entry of an event whose payload may be any bytes.

    >>> entry_of_bytes("stock/A", 1, "Made.v1", b'{"a": 1}').payload
    b'{"a": 1}'
    >>> entry_of_bytes("stock/A", 1, "Made.v1", b"no JSON").payload
    b'no JSON'
    """
    if is_json(payload):
        return Entry(stream, version, topic, Raw(payload), occurred_at, recorded_at)
    return Entry(
        stream, version, topic, Raw(b"null"), occurred_at, recorded_at, b64encode(payload).decode()
    )


def parts_of(row: CommandRow, entries: Sequence[Entry | NewEntry]) -> Iterator[CommandRow]:
    """Yield a row with its events; what is beyond the most that a row holds in parts after it."""
    yield row._replace(events=write_entries(entries[:MOST_EVENTS]) if entries else NOTHING)
    named = b"{}" if row.command_id is None else part_body(row.command_id)
    for number, start in enumerate(range(MOST_EVENTS, len(entries), MOST_EVENTS), start=1):
        some = entries[start : start + MOST_EVENTS]
        first = row.first_position + start
        yield row._replace(
            sequence=row.sequence + number, first_position=first,
            last_position=first + len(some) - 1, recorded_at=row.recorded_at + start,
            command_id=None, fingerprint=b"", status="saved" if row.command_id is None else "part",
            body=named, result=b"{}", events=write_entries(some),
        )


def index_of(rows: Iterable[CommandRow]) -> Iterator[IndexRow]:
    """Yield where the events of rows are, by stream and version."""
    for row in rows:
        for place, entry in enumerate(read_entries(row.events)):
            yield entry.stream, entry.version, row.sequence, place


def stored_rows(
    row: CommandRow, streams: Container[str] | None = None
) -> Iterator[StoredRow]:
    """Yield the events of a row as the library's stored events, with their metadata.

    With ``streams``, only events of these.
    """
    belongs_to = row.belongs_to
    for place, entry in enumerate(read_entries(row.events)):
        if streams is not None and entry.stream not in streams:
            continue
        yield StoredRow(
            entry.stream, entry.version, entry.type, entry.payload, row.first_position + place,
            row.occurred_at if entry.occurred_at is None else entry.occurred_at,
            row.recorded_at + place if entry.recorded_at is None else entry.recorded_at,
            belongs_to, row.correlation_id, row.causation_id, row.actor, row.credential,
            row.group_sequence, row.sequence,
        )
