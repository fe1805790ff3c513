"""Who a customer is, over HTTP. It takes the scope ``admin``, for nothing else here is personal."""

from typing import Annotated

from fastapi import APIRouter, Path, Request
from starlette.responses import Response

from stocktrail.interfaces.service.addresses import NO_CONTROL
from stocktrail.interfaces.service.answers import as_json
from stocktrail.interfaces.service.service import service_of
from stocktrail.projections.questions.customer import CustomerReport
from stocktrail.projections.questions.customer import customer as customer_report

router = APIRouter(tags=["customers"])


@router.get("/customers/{customer:id}", operation_id="customer", response_model=CustomerReport)
async def customer(
    request: Request,
    customer: Annotated[str, Path(description="The customer.", pattern=NO_CONTROL)],
) -> Response:
    """Who a customer is, or that nobody knows any more. Nobody on the way may keep the answer."""
    service = service_of(request)
    report = await service.in_thread(customer_report, service.ledger, customer)
    return as_json(report, headers={"Cache-Control": "no-store"})
