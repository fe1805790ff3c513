"""Server-Sent Events: the client of :mod:`stocktrail.feeds.client` gets what the server sent.

The frames of events, checkpoints and heartbeats are cut up in pieces, as a network does. The client
must get each event once, in order, with its position; what else it is sent it may refuse, but not
with another error than ``ValueError``, ``KeyError`` and ``TypeError``.
"""

import json
from collections.abc import Iterator
from typing import Any

from fuzzing.choices import Choices
from fuzzing.oracle import outcome_of, require
from fuzzing.rows import PiecewiseStream
from stocktrail.feeds.client import Batch, Subscription
from stocktrail.feeds.cloud_events import public_event
from stocktrail.feeds.sse import HEARTBEAT, checkpoint
from stocktrail.feeds.tail import frame_of
from stocktrail.ledger.store.command_row import is_json
from stocktrail.ledger.store.mapper import StoredRow

MOST_BYTES = 1024
WORDS = (
    b"id: ", b"data: ", b"event: checkpoint\n", b"\n\n", b"\r", b'{"position":7,"head":9}', b": ",
    b'{"quantity":5}', b"\xe2\x80\xa8", b"[", b"]",
)
TOPICS = ("StockReceived.v1", "OrderPlaced.v1", "FromTheFuture.v9")
_NOTHING = (None, "c-1", "\u2028", "a\nb", "é")


class _Received(Subscription):
    """A subscription whose answer is at hand."""

    def __init__(self, sent: bytes, size: int) -> None:
        super().__init__("http://localhost/events")
        self._sent, self._size = sent, size

    def _ask(self, asked: Any, accept: str) -> Any:
        return PiecewiseStream(self._sent, self._size)


def target(data: bytes) -> None:
    """Send what the input decides and receive it; then receive the input as it is."""
    choices = Choices(data)
    size = choices.number(200) + 1
    frames, sent, position = [b"retry: 1000\n", checkpoint(0, 9)], [], 0
    for _ in range(choices.number(5)):
        kind = choices.number(9)
        if kind == 0:
            frames.append(HEARTBEAT)
        elif kind == 1:
            position += choices.number(3)
            frames.append(checkpoint(position, position + choices.number(2)))
        else:
            position += 1
            event = public_event(_row(choices, position), "urn:shop")
            sent.append(json.loads(event.body))
            frames.append(frame_of(event))
    batches = _batches(b"".join(frames), size)
    received = [event for batch in batches for event in batch.events]
    require(received == sent, "every event arrives once, in order", received, sent)
    require(batches[-1].position == position, "the position is the last one", batches[-1], position)
    rest = choices.rest()
    outcome_of(lambda: _batches(rest, size), ValueError, KeyError, TypeError)


def _row(choices: Choices, position: int) -> StoredRow:
    payload = choices.some_bytes()
    return StoredRow(
        choices.text(40).encode("utf-8", "replace").decode(), choices.number(2**62),
        choices.one_of(TOPICS), payload if is_json(payload) else b"{}", position,
        choices.number(2**47), choices.number(2**47), choices.one_of(_NOTHING),
        choices.one_of(_NOTHING), choices.one_of(_NOTHING), choices.one_of(_NOTHING),
    )


def _batches(sent: bytes, size: int) -> list[Batch]:
    return list(_Received(sent, size)._received())


def seeds() -> Iterator[bytes]:
    """Yield streams of a few events, and what a server may send by mistake."""
    payload = b'{"sku":"A", "quantity":5}'
    event = b"\2" + bytes([len(payload)]) + payload + b"\7stock/A" + bytes(26)
    yield b"\x40\3" + event + b"\0" + event
    yield b"\5\2" + event + b"\1\2\1"
    yield b"\7\0" + b'id: 7\nevent: checkpoint\ndata: {"position":7,"head":9}\n\nid: x\n\n'
    yield b"\7\0" + b"id: 8\ndata: {\n\nid: 9\n\n"
