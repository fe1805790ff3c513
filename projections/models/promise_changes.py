"""Read model of promise changes: which line was promised another date, by what, and when.

A change is about the date of the line's last part; when that stays where it was but another part
moved, it is about that part. What a change tells the customer (a slip, a date found again) follows
from what they were told before (:mod:`stocktrail.projections.models.tellings`); a part is judged
by what it was promised before. Each is a notice, once: it follows from the log like all else.
"""

from collections.abc import Iterable, Iterator
from datetime import date
from typing import NamedTuple

from stocktrail.ledger.store.tables import Cursor, Row, Table, TableSet
from stocktrail.projections.dates import iso, read_day
from stocktrail.projections.models.overdue import overdue_text
from stocktrail.projections.models.promised_lines import PromisedLine
from stocktrail.projections.models.tellings import (
    NEVER_TOLD,
    Telling,
    Told,
    telling_of,
    told_after,
)
from stocktrail.projections.models.version import versioned
from stocktrail.projections.recorded_together import RecordedTogether

PROMISE_CHANGE = Table(
    versioned("promise_change"),
    {
        "order_id": "TEXT NOT NULL", "line": "BIGINT NOT NULL", "position": "BIGINT NOT NULL",
        "sku": "TEXT NOT NULL", "customer": "TEXT NOT NULL", "recorded_at": "BIGINT NOT NULL",
        "occurred_at": "BIGINT NOT NULL", "command_id": "TEXT", "quantity": "BIGINT NOT NULL",
        "old_date": "TEXT", "new_date": "TEXT", "told_date": "TEXT", "first_date": "TEXT",
        "last_told": "TEXT", "lost": "BIGINT NOT NULL", "notice": "TEXT",
        "is_slip": "BIGINT NOT NULL", "days": "BIGINT", "days_slipped": "BIGINT NOT NULL",
        "today": "TEXT NOT NULL", "rests_on": "TEXT NOT NULL",
        "cause_kind": "TEXT NOT NULL", "cause": "TEXT NOT NULL", "cause_key": "TEXT",
        "cause_line": "BIGINT", "of_part": "BIGINT NOT NULL",
    },
    ("order_id", "line", "position"),
    (
        "position, order_id, line WHERE notice IS NOT NULL",
        "customer, position WHERE notice IS NOT NULL",
    ),
)

Schedule = tuple[tuple[int, date | None], ...]
"""Units and the day they are promised for, in order of days; units without a day come last."""


class Cause(NamedTuple):
    """What moved a promise: a purchase line, an order that went first, stock, or a setting.

    ``key`` and ``line`` name the purchase line or order line; ``text`` says what happened to it.
    """

    kind: str
    text: str
    key: str | None = None
    line: int | None = None


class Causes:
    """All that was done to an item, in order; found by what it was done to, however many."""

    def __init__(self, causes: Iterable[Cause]) -> None:
        self.first: Cause | None = None
        self._places: dict[tuple[str, str | None, int | None], tuple[int, Cause]] = {}
        for place, cause in enumerate(causes):
            self.first = self.first or cause
            self._places.setdefault((cause.kind, cause.key, cause.line), (place, cause))

    def earliest_of(self, looked_for: Iterable[tuple[str, str | None, int | None]]) -> Cause | None:
        """Return what was done first, of what was done to one of these; ``None`` for nothing."""
        found = [self._places[each] for each in looked_for if each in self._places]
        return min(found)[1] if found else None


class DateMove(NamedTuple):
    """How far some units of a line moved: from one date to another; ``None`` is no date."""

    quantity: int
    old_date: date | None
    new_date: date | None

    @property
    def is_later(self) -> bool:
        """Whether they come later than they did, or nobody knows when any more."""
        if self.old_date is None:
            return False
        return self.new_date is None or self.new_date > self.old_date

    @property
    def days(self) -> int | None:
        """By how many days they moved; ``None`` unless both dates are known."""
        if self.old_date is None or self.new_date is None:
            return None
        return (self.new_date - self.old_date).days


def schedule_of(line: PromisedLine, today: date) -> Schedule:
    """Return how many units of a line are promised for which day, under a today.

    Every part of an order that ships complete is promised for the date of the whole.
    """
    if line.ships_complete:
        promised = line.promise_date
        return ((line.remaining, None if promised is None else max(promised, today)),)
    soonest = max(line.requested_date, today)
    parts: dict[date | None, int] = {}
    ready = line.allocated if line.managed else line.remaining
    if ready:
        parts[soonest] = ready
    for peg in line.pegs:
        day = max(peg.ready, soonest)
        parts[day] = parts.get(day, 0) + peg.quantity
    uncovered = line.uncovered
    if uncovered:
        parts[None] = uncovered
    return tuple((quantity, day) for day, quantity in parts.items())


def moved_units(old: Schedule, new: Schedule) -> Iterator[DateMove]:
    """Compare two schedules of the same units, the first unit with the first, and so on.

    >>> day7, day12 = date(2026, 3, 7), date(2026, 3, 12)
    >>> [(move.quantity, move.days) for move in moved_units(((5, day7),), ((2, day7), (3, day12)))]
    [(3, 5)]
    """
    before, after = [*old], [*new]
    while before and after:
        quantity = min(before[0][0], after[0][0])
        if before[0][1] != after[0][1]:
            yield DateMove(quantity, before[0][1], after[0][1])
        for parts in (before, after):
            left, day = parts[0]
            if left == quantity:
                del parts[0]
            else:
                parts[0] = (left - quantity, day)


