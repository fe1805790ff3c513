"""What a target finds wrong: a reader that broke its word, as an error of its own."""

from collections.abc import Callable
from typing import Any

from stocktrail.ledger.refusal import Refusal
from stocktrail.ledger.store import StorageError


class FaultFound(AssertionError):
    """A reader did what it must not do; the message says what, and with which input."""


def require(holds: bool, rule: str, *seen: object) -> None:
    """Raise :class:`FaultFound` unless a rule holds; ``seen`` is shown with it.

    >>> require(1 + 1 == 2, "one and one are two")
    """
    if not holds:
        raise FaultFound(": ".join([rule, *(repr(each)[:2_000] for each in seen)]))


def outcome_of(read: Callable[[], Any], *documented: type[Exception]) -> tuple[str, Any]:
    """Return what a reader makes of its input: its ``result``, or how it was ``refused``.

    A refusal, a storage error and the ``documented`` errors are answers; any other one is raised.

    >>> outcome_of(lambda: int("7"), ValueError), outcome_of(lambda: int("x"), ValueError)[0]
    (('result', 7), 'refused')
    """
    try:
        return "result", read()
    except (Refusal, StorageError) as refused:
        require(bool(refused.code) and bool(refused.message), "a refusal has code and sentence")
        return "refused", refused.code
    except documented as error:
        return "refused", str(error)
