"""The JSON Schemas of events over HTTP, and the AsyncAPI document."""

from typing import Annotated

import orjson
from fastapi import APIRouter
from fastapi import Path as InPath
from starlette.responses import Response

from stocktrail.feeds.asyncapi import document
from stocktrail.feeds.schemas import data_schema, envelope_schema, topics
from stocktrail.interfaces.service.answers import as_json
from stocktrail.interfaces.service.problems import Problem

router: APIRouter = APIRouter(tags=["events"])

_MEDIA_TYPE = "application/schema+json"
_OBJECT = {"schema": {"type": "object"}}


@router.get("/schemas", operation_id="schemas")
async def schemas() -> dict[str, list[str]]:
    """Return the JSON Schemas of all events; `Event` is what they share."""
    return {"schemas": [f"/schemas/{topic}.json" for topic in ("Event", *topics())]}


@router.get(
    "/schemas/{name}.json", operation_id="schema", response_class=Response,
    responses={200: {"content": {_MEDIA_TYPE: _OBJECT}}},
)
async def schema(
    name: Annotated[str, InPath(examples=["OrderPlaced.v1"], max_length=200)]
) -> Response:
    """Return the JSON Schema of the data of one type and version of event."""
    if name != "Event" and name not in topics():
        raise Problem(
            404, "unknown_schema", "There is no schema of that name; /schemas lists them."
        )
    found = envelope_schema() if name == "Event" else data_schema(name)
    return Response(orjson.dumps(found), media_type=_MEDIA_TYPE)


@router.get(
    "/asyncapi.json", operation_id="asyncapi", response_class=Response,
    responses={200: {"content": {"application/json": _OBJECT | {
        "example": {"asyncapi": "3.0.0", "info": {"title": "stocktrail events"}},
    }}}},
)
async def asyncapi() -> Response:
    """Return the AsyncAPI 3 document of the event log."""
    return as_json(document())
