"""SQLite's locks on a database file: any number of readers, one writer to be, one writer."""

from simulation.disk.structures import EXCLUSIVE, NO_LOCK, PENDING, RESERVED, SHARED


class FileLocks:
    """Which lock each user of one file holds; a user is whatever can be told apart."""

    def __init__(self) -> None:
        self._levels: dict[object, int] = {}

    def lock(self, user: object, wanted: int) -> bool:
        """Raise a user's lock, and return whether nobody was in the way.

        Who wants the file for itself while others still read keeps new readers out meanwhile.
        """
        own = self._levels.get(user, NO_LOCK)
        if own >= wanted:
            return True
        highest = max(
            (level for other, level in self._levels.items() if other is not user), default=NO_LOCK
        )
        if highest >= (PENDING if wanted == SHARED else RESERVED):
            return False
        if wanted == EXCLUSIVE and highest >= SHARED:
            self._levels[user] = PENDING
            return False
        self._levels[user] = wanted
        return True

    def unlock(self, user: object, level: int) -> None:
        """Lower a user's lock."""
        if level == NO_LOCK:
            self._levels.pop(user, None)
        elif self._levels.get(user, NO_LOCK) > level:
            self._levels[user] = level

    def is_shut(self) -> bool:
        """Return whether somebody has the file for itself, so that nobody else can read it."""
        return any(level >= PENDING for level in self._levels.values())

    def is_reserved(self) -> bool:
        """Return whether anybody is about to write."""
        return any(level >= RESERVED for level in self._levels.values())
