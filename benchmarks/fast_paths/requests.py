"""Fast paths of the service: a command past the framework's routes, its counters kept."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from uuid import uuid4

import orjson
from fastapi import FastAPI
from prometheus_client import Counter
from starlette.types import Message

from benchmarks.fast_paths.timing import FastPath
from stocktrail.interfaces.api.application import create_application
from stocktrail.interfaces.api.command_fast_path import CommandFastPath
from stocktrail.interfaces.service.metrics import Metrics
from stocktrail.interfaces.service.service import Service
from stocktrail.interfaces.service.settings import ServiceSettings
from stocktrail.ledger.store import open_ledger

COMMANDS = 100


def request_paths(folder: str, closing: ExitStack) -> Iterator[FastPath]:
    """Yield what it saves to answer commands before a route is chosen, and to keep counters."""
    metrics = Metrics()


    def count(counter: Callable[..., Counter]) -> None:
        for _ in range(1000):
            counter("POST", "/commands", 201).inc()

    yield FastPath(
        "a counter by its labels", lambda: count(metrics.requests.labels),
        lambda: count(metrics._requests), 1000,
    )
    loop = asyncio.new_event_loop()
    closing.callback(loop.close)
    fast, plain = (_application(f"sqlite:///{folder}/{name}.db") for name in ("fast", "plain"))
    plain.user_middleware = [
        each for each in plain.user_middleware
        if not (isinstance(each.cls, type) and issubclass(each.cls, CommandFastPath))
    ]
    for application in (fast, plain):
        running = application.router.lifespan_context(application)
        loop.run_until_complete(running.__aenter__())
        closing.callback(lambda each: loop.run_until_complete(each.__aexit__(None, None, None)),
                         running)

    def sent(application: FastAPI) -> None:
        loop.run_until_complete(_receive(application))

    yield FastPath(
        "a command past the routes", lambda: sent(plain), lambda: sent(fast), COMMANDS
    )


def _application(url: str) -> FastAPI:
    settings = ServiceSettings()
    return create_application(settings, lambda: Service(settings, open_ledger(url)))


async def _receive(application: FastAPI) -> None:
    """Send commands that are refused and not kept, so that no disk is waited for."""
    for _ in range(COMMANDS):
        await _post(application, "receive-stock", {"sku": "TEA", "quantity": 1})


async def _post(application: FastAPI, command: str, fields: dict[str, object]) -> None:
    """Send one command, without a server or a client between."""
    messages: list[Message] = []
    body = orjson.dumps({"id": uuid4().hex, **fields})

    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Message) -> None:
        messages.append(message)

    await application(
        {
            "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "POST",
            "scheme": "http", "path": f"/commands/{command}", "raw_path": b"", "root_path": "",
            "query_string": b"", "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 8000),
            "headers": [
                (b"host", b"127.0.0.1:8000"), (b"content-type", b"application/json"),
                (b"content-length", str(len(body)).encode()),
            ],
        },
        receive, send,
    )
    assert messages[0]["status"] in (404, 409, 422), messages
