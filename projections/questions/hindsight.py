"""Hindsight: what was known of stock at a moment, beside what had happened by it.

What happens is often recorded later: last week's count today, a delivery the morning after. So the
books said one thing at a moment, and another is true of it by now. Items are listed of which the
two differ, figure by figure, with the events that make the difference: those that had occurred by
the moment and were recorded after it, and those that were recorded by then but occurred later.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar

from pydantic import Field

from stocktrail.ledger.base.aggregate import RecordedEvent
from stocktrail.ledger.instant import to_iso
from stocktrail.ledger.refusal import Refusal
from stocktrail.ledger.stock.state import ProductStock
from stocktrail.ledger.store import Ledger
from stocktrail.projections.answers.cursor import read_cursor, write_cursor
from stocktrail.projections.answers.shapes.shape import Number, Position, Shape
from stocktrail.projections.as_of import LedgerAsOccurred, LedgerAsRecorded
from stocktrail.projections.as_of.moment import resolve_as_of, resolve_occurred
from stocktrail.projections.as_of.opening import open_as_of
from stocktrail.projections.questions.diff import figures_of_stock
from stocktrail.projections.questions.fields import Moment, as_text
from stocktrail.projections.questions.question import Example, Paged, Question, Report
from stocktrail.projections.read_models import ReadModels

MOST_EVENTS = 5_000
"""How many events may make the difference."""


class KnownAndHappened(Shape):
    """A figure as it was known, and as it had become by what had happened."""

    known: Number
    happened: Number


class EventInHindsight(Shape):
    """An event that was not known at the moment, or that had not happened by it."""

    position: Position
    recorded_at: datetime
    occurred_at: datetime
    type: str
    sentence: str


class HindsightRow(Shape):
    """An item in a pool of which something else was known than had happened."""

    sku: str
    pool: str
    figures: dict[str, KnownAndHappened]
    events: list[EventInHindsight]


class HindsightReport(Shape):
    """A page of what was known at a moment beside what had happened by it.

    ``events`` counts those that make the difference, ``total`` the rows of all pages.
    """

    moment: datetime
    known_at: Position
    as_of: Position
    events: int
    total: int
    rows: list[HindsightRow]
    next: str | None


class Hindsight(Paged, Question[HindsightReport]):
    """What was known of stock at a moment, beside what had happened by it."""

    question: ClassVar[str] = "hindsight"
    tag: ClassVar[str] = "explanations"
    example: ClassVar[Example] = {"moment": "2026-02-28"}

    moment: Moment = Field(
        description="A position (digits), a day (its end in the shop's time zone) or a time in "
        "ISO 8601.",
    )

    @property
    def is_past(self) -> bool:
        """It is about an earlier moment."""
        return True

    def answer(self, models: ReadModels) -> Report:
        """Compare the two; refuses an unknown position, and more events than can be compared."""
        return hindsight(
            models, as_text(self.moment), limit=self.limit, after=self.after
        )


def hindsight(
    models: ReadModels, moment: str, *, limit: int | None = None, after: str | None = None
) -> dict[str, Any]:
    """Report what was known of stock at a moment, and what had happened by it, where they differ.

    Raises a refusal for a position that the log has not reached (``unknown_position``), for what is
    no moment (``bad_moment``), and where more than :data:`MOST_EVENTS` events make the difference
    (``too_many_events``).
    """
    ledger = models.ledger
    known_at = resolve_as_of(ledger, moment)
    instant = _instant_of(ledger, moment, known_at)
    last = read_cursor(["hindsight"], after, (str, str))
    models.reach(known_at)
    with open_as_of(models, None, instant) as (reading, happened):
        assert isinstance(happened, LedgerAsOccurred)
        known = LedgerAsRecorded(ledger, reading, known_at)
        events = happened.in_hindsight(known_at, MOST_EVENTS)
        if events is None:
            raise Refusal(
                "too_many_events", f"More than {MOST_EVENTS} events were recorded after that "
                "moment and had happened by it; ask about a later one.", most=MOST_EVENTS,
            )
        rows = _rows(known, happened, events)
        follows = rows if last is None else [
            row for row in rows if (row["sku"], row["pool"]) > last
        ]
        page = follows if limit is None else follows[:limit]
        more = len(follows) > len(page)
        return {
            "moment": to_iso(instant), "known_at": known_at, "as_of": reading.position,
            "events": sum(len(each) for each in events.values()), "total": len(rows),
            "rows": page,
            "next": write_cursor(
                ["hindsight"], [page[-1]["sku"], page[-1]["pool"]]
            ) if more else None,
        }


def _instant_of(ledger: Ledger, moment: str, known_at: int) -> int:
    """Return the instant of a moment: of a position, when it was recorded."""
    if not (moment.isascii() and moment.isdigit()):
        return resolve_occurred(ledger, moment)
    recorded = ledger.read(known_at - 1, 1) if known_at else []
    return recorded[0].recorded_at if recorded else 0


def _rows(
    known: LedgerAsRecorded, happened: LedgerAsOccurred,
    events: Mapping[str, Sequence[RecordedEvent]],
) -> list[dict[str, Any]]:
    of_items = {
        stream.partition("/")[2]: each for stream, each in sorted(events.items())
        if stream.startswith(f"{ProductStock.category}/")
    }
    was, became = known.stocks(list(of_items)), happened.stocks(list(of_items))
    found = []
    for sku, its_events in of_items.items():
        for pool in sorted({*known.settings.pools, *happened.settings.pools}):
            before = figures_of_stock(known.settings, was[sku], pool)
            after = figures_of_stock(happened.settings, became[sku], pool)
            figures = {
                name: {"known": before.get(name, 0), "happened": after.get(name, 0)}
                for name in dict.fromkeys([*before, *after])
                if before.get(name, 0) != after.get(name, 0)
            }
            if figures:
                found.append({
                    "sku": sku, "pool": pool, "figures": figures,
                    "events": [_event(each) for each in its_events],
                })
    return found


def _event(recorded: RecordedEvent) -> dict[str, Any]:
    return {
        "position": recorded.position, "recorded_at": to_iso(recorded.recorded_at),
        "occurred_at": to_iso(recorded.occurred_at), "type": type(recorded.payload).__name__,
        "sentence": recorded.payload.sentence,
    }
