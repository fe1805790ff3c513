"""The status of an order, in the words of other systems: whether anything of it is still to come.

Each system has its words. One that nobody knows is not guessed: whoever runs the import says with
``--open-status`` or ``--closed-status`` what it means.
"""

import re
from collections.abc import Iterable
from typing import Self

from stocktrail.interfaces.importing.findings import BadCell
from stocktrail.interfaces.importing.remedies import SAY_WHETHER_OPEN
from stocktrail.ledger.quantity import shortened


class Statuses:
    """Which statuses are open, and which are closed, as one system has them."""

    def __init__(self, opened: Iterable[str], closed: Iterable[str]) -> None:
        self._open = {as_word(each) for each in opened}
        self._closed = {as_word(each) for each in closed}

    def also(self, opened: Iterable[str], closed: Iterable[str]) -> Self:
        """Return the same with what somebody said of further ones, or of these ones otherwise."""
        more_open = {as_word(each) for each in opened}
        more_closed = {as_word(each) for each in closed}
        return type(self)(
            (self._open - more_closed) | more_open, (self._closed - more_open) | more_closed
        )

    def is_open(self, status: str) -> bool:
        """Return whether units are still to come under a status; none at all is open.

        Raises :class:`~stocktrail.interfaces.importing.findings.BadCell` (``unknown_status``) for
        one that nobody knows.

        >>> Statuses(["processing"], ["completed"]).is_open("wc-Processing")
        True
        """
        word = as_word(status)
        if not word or word in self._open:
            return True
        if word in self._closed:
            return False
        raise BadCell(
            "unknown_status",
            f"the status {shortened(status)!r} is not known: "
            f"{SAY_WHETHER_OPEN.said(status=_quoted(status))} anything of the order is still to "
            "come.",
        )


def as_word(status: str) -> str:
    """Return a status in one spelling, however a system shows it.

    >>> as_word("wc-on-hold"), as_word("On Hold"), as_word("partially_refunded")
    ('on hold', 'on hold', 'partially refunded')
    """
    return re.sub(r"[\s_-]+", " ", status.strip().lower().removeprefix("wc-")).strip()


def _quoted(status: str) -> str:
    return f'"{shortened(status)}"' if " " in status else shortened(status)
