"""The event log over HTTP: pages of CloudEvents, long poll, and streams of Server-Sent Events."""

import re
from hashlib import blake2b
from typing import Annotated, Any, ClassVar

from fastapi import APIRouter, Header, Query, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from stocktrail.feeds.cloud_events import BATCH_CONTENT_TYPE
from stocktrail.feeds.event_log import MAX_EVENTS, CursorBeyondLog, EventPage
from stocktrail.feeds.selection import Selection, select
from stocktrail.feeds.sse import CONTENT_TYPE, checkpoint, stream
from stocktrail.interfaces.api.event_stream import VARY, EventStream
from stocktrail.interfaces.api.position_headers import PositionHeaderRoute
from stocktrail.interfaces.service.access import reauthorize
from stocktrail.interfaces.service.problems import Problem
from stocktrail.interfaces.service.service import Service, service_of
from stocktrail.projections.spelling import known_stream

FOR_EVER = "public, max-age=31536000, immutable"
MOST_WAIT_SECONDS = 60.0


class EventLogQuery(BaseModel):
    """The query of the log: which events, and how long to wait for one."""

    model_config: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    after: int = Field(
        0, ge=0, le=(1 << 63) - 1, description="Only events above this position; see `Position`.",
        examples=[0, 41],
    )
    limit: int = Field(1000, ge=1, le=MAX_EVENTS, description="At most so many on a page.")
    types: list[str] = Field(
        [], max_length=100, description="Only these types, such as `OrderPlaced`; several may be "
        "separated by commas.", examples=[["OrderPlaced,OrderShipped"]],
    )
    subject: str | None = Field(
        None, max_length=300, pattern=r"^[^\x00]*$", examples=["stock/*"],
        description="Only events of this stream, such as `order/SO-1`, or of all streams that "
        "begin so, such as `stock/*`.",
    )
    wait: float = Field(
        0.0, ge=0, le=MOST_WAIT_SECONDS,
        description="Seconds to wait for an event while there is none (long poll).",
    )


router: APIRouter = APIRouter(tags=["events"], route_class=PositionHeaderRoute)


def _described(what: str) -> dict[str, Any]:
    return {"description": what, "schema": {"type": "string"}}


_RESPONSES: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "A page of the log, or a stream of it.",
        "headers": {
            "Position": _described("Up to where the log was looked at: the next `after`."),
            "Head": _described("Where the log ended."),
            "Link": _described("The next page."),
            "ETag": _described("The version of this page."),
            "Cache-Control": _described("A page that is full stays as it is for ever."),
        },
        "content": {
            BATCH_CONTENT_TYPE: {"schema": {"type": "array", "items": {
                "type": "object", "required": ["specversion", "id", "source", "type"],
            }}},
            CONTENT_TYPE: {
                "schema": {"type": "string"}, "example": checkpoint(41, 42).decode(),
            },
        },
    },
    304: {"description": "You have this page."},
}


@router.get("/events", operation_id="events", response_class=Response, responses=_RESPONSES)
async def events(
    request: Request,
    asked: Annotated[EventLogQuery, Query()],
    last_event_id: Annotated[
        str | None,
        Header(description="Where a stream resumes: the `id` of the last event received."),
    ] = None,
) -> Response:
    """Read the log as CloudEvents, or follow it as a stream.

    A page is a CloudEvents batch. `Position` says up to where the log was looked at, over the
    events that were left out too: ask on with it as `after`. With `Accept: text/event-stream`
    the same address streams, and resumes by `Last-Event-ID`.
    """
    service = service_of(request)
    subject = asked.subject
    if subject is not None and not subject.isascii():
        subject = await service.in_thread(known_stream, service.ledger, subject)
    selection = select(asked.types, subject)
    try:
        if CONTENT_TYPE in request.headers.get("accept", ""):
            return await _stream(service, _resumed(asked.after, last_event_id), selection)
        wait = min(asked.wait, service.settings.most_wait_seconds)
        page = await service.tail.page(asked.after, asked.limit, selection, wait)
        if wait:
            await reauthorize(request)
    except CursorBeyondLog as error:
        raise Problem(409, error.code, error.message, **error.details) from None
    return _page(request, page)


def _resumed(after: int, last_event_id: str | None) -> int:
    if not last_event_id:
        return after
    if re.fullmatch(r"\d{1,19}", last_event_id, re.ASCII) is None:
        raise Problem(
            422, "bad_event_id", "Last-Event-ID is the id of an event of this stream: a position, "
            "written in digits.",
        )
    return int(last_event_id)


async def _stream(service: Service, after: int, selection: Selection) -> Response:
    tail, timings = service.tail, service.stream_timings
    if tail.is_closing:
        raise Problem(
            503, "closing", "The service is ending; ask another one.", headers={"Retry-After": "1"}
        )
    head = await tail.in_thread(lambda: tail.log.require(after))
    return EventStream(stream(tail, after, head, selection, timings), timings.stalled_seconds)


def _page(request: Request, page: EventPage) -> Response:
    body = b"[%b]" % b",".join(event.body for event in page.events)
    tag = f'"{blake2b(b"%d" % page.position + body, digest_size=12).hexdigest()}"'
    following = request.url.include_query_params(after=page.position)
    headers = {
        "Position": str(page.position), "Head": str(page.head), "ETag": tag,
        "Link": f'<{following.path}?{following.query}>; rel="next"',
        "Cache-Control": FOR_EVER if page.full else "no-store", **VARY,
    }
    if tag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    return Response(body, 200, headers, BATCH_CONTENT_TYPE)
