"""What every question may be asked with: where it begins, how much, as of when, and how fresh."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Annotated, Any

from fastapi import Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from stocktrail.interfaces.service.addresses import NO_CONTROL
from stocktrail.interfaces.service.answers import answered
from stocktrail.interfaces.service.problems import Problem, problem_of_refusal
from stocktrail.interfaces.service.service import Service, service_of
from stocktrail.ledger.refusal import Refusal
from stocktrail.projections import ReadModels
from stocktrail.projections.as_of.moment import resolve_as_of, resolve_occurred, resolve_today

_QUANTITY = r"^[0-9]{1,11}(\.[0-9]{1,4})?$"
_MOST_POSITION = 10**15

Key = Annotated[str, Field(pattern=NO_CONTROL)]
Report = Mapping[str, Any]


class Asked(BaseModel):
    """What any question may be asked with; a parameter that it does not know is refused."""

    model_config = ConfigDict(extra="forbid")

    at_least: int | None = Field(
        None, ge=0, le=_MOST_POSITION,
        description="Wait until the read models have come to this position, such as the Position "
        "of a command's answer.",
    )


class AskedAsOf(Asked):
    """A question that can be asked about an earlier moment."""

    as_of: Annotated[str, Field(min_length=1, max_length=60)] | None = Field(
        None, description="A position (digits), a day (its end in the shop's time zone) or a "
        "recorded time in ISO 8601.",
    )

    @property
    def is_past(self) -> bool:
        """Whether an earlier moment is asked about."""
        return self.as_of is not None

    def position(self, models: ReadModels) -> int | None:
        """Return the position that is asked about, ``None`` for now."""
        return None if self.as_of is None else resolve_as_of(models.ledger, self.as_of)


class AskedOccurred(AskedAsOf):
    """A question that can be asked by the trade's clock too: of what had happened by a time."""

    occurred_as_of: Annotated[str, Field(min_length=1, max_length=60)] | None = Field(
        None, description="A day (its end in the shop's time zone) or a time in ISO 8601: only "
        "what had happened by it counts, also what was recorded later.",
    )

    @property
    def is_past(self) -> bool:
        """Whether an earlier moment is asked about, by either clock."""
        return super().is_past or self.occurred_as_of is not None

    def until(self, models: ReadModels) -> int | None:
        """Return the instant by which things must have happened, ``None`` for whenever."""
        written = self.occurred_as_of
        return None if written is None else resolve_occurred(models.ledger, written)


class AskedToday(AskedAsOf):
    """A question about promises, which depend on what day it is."""

    today: Annotated[str, Field(min_length=1, max_length=60)] | None = Field(
        None, description="The day that is today for promises. Default: the day of as_of, else of "
        "the clock.",
    )

    def day(self, models: ReadModels) -> date | None:
        """Return the day that is today, ``None`` to leave it to the position or the clock."""
        return resolve_today(models.ledger, self.today, self.as_of)


class PagedAsked(BaseModel):
    """A question that is answered a page at a time."""

    limit: int | None = Field(None, ge=1, le=10_000, description="At most so many rows.")
    after: Annotated[str, Field(min_length=1, max_length=2000)] | None = Field(
        None, description="Go on after a page: its next."
    )

    def rows(self, service: Service) -> int:
        """Return how many rows the page may have. Raises a problem when they are too many."""
        most = service.settings.most_rows
        if self.limit is not None and self.limit > most:
            raise Problem(422, "bad_limit", f"A page has at most {most} rows, not {self.limit}.")
        return min(self.limit or service.settings.default_rows, most)


async def ask(
    request: Request, asked: Asked, question: Callable[[ReadModels], Report]
) -> Response:
    """Answer a question as of now or as of an earlier moment, at least as fresh as is asked for.

    What is refused was refused by read models that had come at least to the position it names.
    """
    service = service_of(request)
    if asked.at_least is not None:
        await service.wait_for_read_models(asked.at_least)
    is_past = isinstance(asked, AskedAsOf) and asked.is_past
    known = service.follower.position

    def judged(models: ReadModels) -> Report:
        try:
            return question(models)
        except Refusal as refusal:
            as_of = asked.position(models) if isinstance(asked, AskedAsOf) else None
            problem = problem_of_refusal(refusal)
            problem.headers["Position"] = str(known if as_of is None else as_of)
            raise problem from refusal

    return answered(request, await service.ask(judged, past=is_past))
