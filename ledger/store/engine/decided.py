"""The writer's answer to one command, and the clock that it reads."""

import time
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Literal, NamedTuple

from stocktrail.ledger.base.aggregate import RecordedEvent
from stocktrail.ledger.store.outcome import Outcome

NOTHING: Mapping[str, Any] = MappingProxyType({})
"""An empty result."""

Clock = Callable[[], int]


def system_clock() -> int:
    """Return the time in microseconds since 1970."""
    return time.time_ns() // 1000


class Decided(NamedTuple):
    """The writer's answer to one request.

    ``events`` are those of the accepted command (read from the log for a duplicate); ``original``
    is the stored outcome behind a duplicate, a conflict or a repeated refusal.
    """

    status: Literal["accepted", "rejected", "group_failed", "duplicate", "conflict"]
    position: int
    events: Sequence[RecordedEvent] = ()
    result: Mapping[str, Any] = NOTHING
    original: Outcome | None = None
