"""What was recorded together: the events of one command, or of all commands of one group.

It became visible together, so it is what a moment is never inside of, and what promises and low
stock are judged after. What an earlier version recorded has no groups: there it is one command.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

from stocktrail.ledger.base.aggregate import RecordedEvent

RecordedTogether = Sequence[RecordedEvent]
"""The events of a command, or of the commands of a group, in the order of the log."""


def join_groups(commands: Iterable[list[RecordedEvent]]) -> Sequence[RecordedTogether]:
    """Return the events of commands, those of the commands of a group as one.

    The commands are as :meth:`~stocktrail.ledger.store.Ledger.read_commands` gives them.
    """
    joined: list[list[RecordedEvent]] = []
    last: int | None = None
    for command in commands:
        group = command[0].group
        if group is None or group != last:
            joined.append(command)
        else:
            joined[-1] += command
        last = group
    return joined


def first_of_each(together: RecordedTogether) -> Iterator[RecordedEvent]:
    """Yield the first event of each command in what was recorded together."""
    first = together[0]
    yield first
    if first.group is not None:
        for before, recorded in pairwise(together):
            if recorded.command_id != before.command_id:
                yield recorded
