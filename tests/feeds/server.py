"""A server of the event log alone, in a process of its own: made to be killed.

Run as ``python -m tests.feeds.server DATABASE_URL PORT [RHYTHM]``, the rhythm as JSON.
"""

import json
import sys

import uvicorn
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.responses import JSONResponse, Response

from feeds.event_log import EventLog
from feeds.sse import Rhythm
from feeds.tail import Tail
from interfaces.api.event_log import event_log_router
from interfaces.api.event_schemas import event_schemas_router
from interfaces.api.event_stream import StreamEndingServer
from ledger.refusal import Refusal
from ledger.store import open_ledger


def application(tail: Tail, rhythm: Rhythm, most_streams: int = 1000) -> FastAPI:
    """Make an application that has the event log and nothing else."""
    made = FastAPI()
    made.include_router(event_log_router(tail, rhythm, most_streams=most_streams))
    made.include_router(event_schemas_router())

    @made.exception_handler(Refusal)
    async def refused(_: Request, refusal: Refusal) -> Response:
        return JSONResponse({"code": refusal.code, "detail": refusal.message}, 422)

    @made.exception_handler(RequestValidationError)
    async def invalid(_: Request, error: RequestValidationError) -> Response:
        return JSONResponse({"code": "bad_parameter", "detail": str(error.errors())}, 422)

    return made


def main(url: str, port: str, rhythm: str = "{}") -> None:
    """Serve until interrupted or killed."""
    with open_ledger(url) as ledger:
        tail = Tail(EventLog(ledger))
        made = application(tail, Rhythm(**json.loads(rhythm)))
        config = uvicorn.Config(made, port=int(port), log_level="warning", access_log=False)
        StreamEndingServer(config, tail).run()


if __name__ == "__main__":
    main(*sys.argv[1:])
