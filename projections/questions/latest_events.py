"""The log with the latest event first, filtered, and each event told in a sentence."""

from typing import Annotated, Any, ClassVar

from pydantic import Field

from stocktrail.ledger.base.aggregate import RecordedEvent
from stocktrail.ledger.spelling import composed
from stocktrail.projections.answers.narrative import event_with_sentence
from stocktrail.projections.answers.shapes.events import ToldEvent
from stocktrail.projections.answers.shapes.shape import Position, Shape
from stocktrail.projections.questions.question import AsOf, LatestFirst, Question, Report
from stocktrail.projections.read_models import ReadModels

MOST_LOOKED_AT = 5_000
"""How many events one page looks at for those that were asked for."""

_READ_AT_A_TIME = 1000


class LatestEventsReport(Shape):
    """A page of the log; it may have fewer rows than were asked for, and still go on."""

    as_of: Position
    rows: list[ToldEvent]
    next: int | None


class LatestEvents(LatestFirst, AsOf, Question[LatestEventsReport]):
    """The log, the latest event first."""

    question: ClassVar[str] = "latest-events"
    address: ClassVar[str | None] = None
    is_listed: ClassVar[bool] = False

    type: Annotated[str, Field(max_length=200)] = Field(
        default="", description="Only events of this type, such as OrderPlaced."
    )
    stream: Annotated[str, Field(max_length=1000)] = Field(
        default="", description="Only events of this stream, or of those that begin so (`order/*`)."
    )
    before: int | None = Field(
        default=None, ge=1, le=10**15, description="The next page: what `next` said."
    )
    above: int = Field(default=0, ge=0, le=10**15, description="Only events above this position.")
    limit: int = Field(default=50, ge=1, le=10_000, description="At most so many rows.")

    @property
    def needs_caught_up(self) -> bool:
        """It is read from the log."""
        return False

    def wants(self, recorded: RecordedEvent) -> bool:
        """Return whether an event is of the type and the stream that are asked for."""
        if self.type and type(recorded.payload).__name__ != self.type:
            return False
        stream, wanted = composed(str(recorded.originator_id)), composed(self.stream)
        if wanted.endswith("*"):
            return stream.startswith(wanted[:-1])
        return not wanted or stream == wanted

    def answer(self, models: ReadModels) -> Report:
        """Read the log backwards; refuses an unknown position.

        ``next`` is what to ask for as ``before`` for the following page.
        """
        as_of = self.position(models)
        until = models.ledger.head().position if as_of is None else as_of
        rows: list[dict[str, Any]] = []
        looked, at = 0, until if self.before is None else min(until, self.before - 1)
        while at > self.above and len(rows) < self.limit and looked < MOST_LOOKED_AT:
            begin = max(at - _READ_AT_A_TIME, self.above)
            for recorded in reversed(models.ledger.read(begin, at - begin)):
                at = recorded.position - 1
                looked += 1
                if self.wants(recorded):
                    rows.append(event_with_sentence(recorded))
                    if len(rows) == self.limit:
                        break
            else:
                at = begin
        return {"as_of": until, "rows": rows, "next": at + 1 if at > self.above else None}
