"""What events hold, over HTTP: their JSON Schemas, and the AsyncAPI document."""

from typing import Annotated

import orjson
from fastapi import APIRouter, HTTPException
from fastapi import Path as InPath
from starlette.responses import Response

from feeds.asyncapi import document
from feeds.schemas import data_schema, envelope_schema, topics

_MEDIA_TYPE = "application/schema+json"


def event_schemas_router() -> APIRouter:
    """Make the routes of the schemas."""
    router = APIRouter(tags=["events"])

    @router.get("/schemas")
    async def schemas() -> dict[str, list[str]]:
        """Name the JSON Schemas of all events; `Event` is what they share."""
        return {"schemas": [f"/schemas/{topic}.json" for topic in ("Event", *topics())]}

    @router.get(
        "/schemas/{name}.json", response_class=Response,
        responses={200: {"content": {_MEDIA_TYPE: {"schema": {"type": "object"}}}}},
    )
    async def schema(
        name: Annotated[str, InPath(examples=["OrderPlaced.v1"], max_length=200)]
    ) -> Response:
        """Give the JSON Schema of the data of one type and version of event."""
        if name != "Event" and name not in topics():
            raise HTTPException(404, "There is no schema of that name; /schemas lists them.")
        found = envelope_schema() if name == "Event" else data_schema(name)
        return Response(orjson.dumps(found), media_type=_MEDIA_TYPE)

    @router.get("/asyncapi.json", response_class=Response)
    async def asyncapi() -> Response:
        """Give the AsyncAPI 3 document of the event log."""
        return Response(orjson.dumps(document()), media_type="application/json")

    return router
