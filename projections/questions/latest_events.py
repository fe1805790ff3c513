"""The log with the latest event first, filtered, and each event told in a sentence."""

from collections.abc import Iterator
from typing import Annotated, Any, ClassVar

from pydantic import Field

from stocktrail.ledger.base.aggregate import RecordedEvent
from stocktrail.ledger.store.command_row import CommandRow
from stocktrail.ledger.store.recorded_events import recorded_events
from stocktrail.projections.answers.narrative import event_with_sentence
from stocktrail.projections.answers.shapes.events import ToldEvent
from stocktrail.projections.answers.shapes.shape import Position, Shape
from stocktrail.projections.event_search.event_filter import EventFilter
from stocktrail.projections.event_search.search import EventSearch
from stocktrail.projections.questions.fields import CustomerId
from stocktrail.projections.questions.question import AsOf, Example, LatestFirst, Question, Report
from stocktrail.projections.read_models import ReadModels

MOST_LOOKED_AT = 5_000
"""About how many events a page that has some looks at for more, where no index helps."""


class LatestEventsReport(Shape):
    """A page of the log; one with rows may have fewer than were asked for, and still go on."""

    as_of: Position
    rows: list[ToldEvent]
    next: int | None


class LatestEvents(LatestFirst, AsOf, Question[LatestEventsReport]):
    """The log, the latest event first."""

    question: ClassVar[str] = "latest-events"
    address: ClassVar[str | None] = "/events/latest"
    is_listed: ClassVar[bool] = False
    tag: ClassVar[str] = "events"
    example: ClassVar[Example] = {"type": "OrderPlaced", "limit": 1}

    type: Annotated[str, Field(max_length=200)] = Field(
        default="", description="Only events of this type, such as OrderPlaced."
    )
    stream: Annotated[str, Field(max_length=1000)] = Field(
        default="", description="Only events of this stream, or of those that begin so (`order/*`)."
    )
    actor: Annotated[str, Field(max_length=1000)] = Field(
        default="", description="Only what this one sent: the name of a token, or an `actor`."
    )
    customer: CustomerId | None = Field(
        default=None, description="Only events of this customer and of the customer's orders."
    )
    command: Annotated[str, Field(max_length=1000)] = Field(
        default="", description="Only what the command with this id led to."
    )
    since: Annotated[str, Field(max_length=60)] = Field(
        default="", description="Only what was recorded from this day or time on."
    )
    until: Annotated[str, Field(max_length=60)] = Field(
        default="", description="Only what was recorded by the end of this day, or by this time."
    )
    before: int | None = Field(
        default=None, ge=1, le=10**15, description="The next page: what `next` said."
    )
    above: int = Field(default=0, ge=0, le=10**15, description="Only events above this position.")
    limit: int = Field(default=50, ge=1, le=10_000, description="At most so many rows.")

    @property
    def needs_caught_up(self) -> bool:
        """It is read from the log; the orders of a customer are known to the read models."""
        return self.customer is not None

    @property
    def narrowed(self) -> EventFilter:
        """What events must meet."""
        return EventFilter(
            type=self.type, stream=self.stream, actor=self.actor, customer=self.customer or "",
            command=self.command, since=self.since, until=self.until,
        )

    def answer(self, models: ReadModels) -> Report:
        """Read the log backwards; refuses an unknown position, and what is no time.

        ``next`` is what to ask for as ``before`` for the following page. A page without rows is the
        last one.
        """
        as_of = self.position(models)
        head = models.ledger.head().position if as_of is None else as_of
        above, until = self.narrowed.positions(models.ledger)
        above = max(above, self.above)
        at = min(until, head, head if self.before is None else self.before - 1)
        rows: list[dict[str, Any]] = []
        looked = 0
        wanted = self.narrowed.wanted(models)
        search = EventSearch(models.ledger).backwards(wanted, at, above) if at > above else ()
        for found in search:
            for recorded in _latest_first(found, above, at):
                at = recorded.position - 1
                looked += 1
                if wanted.picks(recorded):
                    rows.append(event_with_sentence(recorded))
                    if len(rows) == self.limit:
                        break
            if len(rows) == self.limit or (rows and looked >= MOST_LOOKED_AT):
                break
        else:
            at = above
        return {"as_of": head, "rows": rows, "next": at + 1 if at > above else None}


def _latest_first(rows: list[CommandRow], above: int, until: int) -> Iterator[RecordedEvent]:
    for row in rows:
        for recorded in reversed(list(recorded_events(row))):
            if above < recorded.position <= until:
                yield recorded
