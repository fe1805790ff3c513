"""Questions about who waits: the backorder views, flows and promises."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Path, Query, Request
from pydantic import Field
from starlette.responses import Response

from stocktrail.interfaces.api.asked import AskedOccurred, AskedToday, Key, PagedAsked, ask
from stocktrail.interfaces.api.position_headers import PositionHeaderRoute
from stocktrail.interfaces.api.responses import operation
from stocktrail.interfaces.service.addresses import Sku
from stocktrail.interfaces.service.service import service_of
from stocktrail.projections import ReadModels
from stocktrail.projections.as_of.moment import resolve_day
from stocktrail.projections.questions import flow as flow_report
from stocktrail.projections.questions import promise as promise_report
from stocktrail.projections.questions.backorder_views.filters import Filters
from stocktrail.projections.questions.backorders import View
from stocktrail.projections.questions.backorders import backorders as backorders_report
from stocktrail.projections.questions.question import InPool, OfQuantity

router = APIRouter(tags=["who waits"], route_class=PositionHeaderRoute)


class BackordersAsked(AskedOccurred, AskedToday, PagedAsked):
    """What the backorder views are asked with."""

    item: Key | None = Field(None, description="Only this item.")
    customer: Key | None = Field(None, description="Only what this customer waits for.")
    vendor: Annotated[str, Field(max_length=1000)] | None = Field(
        None, description="Only what this vendor owes."
    )
    pool: Key | None = Field(None, description="Only what is sold in this pool.")
    source: Key | None = Field(None, description="Only what this source delivers or gets.")
    waiting: bool = Field(False, description="Only where somebody waits.")
    overdue: bool = Field(False, description="Only what rests on overdue receipts.")
    late: bool = Field(
        False, description="Only what comes later than wanted, or lost the date that was told."
    )
    slipped: bool = Field(False, description="Only what was put off.")
    uncertain: bool = Field(False, description="Only promises that rest on overdue receipts.")
    uncovered: bool = Field(False, description="Only where more must be ordered.")
    cutoff: Annotated[str, Field(min_length=1, max_length=60)] | None = Field(
        None, description="Only lines due before this day."
    )
    sort: Annotated[str, Field(min_length=1, max_length=100)] | None = Field(
        None, description="A column of the rows; - before it turns the order around."
    )

    def day(self, models: ReadModels) -> date | None:
        """Return the day that is today, ``None`` to leave it to the moment or the clock."""
        if self.today is None and self.occurred_as_of is not None:
            return None
        return super().day(models)

    def filters(self, models: ReadModels) -> Filters:
        """Return what the view is to show."""
        return Filters(
            item=self.item, customer=self.customer, vendor=self.vendor, pool=self.pool,
            source=self.source, waiting=self.waiting, overdue=self.overdue, late=self.late,
            slipped=self.slipped, uncertain=self.uncertain, uncovered=self.uncovered,
            cutoff=self._cutoff(models),
        )

    def _cutoff(self, models: ReadModels) -> date | None:
        return None if self.cutoff is None else resolve_day(models.ledger, self.cutoff)


class FlowAsked(AskedToday, InPool):
    """What the flow of an item is asked with."""


class PromiseAsked(AskedToday, InPool, OfQuantity):
    """What a promise is asked with."""


@router.get("/backorders/{by}", **operation("backorders"))
async def backorders(
    request: Request, by: Annotated[View, Path(description="Which view.")],
    asked: Annotated[BackordersAsked, Query()],
) -> Response:
    """Every open line: by item, by customer or by vendor."""
    limit = asked.rows(service_of(request))
    return await ask(request, asked, lambda models: backorders_report(
        models, by, asked.filters(models), sort=asked.sort, limit=limit, after=asked.after,
        as_of=asked.position(models), today=asked.day(models),
        occurred_until=asked.until(models),
    ))


@router.get("/stock/{sku:id}/flow", **operation("flow"))
async def flow(request: Request, sku: Sku, asked: Annotated[FlowAsked, Query()]) -> Response:
    """What is still to come and to go of an item, day by day."""
    return await ask(request, asked, lambda models: flow_report.flow(
        models, sku, asked.pool, as_of=asked.position(models), today=asked.day(models)
    ))


@router.get("/stock/{sku:id}/promise", **operation("promise"))
async def promise(
    request: Request, sku: Sku, asked: Annotated[PromiseAsked, Query()]
) -> Response:
    """The first day on which a quantity can be promised."""
    units = asked.units()
    return await ask(request, asked, lambda models: promise_report.promise(
        models, sku, units, asked.pool, as_of=asked.position(models), today=asked.day(models)
    ))
