"""Moments in questions: how ``--as-of``, ``--occurred-as-of`` and ``--today`` are resolved.

Rule 1.6 is the source.
"""

from collections.abc import Callable
from datetime import date
from typing import Any

from stocktrail.ledger.instant import day_of, parse_moment, to_instant
from stocktrail.ledger.refusal import Refusal
from stocktrail.ledger.store import Ledger
from stocktrail.ledger.store.engine.decided import system_clock
from stocktrail.ledger.time_zone import DEFAULT_ZONE, day_in, end_of_day_in
from stocktrail.projections.folded_settings import folded_settings

_MOST_DIGITS = 18


def time_zone_at(ledger: Ledger, position: int | None = None) -> str:
    """Return the time zone in which the shop counts its days, now or as of a position."""
    return folded_settings(ledger, position).time_zone


def resolve_instant(text: str, time_zone: str = DEFAULT_ZONE) -> int:
    """Return the instant of a moment; a date alone means the end of that day in the time zone.

    Raises a refusal ``bad_moment`` when it is neither.

    >>> resolve_instant("1970-01-01")
    86399999999
    >>> resolve_instant("1970-01-01T00:00:01Z")
    1000000
    """
    try:
        if len(text) == 10:
            return end_of_day_in(date.fromisoformat(text), time_zone)
        return to_instant(parse_moment(text))
    except ValueError:
        raise Refusal(
            "bad_moment",
            f"{text[:60]!r} is neither a position, nor a date such as 2026-03-01, nor a time such "
            "as 2026-03-01T09:00:00Z.",
            as_of=text[:60],
        ) from None


def resolve_occurred(ledger: Ledger, text: str) -> int:
    """Return the instant of ``--occurred-as-of``; a day ends when the shop's day does."""
    return resolve_instant(text, time_zone_at(ledger) if _is_day(text) else DEFAULT_ZONE)


def resolve_day(ledger: Ledger, text: str) -> date:
    """Return a day such as a cutoff; a time stands for the shop's day on which it falls."""
    if _is_day(text):
        return day_of(resolve_instant(text))
    return day_in(resolve_instant(text), time_zone_at(ledger))


def _is_day(text: str) -> bool:
    return len(text) == 10


def _recorded_by(ledger: Ledger, text: str) -> int:
    """Return the last position recorded by a moment; a day is one of the zone that applied then."""
    if not _is_day(text):
        return _visible_at(ledger, resolve_instant(text))
    zone = time_zone_at(ledger)
    position = _visible_at(ledger, resolve_instant(text, zone))
    held = time_zone_at(ledger, position)
    return position if held == zone else _visible_at(ledger, resolve_instant(text, held))


def _visible_at(ledger: Ledger, instant: int) -> int:
    """Return the last position of what was recorded, all of it, by an instant."""
    position = ledger.position_at(instant)
    first, last = recorded_together(ledger, position)
    return position if position == last else first - 1


def resolve_as_of(ledger: Ledger, text: str) -> int:
    """Return the position of ``--as-of``, always one at which a command or a group had ended.

    Digits alone are a position, a date alone is the end of that day of the shop, anything else a
    recorded time; before the first event that is position 0. The events of a command, and those of
    a group of commands, become visible together: a position inside resolves to the last of them, a
    recorded time inside to the position before the first. Raises a refusal ``unknown_position`` for
    a position that the log has not reached, ``bad_moment`` for anything else.
    """
    if not (text.isascii() and text.isdigit()):
        return _recorded_by(ledger, text)
    head = ledger.head().position
    if len(text) > _MOST_DIGITS or int(text) > head:
        raise Refusal(
            "unknown_position",
            f"The ledger ends at position {head}; nothing is known of position {text[:60]}.",
            head=head,
        )
    return recorded_together(ledger, int(text))[1]


def recorded_together(ledger: Ledger, position: int) -> tuple[int, int]:
    """Return the first and the last position of what was recorded together with a position.

    That is a group or one command; an event without one, and the beginning of the log (0), stand
    alone.
    """
    recorded = ledger.read(position - 1, 1) if position else []
    if recorded and recorded[0].group is not None:
        return ledger.positions_of_group(recorded[0].group)
    command_id = recorded[0].command_id if recorded else None
    outcome = None if command_id is None else ledger.outcome(command_id)
    if outcome is None or not outcome.first_position <= position <= outcome.last_position:
        return position, position
    return outcome.first_position, outcome.last_position


def today_at(
    ledger: Ledger, as_of: int | None, occurred_until: int | None = None,
    clock: Callable[[], int] = system_clock, *, zone: str | None = None,
) -> date:
    """Return which day of the shop's time zone is today for a question that names none.

    Asked by what had occurred until an instant it is that day; as of a position the day on which
    that position was recorded; else the clock's. Who has the settings of the position at hand gives
    their ``zone``: to fold them from the log took a quarter of the answer about an order.
    """
    zone = time_zone_at(ledger, as_of) if zone is None else zone
    if occurred_until is not None:
        return day_in(occurred_until, zone)
    if as_of:
        recorded = ledger.read(as_of - 1, 1)
        if recorded:
            return day_in(recorded[0].recorded_at, zone)
    return day_in(clock(), zone)


def require_period(first: tuple[str, str, Any], last: tuple[str, str, Any]) -> None:
    """Refuse a period that ends before it begins (``bad_period``).

    Each end is its name, how it was written, and when it is.

    >>> require_period(("since", "2026-03-02", 2), ("until", "2026-03-02", 2))
    """
    (begins, begins_as, since), (ends, ends_as, until) = first, last
    if since > until:
        raise Refusal(
            "bad_period", f"{begins} {begins_as[:60]} is after {ends} {ends_as[:60]}: nothing lies "
            "between them.",
        )


def resolve_today(ledger: Ledger, text: str | None, as_of: str | None) -> date | None:
    """Return the day of ``--today``; else the day of an ``--as-of`` that names one.

    ``None`` leaves it to :func:`today_at`. Raises a refusal ``bad_moment`` for what is no day.
    """
    if text is not None:
        return resolve_day(ledger, text)
    if as_of is not None and not (as_of.isascii() and as_of.isdigit()):
        return resolve_day(ledger, as_of)
    return None
