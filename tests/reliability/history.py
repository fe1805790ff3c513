"""The check of a history: what callers saw is what one caller after the other would have seen.

It is what Jepsen does for stores, made simple by a log that is total: every command that has an
outcome has a place in it, so that the order need not be searched for.

- Who was answered has exactly one outcome, and it is the one that was told (a refusal of what was
  not known is not kept). Who was not answered has one or none. Nobody else has any.
- A command that was answered before another was sent stands before it.
- Submitted one by one in that order to an empty ledger, they lead to the same events and the same
  outcomes.
"""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import orjson

from stocktrail.ledger.store import open_ledger
from tests.store.shop import Command, events_of, send, table, timeless_outcomes_of

SENT, ANSWERED, FAILED = "sent", "answered", "failed"

_ORDER = (
    "SELECT command_id, status, sequence FROM commands WHERE command_id IS NOT NULL "
    "ORDER BY sequence"
)


class Call(NamedTuple):
    """A command that somebody sent, when, and what was answered when; ``None`` for never."""

    command_id: str
    sent: int
    answered: int | None
    status: str | None


def calls_in(files: Iterable[Path]) -> list[Call]:
    """Read what callers have written down; a line that a kill cut short is left out."""
    calls: dict[str, Call] = {}
    for file in files:
        for line in file.read_text().splitlines(keepends=True):
            if not line.endswith("\n"):
                continue
            at, what, command_id, status = line.split()
            if what == SENT:
                assert command_id not in calls, "each is sent once"
                calls[command_id] = Call(command_id, int(at), None, None)
            elif what == ANSWERED:
                calls[command_id] = calls[command_id]._replace(answered=int(at), status=status)
    return list(calls.values())


def assert_one_after_the_other(
    url: str, calls: Sequence[Call], opening: Sequence[Command], beside: Path
) -> None:
    """See that a history is strictly serialisable; ``beside`` is for a ledger to compare with."""
    found = {command_id: (status, at) for command_id, status, at in table(url, _ORDER)}
    begun = {each["id"] for each in opening}
    assert set(found) <= begun | {call.command_id for call in calls}
    for call in calls:
        if call.status in ("accepted", "rejected"):
            status, _ = found.get(call.command_id, (None, 0))
            is_not_kept = status is None and call.status == "rejected"
            assert status == call.status or is_not_kept, call
        else:
            assert call.status is None, call
    assert_answered_before_sent_stands_before(calls, {name: at for name, (_, at) in found.items()})
    assert_same_as_one_by_one(url, beside)


def assert_answered_before_sent_stands_before(
    calls: Iterable[Call], places: dict[str, int]
) -> None:
    """See that the log does not contradict what happened before what.

    Walking through all moments in time, the furthest place that was answered is known: whatever is
    sent afterwards stands behind it.
    """
    placed = [(call, places[call.command_id]) for call in calls if call.command_id in places]
    moments = sorted(
        [(call.sent, 1, place) for call, place in placed]
        + [(call.answered, 0, place) for call, place in placed if call.answered is not None]
    )
    furthest = 0
    for _, is_sent, place in moments:
        if is_sent:
            assert place > furthest, f"place {place} was sent after place {furthest} was answered"
        else:
            furthest = max(furthest, place)


def assert_same_as_one_by_one(url: str, beside: Path) -> None:
    """See that the commands, submitted in the order of the log, come to the same once more."""
    bodies: list[dict[str, Any]] = [
        {**orjson.loads(body), "id": command_id}
        for command_id, body in table(
            url, "SELECT command_id, body FROM commands WHERE command_id IS NOT NULL "
            "ORDER BY sequence",
        )
    ]
    calm = f"sqlite:///{beside}"
    with open_ledger(calm) as ledger:
        send(ledger, bodies)
    assert events_of(calm) == events_of(url)
    assert timeless_outcomes_of(calm) == timeless_outcomes_of(url)
