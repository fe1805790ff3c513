"""The application: its routers, each with the scope that a token needs for it.

A new router is added to :data:`ROUTERS`; authorization, problems, request ids, metrics and logs
follow by themselves. Its handlers reach the ledger through
:func:`~stocktrail.interfaces.service.service.service_of`.
"""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import cache

from fastapi import APIRouter, Depends, FastAPI
from starlette.middleware.cors import CORSMiddleware
from starlette.routing import BaseRoute

from stocktrail.interfaces.api import (
    commands,
    event_log,
    event_schemas,
    health,
    questions,
    webhooks,
)
from stocktrail.interfaces.api.command_fast_path import CommandFastPath
from stocktrail.interfaces.api.openapi import describe
from stocktrail.interfaces.api.responses import PROBLEMS
from stocktrail.interfaces.dashboard.compression import CompressedPages
from stocktrail.interfaces.dashboard.problem_page import problem_page
from stocktrail.interfaces.dashboard.routers import PAGES
from stocktrail.interfaces.service import problems
from stocktrail.interfaces.service.access import require_scope
from stocktrail.interfaces.service.head_requests import HeadRequests
from stocktrail.interfaces.service.logs import flush_logs
from stocktrail.interfaces.service.middleware import RequestContextMiddleware
from stocktrail.interfaces.service.service import Service
from stocktrail.interfaces.service.settings import ServiceSettings
from stocktrail.ledger.store.side_tables.access import Scope

ROUTERS: tuple[tuple[APIRouter, Scope | None], ...] = (
    (commands.router, "command"),
    (questions.router_of("read"), "read"),
    (questions.router_of("admin"), "admin"),
    (event_log.router, "read"),
    (event_schemas.router, "read"),
    (webhooks.router, "admin"),
    (health.router, None),
    (health.metrics_router, "read"),
    *((page, None) for page in PAGES),      # they authorize by themselves, with sessions too
)
"""Every router, with the scope that a token needs for it; ``None`` admits everybody."""


def create_application(
    settings: ServiceSettings, make_service: Callable[[], Service],
    started: Callable[[Service], None] = lambda _: None,
) -> FastAPI:
    """Return the application. Its service is created at startup and closed at shutdown.

    ``started`` is called with the service once that is created.
    """

    @asynccontextmanager
    async def lifespan(application: FastAPI) -> AsyncIterator[None]:
        application.state.service = service = make_service()
        try:
            async with service.tail:
                started(service)
                yield
        finally:
            service.close()
            flush_logs()

    application = FastAPI(
        title="stocktrail", lifespan=lifespan, docs_url=None, redoc_url=None, openapi_url=None,
        redirect_slashes=False, responses=PROBLEMS,
        telemetry={"tracing": False, "metrics": False, "logs": False},     # it has its own
    )
    problems.install(application, problem_page)
    application.router.routes.extend(_routes())
    describe(application)
    application.add_middleware(CommandFastPath)
    if settings.allowed_origins:
        application.add_middleware(
            CORSMiddleware, allow_origins=settings.allowed_origins, allow_methods=["*"],
            allow_headers=["Authorization", "Content-Type", "Idempotency-Key", "If-None-Match",
                           "Last-Event-ID", "X-Request-Id"],
            expose_headers=["ETag", "Head", "Idempotency-Hit", "Link", "Position", "X-Request-Id"],
        )
    application.add_middleware(CompressedPages)
    application.add_middleware(HeadRequests)
    application.add_middleware(RequestContextMiddleware)
    return application


@cache
def _routes() -> tuple[BaseRoute, ...]:
    """Return every route with its scope, the same ones for each application of a process.

    FastAPI works out what a route takes when a request first looks for one, and keeps it with the
    route: 95 ms of processor time for all of them, measured on 2026-11-30. A process that makes a
    thousand applications one after the other, as the tests do, pays it once.
    """
    combined = APIRouter(responses=PROBLEMS)
    for router, scope in ROUTERS:
        combined.include_router(
            router, dependencies=[] if scope is None else [Depends(require_scope(scope))]
        )
    return tuple(combined.routes)
