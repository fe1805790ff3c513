"""Health: liveness, readiness, status and metrics of the service."""

from typing import Any

from fastapi import APIRouter, Request
from prometheus_client import CONTENT_TYPE_LATEST
from starlette.responses import PlainTextResponse, Response

from stocktrail.interfaces.api.shapes.health import Alive, LedgerStatus, Ready
from stocktrail.interfaces.service.answers import as_json
from stocktrail.interfaces.service.problems import Problem
from stocktrail.interfaces.service.service import Service, service_of
from stocktrail.ledger.store.cache_sizes import cache_sizes

router: APIRouter = APIRouter(tags=["health"])
metrics_router: APIRouter = APIRouter(tags=["health"])


@router.get("/healthz", operation_id="healthz", response_model=Alive)
async def healthz() -> Response:
    """Whether the process is alive."""
    return as_json({"status": "ok"})


@router.get("/readyz", operation_id="readyz", response_model=Ready)
async def readyz(request: Request) -> Response:
    """Whether questions are answered, and how far read models lag.

    Not when the database does not answer, the service is ending, or the read models have not come
    to the end of the log since it was started.
    """
    service = service_of(request)
    if service.closing.is_set() or service.tail.is_closing:
        raise Problem(503, "closing", "The service is ending; ask another one.")
    standing = await service.in_thread(_standing, service)
    if service.follower.has_failed or not service.follower.is_caught_up:
        problem = service.read_models_behind()
        problem.more["details"] = {**problem.more.get("details", {}), **standing}
        raise problem
    return as_json({"status": "ok", **standing})


@metrics_router.get("/status", operation_id="status", response_model=LedgerStatus)
async def status(request: Request) -> Response:
    """How long the log is, and how far each read model has come."""
    service = service_of(request)
    return as_json(await service.in_thread(service.models.status))


@metrics_router.get(
    "/metrics", operation_id="metrics", response_class=PlainTextResponse, responses={200: {
        "content": {"text/plain": {"example": "stocktrail_log_position 38.0\n"}},
    }},
)
async def metrics(request: Request) -> Response:
    """Metrics in the format of Prometheus."""
    service, tail = service_of(request), service_of(request).tail
    standing = await service.in_thread(service.models.status)
    head = standing["head"]
    written = service.metrics.exposition(
        head, standing["read_models"][0]["position"],
        tail.end if tail.subscribers else head,        # where nobody listens, nobody waits
        tail.subscribers, parked=len(standing["parked"]),
        caches=[
            *cache_sizes(service.ledger), *service.tokens.sizes(),
            service.models.moments.size("moments"),
        ],
    )
    return Response(written, media_type=CONTENT_TYPE_LATEST)


def _standing(service: Service) -> dict[str, Any]:
    head = service.ledger.head().position
    position = service.models.position() or 0
    return {"head": head, "position": position, "lag": max(head - position, 0)}
