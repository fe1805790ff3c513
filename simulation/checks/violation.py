"""A violation: something that must never be, found by a check."""


class Violation(AssertionError):
    """A check found what must never be.

    ``check`` names the check, the message says what it found.
    """

    def __init__(self, check: str, found: str) -> None:
        super().__init__(f"{check}: {found}")
        self.check = check
        self.found = found


def require(holds: object, check: str, found: str) -> None:
    """Raise :class:`Violation` unless something holds."""
    if not holds:
        raise Violation(check, found)
