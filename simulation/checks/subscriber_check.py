"""The check of copies: what subscribers and receivers were told is the log, in order, no holes."""

from collections.abc import Sequence

from simulation.checks.violation import Violation, require

CHECK = "subscribers"
Told = tuple[str, str]
"""The stream of an event and its type."""


class SubscriberCheck:
    """Holds the copies of all subscribers, and compares them with the log.

    Telling happens in programs, so nothing is raised there: it is found when it is compared.
    """

    def __init__(self) -> None:
        self._copies: dict[str, list[Told]] = {}
        self._compared: dict[str, int] = {}
        self._wrong: list[str] = []

    def copy_of(self, name: str) -> list[Told]:
        """Return the copy of a subscriber, which is empty at first."""
        return self._copies.setdefault(name, [])

    def tell(self, name: str, position: int, stream: str, kind: str) -> None:
        """Take an event that reached a subscriber; it must be the next one."""
        copy = self._copies[name]
        if position != len(copy) + 1:
            self._wrong.append(f"{name} has {len(copy)} events and was told of {position}")
            return
        copy.append((stream, kind.removeprefix("stocktrail.")))

    def was_told_too_much(self, name: str, why: str) -> None:
        """Take note that a subscriber is ahead of the log."""
        self._wrong.append(f"{name} is ahead of the log: {why}")

    def begin_again(self) -> None:
        """Compare everything again, because the machine lost power."""
        self._compared.clear()

    def compare(self, events: Sequence[Told]) -> None:
        """Require that every copy is a prefix of the log."""
        require(not self._wrong, CHECK, "; ".join(self._wrong))
        for name, copy in self._copies.items():
            start = self._compared.get(name, 0)
            require(
                len(copy) <= len(events), CHECK,
                f"{name} has {len(copy)} events, the log has {len(events)}",
            )
            for place in range(start, len(copy)):
                if copy[place] != events[place]:
                    said = f"{name} was told {copy[place]} at {place + 1}, not {events[place]}"
                    raise Violation(CHECK, said)
            self._compared[name] = len(copy)

    def require_complete(self, events: Sequence[Told]) -> None:
        """Require that every subscriber has come to the end of the log."""
        for name, copy in self._copies.items():
            require(
                len(copy) == len(events), "liveness",
                f"{name} has {len(copy)} of {len(events)} events, though nothing fails any more",
            )
