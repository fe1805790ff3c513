"""Which events moved a figure: found by folding them one by one, judged by what came together."""

from collections.abc import Callable, Hashable, Iterable, Mapping
from itertools import groupby
from typing import Any, TypeVar

from stocktrail.ledger.base.aggregate import RecordedEvent

Name = TypeVar("Name", bound=Hashable)


def movers_of(
    events: Iterable[RecordedEvent], apply: Callable[[RecordedEvent], None],
    figures: Callable[[], Mapping[Name, Any]],
) -> dict[Name, list[RecordedEvent]]:
    """Return which events moved which figures, by applying them in the order of their positions.

    What a command only passes through is no move of it: units that it ships are wanted no more
    before they are bound no more, and nothing was backordered in between. Nor is what a group of
    commands passes through.
    """
    found: dict[Name, list[RecordedEvent]] = {}
    now = dict(figures())
    for _, together in groupby(events, key=_recorded_with):
        began, moved = now, dict[Name, list[RecordedEvent]]()
        for recorded in together:
            apply(recorded)
            before, now = now, dict(figures())
            for name in before.keys() | now.keys():
                if before.get(name) != now.get(name):
                    moved.setdefault(name, []).append(recorded)
        for name, movers in moved.items():
            if began.get(name) != now.get(name):
                found.setdefault(name, []).extend(movers)
    return found


def _recorded_with(recorded: RecordedEvent) -> Hashable:
    if recorded.group is not None:
        return "group", recorded.group
    return recorded.position if recorded.command_id is None else recorded.command_id