def date_move(old: Schedule, new: Schedule) -> DateMove | None:
    """Return how a line's promise moved: by its last date, else by its part that slipped or moved.

    Parts are compared only while the line wants as many units as before: what ships or is cancelled
    moves nothing. ``None`` when nothing moved.
    """
    if not old or not new:
        return None
    moves = []
    if sum(part[0] for part in old) == sum(part[0] for part in new):
        moves = list(moved_units(old, new))
    last_before, last_after = old[-1][1], new[-1][1]
    if last_before != last_after:
        moved = sum(move.quantity for move in moves) or new[-1][0]
        return DateMove(moved, last_before, last_after)
    if not moves:
        return None
    later = [move for move in moves if move.is_later]
    first = (later or moves)[0]
    return first._replace(quantity=sum(
        move.quantity for move in moves if move[1:] == first[1:]
    ))


class Judged(NamedTuple):
    """How a promise moved, what of that is told, and what the customer has been told then.

    ``instead_of`` is the date that they had been told before, of the units that moved; ``of_part``
    says that these were put off, and the last units of the line were not.
    """

    move: DateMove
    telling: Telling | None
    told: Told
    instead_of: date | None
    of_part: bool = False


def judge(told: Told, old: Schedule, new: Schedule, *, made_certain: bool) -> Judged | None:
    """Judge how the promise of a line moved, if it did, by what its customer was told before.

    ``made_certain`` says that its date was uncertain and is no more: then it is told though it is
    the same, if it is later than the date last told.
    """
    move = date_move(old, new)
    if move is None and not (made_certain and old and new):
        return None
    before, promised = old[-1][1], new[-1][1]
    if move is None or before != promised:
        telling = telling_of(told, before, promised, made_certain=made_certain)
        if move is None and telling is None:
            return None
        whole = DateMove(sum(quantity for quantity, _ in new), before, promised)
        return Judged(move or whole, telling, told_after(told, promised, telling), told.last)
    if not move.is_later:
        return Judged(move, None, told, told.last)
    if move.new_date is None:
        told = told._replace(last=told.last or move.old_date, lost=True)
    told = told._replace(part_slipped=True)
    return Judged(move, Telling("slip", True, move.days), told, move.old_date, of_part=True)


def choose_cause(
    causes: Causes, before: PromisedLine, after: PromisedLine
) -> Cause:
    """Choose what moved a line, of all that a command or a group did to its item.

    A purchase line that it was pegged to comes first, then what was done to the line itself, then a
    purchase line that it is pegged to now, then whatever was done first.
    """
    was_pegged = {("purchase_line", peg[0], peg[1]) for peg in before.pegs}
    is_pegged = {("purchase_line", peg[0], peg[1]) for peg in after.pegs}
    for looked_for in (was_pegged, {("order", before.order, before.line)}, is_pegged):
        cause = causes.earliest_of(looked_for)
        if cause is not None:
            return cause
    if causes.first is not None:
        return causes.first
    return Cause("order", "the rest of its order moved", before.order, before.line)


def change_row(
    line: PromisedLine, judged: Judged, cause: Cause, today: date, together: RecordedTogether
) -> Row:
    """Write a change of a line, recorded with the last event of what led to it.

    It had occurred when all of that had.
    """
    move, telling, told, instead_of, of_part = judged
    last = together[-1]
    days = move.days if telling is None else telling.days
    return {
        "order_id": line.order, "line": line.line, "position": last.position, "sku": line.sku,
        "customer": line.customer, "recorded_at": last.recorded_at,
        "occurred_at": max(each.occurred_at for each in together), "command_id": last.command_id,
        "quantity": move.quantity, "old_date": iso(move.old_date),
        "new_date": iso(move.new_date), "told_date": iso(instead_of),
        "first_date": iso(told.first), "last_told": iso(told.last),
        "lost": int(told.lost), "notice": None if telling is None else telling.notice,
        "is_slip": int(telling is not None and telling.is_slip), "days": days,
        "days_slipped": line.days_slipped, "today": today.isoformat(),
        "rests_on": overdue_text(line.rests_on), "cause_kind": cause.kind,
        "cause": cause.text, "cause_key": cause.key, "cause_line": cause.line,
        "of_part": int(of_part),
    }


def load_changes(
    tables: TableSet, cursor: Cursor, order_id: str, line: int | None = None
) -> list[Row]:
    """Read the promise changes of an order, or of one of its lines, the first one first."""
    condition = "WHERE order_id = :order_id" + ("" if line is None else " AND line = :line")
    return tables.table(PROMISE_CHANGE).rows(
        cursor, f"{condition} ORDER BY position, line", order_id=order_id, line=line,
    )


class Slipped(NamedTuple):
    """How often a line slipped, the days from its first promise to the present, what was told.

    ``part_at`` is the position at which units before its last ones slipped last, 0 for never.
    """

    slips: int
    days: int
    told: Told
    part_at: int = 0


NEVER_SLIPPED = Slipped(0, 0, NEVER_TOLD)


def slips_of(changes: Iterable[Row]) -> dict[tuple[str, int], Slipped]:
    """Return how lines slipped by their changes, which stand in the order in which they happened.

    A line without any is left out.
    """
    found: dict[tuple[str, int], Slipped] = {}
    for row in changes:
        key = (row["order_id"], row["line"])
        before = found.get(key, NEVER_SLIPPED)
        told = Told(read_day(row["first_date"]), read_day(row["last_told"]), bool(row["lost"]))
        part_at = row["position"] if row["of_part"] else before.part_at
        found[key] = Slipped(
            before.slips + row["is_slip"], row["days_slipped"],
            told._replace(part_slipped=part_at > 0), part_at,
        )
    return found
