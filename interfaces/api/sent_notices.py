"""What became of notices by e-mail, over HTTP: to whom and when, never what was written."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from stocktrail.feeds.notices.store import sent_notices as sent_notices_report
from stocktrail.feeds.questions.sent_notices import SentNoticesReport
from stocktrail.interfaces.service.answers import as_json
from stocktrail.interfaces.service.service import service_of

router = APIRouter(tags=["questions"])

_MOST_ROWS = 1000
_MOST_POSITION = 10**15


class SentNoticesAsked(BaseModel):
    """Which notices are asked for."""

    model_config = ConfigDict(extra="forbid")

    limit: int = Field(100, ge=1, le=_MOST_ROWS, description="At most so many rows.")
    before: int | None = Field(
        None, ge=0, le=_MOST_POSITION, description="The next page: what `next` said."
    )
    state: Literal["waiting", "sending", "sent", "refused", "skipped", "uncertain"] | None = Field(
        None, description="Only notices that stand so."
    )


@router.get("/sent-notices", operation_id="sent-notices", response_model=SentNoticesReport)
async def sent_notices(
    request: Request, asked: Annotated[SentNoticesAsked, Query()]
) -> Response:
    """What became of notices by e-mail, the latest first."""
    service = service_of(request)
    return as_json(await service.in_thread(lambda: sent_notices_report(
        service.ledger, limit=asked.limit, before=asked.before, state=asked.state
    )))
