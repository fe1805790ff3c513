"""The event log over HTTP: pages of CloudEvents, long poll, and streams of Server-Sent Events.

``application.include_router(event_log_router(tail))`` is all there is to it: the router opens the
tail when the application starts, and closes it when that ends. Whoever records commands in the same
process calls ``tail.wake()`` after each commit. Run the application in a
:class:`~interfaces.api.event_stream.StreamEndingServer`, which ends
streams before it ends itself.
"""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from hashlib import blake2b
from http import HTTPStatus
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Header, Query, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from feeds.cloud_events import BATCH_CONTENT_TYPE
from feeds.event_log import MOST_EVENTS, CursorBeyondLog, Page
from feeds.selection import Selection, select
from feeds.sse import CONTENT_TYPE, DEFAULT_RHYTHM, Rhythm, stream
from feeds.tail import Tail
from interfaces.api.event_stream import VARY, EventStream

FOR_EVER = "public, max-age=31536000, immutable"
MOST_STREAMS = 1000
MOST_WAIT_SECONDS = 60.0
_PROBLEM = "application/problem+json"


class EventsAsked(BaseModel):
    """Which events are asked for, and how long to wait for one."""

    model_config = ConfigDict(extra="forbid")

    after: int = Field(
        0, ge=0, le=(1 << 63) - 1, description="Only events above this position; see `Position`.",
        examples=[0, 41],
    )
    limit: int = Field(1000, ge=1, le=MOST_EVENTS, description="At most so many on a page.")
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


def event_log_router(
    tail: Tail, rhythm: Rhythm = DEFAULT_RHYTHM, *, most_streams: int = MOST_STREAMS,
    most_wait_seconds: float = MOST_WAIT_SECONDS,
) -> APIRouter:
    """Make the routes of the event log; they open the tail and close it with the application.

    No more than ``most_streams`` are open at a time; a question waits ``most_wait_seconds`` at
    most, whatever it asks.
    """

    @asynccontextmanager
    async def opened(_: Any) -> AsyncIterator[None]:
        async with tail:
            yield

    router = APIRouter(lifespan=opened, tags=["events"])

    @router.get("/events", response_class=Response, responses=_RESPONSES)
    async def events(
        request: Request,
        asked: Annotated[EventsAsked, Query()],
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
        selection = select(asked.types, asked.subject)
        try:
            if CONTENT_TYPE in request.headers.get("accept", ""):
                return await _stream(asked.after, last_event_id, selection)
            wait_seconds = min(asked.wait, most_wait_seconds)
            page = await tail.page(asked.after, asked.limit, selection, wait_seconds)
        except CursorBeyondLog as error:
            return _problem(409, error.code, error.message, **error.details)
        return _page(request, page)

    async def _stream(after: int, last_event_id: str | None, selection: Selection) -> Response:
        if last_event_id:
            if re.fullmatch(r"\d{1,19}", last_event_id, re.ASCII) is None:
                return _problem(
                    422, "bad_event_id", "Last-Event-ID is the id of an event of this stream: a "
                    "position, written in digits.",
                )
            after = int(last_event_id)
        if tail.is_closing:
            return _problem(
                503, "closing", "The server is about to end. Try again.", {"Retry-After": "1"}
            )
        if tail.streams >= most_streams:
            return _problem(
                503, "too_many_streams", f"There are {most_streams} streams open already. Try "
                "again later, or read pages.", {"Retry-After": "5"},
            )
        head = await tail.in_thread(lambda: tail.log.require(after))
        chunks = stream(tail, after, head, selection, rhythm)
        return EventStream(tail, chunks, rhythm.stall_seconds)

    return router


def _page(request: Request, page: Page) -> Response:
    body = b"[%b]" % b",".join(event.body for event in page.events)
    tag = f'"{blake2b(b"%d" % page.position + body, digest_size=12).hexdigest()}"'
    following = request.url.include_query_params(after=page.position)
    headers = {
        "Position": str(page.position), "Head": str(page.head), "ETag": tag,
        "Link": f'<{following.path}?{following.query}>; rel="next"',
        "Cache-Control": FOR_EVER if page.closed else "no-store", **VARY,
    }
    if tag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    return Response(body, 200, headers, BATCH_CONTENT_TYPE)


def _problem(
    status: int, code: str, detail: str, headers: dict[str, str] | None = None, **more: Any
) -> Response:
    written = orjson.dumps({
        "type": f"urn:stocktrail:problem:{code}", "title": HTTPStatus(status).phrase,
        "status": status, "code": code, "detail": detail, **more,
    })
    return Response(written, status, headers, _PROBLEM)


def _described(what: str) -> dict[str, Any]:
    return {"description": what, "schema": {"type": "string"}}


_PROBLEM_CONTENT = {_PROBLEM: {"schema": {
    "type": "object", "required": ["type", "title", "status", "code", "detail"],
    "properties": {"code": {"type": "string"}, "detail": {"type": "string"}},
}}}
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
            CONTENT_TYPE: {"schema": {"type": "string"}},
        },
    },
    304: {"description": "You have this page."},
    409: {"description": "`after` is beyond the log.", "content": _PROBLEM_CONTENT},
    422: {"description": "A parameter makes no sense.", "content": _PROBLEM_CONTENT},
    503: {
        "description": "Too many streams, or the server is about to end.",
        "content": _PROBLEM_CONTENT,
    },
}
