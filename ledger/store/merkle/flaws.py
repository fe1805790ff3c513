"""What is wrong with a stored log, one violation at a time."""

from typing import NamedTuple

from stocktrail.ledger.instant import to_iso

MAX_FLAWS = 100


class Flaw(NamedTuple):
    """One violation: a stable code, a sentence, and the position."""

    code: str
    message: str
    position: int


class Flaws(list[Flaw]):
    """The violations that were found so far, at most :data:`MAX_FLAWS`."""

    def report(self, code: str, message: str, position: int) -> None:
        """Add a violation."""
        if len(self) < MAX_FLAWS:
            self.append(Flaw(code, message, position))


def moment(instant: int) -> str:
    """Return a time as text, even if no calendar has it.

    >>> moment(0), moment(2**62)
    ('1970-01-01T00:00:00.000000Z', '4611686018427387904 microseconds after 1970')
    """
    try:
        return to_iso(instant)
    except (OverflowError, ValueError):
        return f"{instant} microseconds after 1970"
