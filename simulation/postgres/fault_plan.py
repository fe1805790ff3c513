"""What becomes of each message: the faults of a network, and plans that choose among them."""

from enum import Enum
from hashlib import blake2b
from typing import NamedTuple, Protocol


class LinkFault(Enum):
    """What a network does to a connection, beginning with one message of the client."""

    NONE = "none"
    CUT_BEFORE = "cut before the message was forwarded"
    CUT_INSIDE = "cut in the middle of the message"
    CUT_AFTER = "cut as soon as the message was forwarded"
    LOSE_REPLY = "cut in the reply, a few bytes of which had passed"
    SWALLOW_REPLIES = "every reply swallowed, without a word"
    DELAY = "delayed"
    HOLD_BACK = "held back, and delivered after the client had gone on elsewhere"
    BLACK_HOLE = "everything swallowed, on new connections too"
    TERMINATE = "terminated by an administrator of the server"
    CLOSE_IDLE = "closed as soon as nothing was asked"


class Strike(NamedTuple):
    """A fault and how much of it.

    ``amount`` are bytes that still pass (``CUT_INSIDE``, ``LOSE_REPLY``), milliseconds (``DELAY``,
    and before ``TERMINATE``), messages on other connections (``HOLD_BACK``) or new connections that
    are swallowed too (``BLACK_HOLE``).
    """

    fault: LinkFault
    amount: int = 0


UNHARMED = Strike(LinkFault.NONE)


class FaultPlan(Protocol):
    """What becomes of the messages of a client."""

    def strike(self, connection: int, number: int, message: bytes) -> Strike:
        """Return what becomes of a message, by its number and that of its connection."""
        ...


class CalmPlan:
    """A plan without faults."""

    def strike(self, connection: int, number: int, message: bytes) -> Strike:
        """Return that nothing happens."""
        return UNHARMED


_SHARES = {
    LinkFault.CUT_BEFORE: 20, LinkFault.CUT_INSIDE: 16, LinkFault.CUT_AFTER: 24,
    LinkFault.LOSE_REPLY: 24, LinkFault.DELAY: 20, LinkFault.CLOSE_IDLE: 16,
    LinkFault.TERMINATE: 10, LinkFault.SWALLOW_REPLIES: 4, LinkFault.HOLD_BACK: 16,
    LinkFault.BLACK_HOLE: 1,
}
"""How often each fault is chosen: those that keep a client waiting are rare."""

_AT_MOST = {
    LinkFault.CUT_INSIDE: 200, LinkFault.LOSE_REPLY: 150, LinkFault.DELAY: 30,
    LinkFault.HOLD_BACK: 40, LinkFault.BLACK_HOLE: 2, LinkFault.TERMINATE: 3,
}
_CHOICES = [fault for fault, share in _SHARES.items() for _ in range(share)]
_SCALE = 1 << 32

APPENDS_TIMES = 8
"""So many times more often a message is struck with which an append begins."""

_BIND, _APPEND, _NAMES_BYTES = b"B", b"\0append_group\0", 64


def begins_append(message: bytes) -> bool:
    r"""Return whether a message carries the parameters of an append.

    >>> begins_append(b"B\0\0\0\x20\0append_group\0"), begins_append(b"S\0\0\0\4")
    (True, False)
    """
    return message.startswith(_BIND) and _APPEND in message[:_NAMES_BYTES]


class SeededPlan:
    """Strikes messages at a rate, each by a digest of the seed and its two numbers alone."""

    def __init__(self, seed: str, rate: float) -> None:
        self._seed = seed
        self._rate = rate

    def strike(self, connection: int, number: int, message: bytes) -> Strike:
        """Return what becomes of a message; of what it says only whether an append begins matters.

        >>> plan = SeededPlan("seed 1", 1.0)
        >>> plan.strike(1, 2, b"") == plan.strike(1, 2, b"other")
        True
        """
        drawn = blake2b(f"{self._seed}/{connection}/{number}".encode(), digest_size=12).digest()
        chance, choice, size = (int.from_bytes(drawn[at : at + 4], "big") for at in (0, 4, 8))
        if chance >= self._rate * _SCALE * (APPENDS_TIMES if begins_append(message) else 1):
            return UNHARMED
        fault = _CHOICES[choice % len(_CHOICES)]
        return Strike(fault, size % _AT_MOST[fault] if fault in _AT_MOST else 0)
