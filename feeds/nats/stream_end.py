"""The end of the stream: of which log it is a copy, how far, and whether that can continue."""

import asyncio
from typing import NamedTuple

import orjson
from nats.js import JetStreamContext
from nats.js.api import RawStreamMsg, StorageType, StreamConfig
from nats.js.errors import BadRequestError, NotFoundError

from stocktrail.feeds.cloud_events import public_event
from stocktrail.feeds.event_log import EventLog
from stocktrail.ledger.store.errors import translate_errors

POSITION = "Stocktrail-Position"
MESSAGE_ID = "Nats-Msg-Id"


class StreamRefused(Exception):
    """A stream that cannot be, or become, a copy of this log; an operator has to look at it.

    ``code`` is stable: ``stream_ahead_of_log``, ``stream_of_another_ledger``,
    ``stream_of_something_else``, ``stream_not_created``, ``event_too_large``.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


class StreamEnd(NamedTuple):
    """The last message of the stream: its sequence, and its position in the log."""

    sequence: int
    position: int


async def require_stream(
    jetstream: JetStreamContext, stream: str, prefix: str, replicas: int
) -> None:
    """Create the stream if it is missing.

    Raises :class:`StreamRefused` when the server does not create it, or when one of that name has
    other subjects.
    """
    wanted = f"{prefix}.>"
    try:
        config = (await jetstream.stream_info(stream)).config
    except NotFoundError:
        try:
            config = (await jetstream.add_stream(StreamConfig(
                name=stream, subjects=[wanted], storage=StorageType.FILE, num_replicas=replicas,
                description="A gapless copy of a stocktrail ledger, one message for each event.",
            ))).config
        except BadRequestError as error:
            raise StreamRefused(
                "stream_not_created",
                f"The server does not create stream {stream}: {error.description}.",
            ) from None
    if wanted not in (config.subjects or []):
        raise StreamRefused(
            "stream_of_something_else",
            f"Stream {stream} is there, but does not take {wanted}. Name another stream.",
        )


async def read_end(
    jetstream: JetStreamContext, stream: str, prefix: str, log: EventLog
) -> StreamEnd:
    """Return how far the stream has come, and check that it is a copy of this log.

    Where its last messages were deleted, it has come to the last one that is there; the sequences
    of deleted messages are never used again.

    Raises :class:`StreamRefused` when it contains more than the log or something else.
    """
    state = (await jetstream.stream_info(stream)).state
    if state.last_seq == 0:
        return StreamEnd(0, 0)
    if state.messages == 0:
        raise StreamRefused(
            "stream_of_something_else",
            f"Stream {stream} was emptied after message {state.last_seq}, so nobody knows how far "
            "it had come. Delete it, and it is filled again from the beginning.",
        )
    last = await _last_message(jetstream, stream, prefix, state.last_seq)
    position = _position(last)
    if position is None:
        raise StreamRefused(
            "stream_of_something_else",
            f"The last message of stream {stream} ({last.seq}) is no event of a ledger. "
            "Name a stream that nobody else writes to.",
        )
    known = await asyncio.to_thread(_message_id, log, position)
    if known is None:
        head = await asyncio.to_thread(log.head)
        raise StreamRefused(
            "stream_ahead_of_log",
            f"Stream {stream} has come to position {position:,}, but this log ends at {head:,}: it "
            "was restored from a backup, or is another ledger. What consumers have heard cannot "
            "be taken back; publish to another stream, and let them begin there.",
        )
    if known != (last.headers or {}).get(MESSAGE_ID):
        raise StreamRefused(
            "stream_of_another_ledger",
            f"At position {position:,} stream {stream} holds another event than this log: it is a "
            "copy of another ledger, or this one was restored from a backup and went another way. "
            "Publish to another stream.",
        )
    return StreamEnd(state.last_seq, position)


async def _last_message(
    jetstream: JetStreamContext, stream: str, prefix: str, last_sequence: int
) -> RawStreamMsg:
    try:
        return await jetstream.get_msg(stream, last_sequence)
    except NotFoundError:
        return await jetstream.get_last_msg(stream, f"{prefix}.>")


def _position(message: RawStreamMsg) -> int | None:
    written = (message.headers or {}).get(POSITION, "")
    return int(written) if written.isdecimal() else None


def _message_id(log: EventLog, position: int) -> str | None:
    """Return the id of the event at a position, or ``None`` when the log ends before it."""
    with translate_errors(log.ledger.where):
        rows = log.ledger.log_recorder.rows(position - 1, 1)
    if not rows or rows[0].id != position:
        return None
    return message_id(public_event(rows[0], log.source).body)


def message_id(body: bytes) -> str:
    """Return the id of an event as it is sent.

    >>> message_id(b'{"specversion":"1.0","id":"41-1772366400000000"}')
    '41-1772366400000000'
    """
    return str(orjson.loads(body)["id"])
