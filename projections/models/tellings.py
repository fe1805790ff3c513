"""What a customer was told of a promise, and what a change of it tells: rules 5.5 and 5.10.

The first date that a line is promised counts as told, and so does every date of a notice. A date
that is brought forward is not told, so the line slips only when it is promised for later than the
date last told:

    promised     told             slips   days slipped (net)
    03-10        first promise    0       0
    03-20        slip, 10 days    1       10
    03-15        nothing          1       5
    03-18        nothing          1       8
    none         slip, no days    2       0
    04-01        found, 12 days   3       22

A date that is lost is a slip without days. Found again it is told, with the days from the date last
told, whether it is later (then it is a slip too) or not. An uncertain date is none to tell: when it
becomes certain, it is told if it is later than the date last told, though it was computed before.

All that says what there is to tell, and when. Whether somebody told it is another fact
(``mark-told``): what a customer *knows* is what somebody told them last, else the first promise.
"""

from datetime import date
from typing import Literal, NamedTuple

NoticeKind = Literal["slip", "promise_found"]


class Told(NamedTuple):
    """What the customer of a line was told so far: its first promise, and the date last told.

    ``lost`` says that the last they were told is that there is no date any more. ``marked`` is the
    position at which somebody last recorded having told them, of ``marked_date``, or of no date;
    ``part_slipped`` says that units before the last ones were put off since.
    """

    first: date | None = None
    last: date | None = None
    lost: bool = False
    marked: int | None = None
    marked_date: date | None = None
    part_slipped: bool = False

    @property
    def known(self) -> date | None:
        """The date that the customer knows of: the one told last by somebody, else the first."""
        return self.first if self.marked is None else self.marked_date

    def is_to_tell(self, promised: date | None, *, uncertain: bool) -> bool:
        """Return whether a promise is other news than what the customer knows.

        >>> told = Told(first=date(2026, 3, 10))
        >>> told.is_to_tell(date(2026, 3, 12), uncertain=False)
        True
        >>> told.is_to_tell(date(2026, 3, 8), uncertain=False)
        False
        """
        known = self.known
        if self.part_slipped:
            return True
        if known is None:
            return self.marked is not None and promised is not None and not uncertain
        return promised is None or promised > known

    def once_marked(self, position: int, promised: date | None) -> "Told":
        """Return what is known once somebody told them what is promised; ``None`` is no date."""
        return self._replace(marked=position, marked_date=promised, part_slipped=False)

    def days_slipped(self, promised: date | None) -> int:
        """Count the days from the first promise to the present one, 0 when it is not later.

        >>> Told(date(2026, 3, 10)).days_slipped(date(2026, 4, 1))
        22
        """
        if self.first is None or promised is None:
            return 0
        return max((promised - self.first).days, 0)


NEVER_TOLD = Told()


class Telling(NamedTuple):
    """What is told when a promise changes; ``days`` are those since the date last told."""

    notice: NoticeKind
    is_slip: bool
    days: int | None


def telling_of(
    told: Told, before: date | None, promised: date | None, *, made_certain: bool = False
) -> Telling | None:
    """Return what is told when a line is promised another date than before, if anything.

    ``made_certain`` says that the date before was uncertain and this one is not. A date that is
    later only because days have passed (``before`` is as late) tells nothing.

    >>> told = Told(first=date(2026, 3, 10), last=date(2026, 3, 20))
    >>> telling_of(told, date(2026, 3, 15), date(2026, 3, 18)) is None
    True
    >>> telling_of(told, date(2026, 3, 15), date(2026, 3, 22))
    Telling(notice='slip', is_slip=True, days=2)
    """
    if promised is None:
        is_lost = before is not None and told.last is not None
        return Telling("slip", True, None) if is_lost else None
    if told.last is None:
        return None
    days = (promised - told.last).days
    if told.lost:
        return Telling("promise_found", days > 0, days)
    if days > 0 and (before is None or promised > before or made_certain):
        return Telling("slip", True, days)
    return None


def told_after(told: Told, promised: date | None, telling: Telling | None) -> Told:
    """Return what the customer has been told once a change of the promise was, if it was told."""
    if telling is not None:
        return told._replace(
            first=told.first or promised, last=promised or told.last, lost=promised is None
        )
    if told.last is None and promised is not None:
        return told._replace(first=promised, last=promised)
    return told
