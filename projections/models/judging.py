"""Judging promises once a command or group has ended: what a line is promised, how that moved."""

from collections.abc import Callable
from datetime import date
from typing import NamedTuple

from stocktrail.ledger.store.tables import Row
from stocktrail.projections.models.overdue import RestsOn
from stocktrail.projections.models.promise_changes import (
    Causes,
    change_row,
    choose_cause,
    judge,
    schedule_of,
)
from stocktrail.projections.models.promised_lines import PromisedLine
from stocktrail.projections.models.tellings import NEVER_TOLD, told_after
from stocktrail.projections.recorded_together import RecordedTogether


class Promised(NamedTuple):
    """The date that a line is promised, and the overdue receipts that it rests on."""

    day: date | None
    rests_on: RestsOn


class CandidateCause(NamedTuple):
    """A candidate cause: what may have moved a promise, and the line before and after."""

    causes: Callable[[], Causes]
    before: PromisedLine
    after: PromisedLine


def promised_alone(line: PromisedLine) -> Promised:
    """Return the promise of a line that ships without the rest of its order."""
    return Promised(line.own_date, line.own_rests_on)


def first_promised(line: PromisedLine, promised: Promised, today: date) -> PromisedLine:
    """Return a line that was not there before with its first promise, which counts as told."""
    day = None if promised.day is None else max(promised.day, today)
    return line._replace(
        promise_date=promised.day, rests_on=promised.rests_on,
        told=told_after(NEVER_TOLD, day, None),
    )


def promised_again(
    old: PromisedLine, line: PromisedLine, promised: Promised, candidate: CandidateCause,
    today: date, together: RecordedTogether,
) -> tuple[PromisedLine, Row | None]:
    """Return a line that was there before with its new promise, and how that moved, if it did."""
    if (line.promise_date, line.rests_on) != promised:
        line = line._replace(promise_date=promised.day, rests_on=promised.rests_on)
    schedule = schedule_of(line, today)
    judged = judge(
        line.told, schedule_of(old, today), schedule,
        made_certain=old.uncertain and not line.uncertain and line.backordered > 0,
    )
    if judged is None:
        return line, None
    telling = judged.telling
    line = line._replace(
        slips=line.slips + (telling is not None and telling.is_slip), told=judged.told,
        days_slipped=judged.told.days_slipped(schedule[-1][1]),
    )
    cause = choose_cause(candidate.causes(), candidate.before, candidate.after)
    return line, change_row(line, judged, cause, today, together)
