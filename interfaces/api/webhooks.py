"""Webhooks over HTTP: create, delete, test, replay, rotate the secret.

They need the scope ``admin``, because they show secrets: once, when a secret is created.
"""

import asyncio
from collections.abc import Callable
from typing import Any, TypeVar

from fastapi import APIRouter, Request
from pydantic import ValidationError
from starlette.responses import Response

from stocktrail.commands.model import Command
from stocktrail.commands.scripts.results import DONE
from stocktrail.commands.webhooks import CreateWebhook, DeleteWebhook
from stocktrail.feeds.settings import WebhookSettings
from stocktrail.feeds.webhooks import secrets
from stocktrail.feeds.webhooks.replay import replay
from stocktrail.feeds.webhooks.rotation import rotate_secret
from stocktrail.feeds.webhooks.trial import send_trial
from stocktrail.feeds.webhooks.worker import delivery_store
from stocktrail.interfaces.api import examples
from stocktrail.interfaces.api.commands import IdempotencyKey
from stocktrail.interfaces.api.position_headers import PositionHeaderRoute
from stocktrail.interfaces.api.request_bodies import body_of
from stocktrail.interfaces.api.shapes.results import ResultReport
from stocktrail.interfaces.api.shapes.webhooks import (
    CreatedWebhook,
    RangeAsked,
    Replay,
    Secret,
    Trial,
)
from stocktrail.interfaces.service.access import credential_of
from stocktrail.interfaces.service.answers import as_json
from stocktrail.interfaces.service.bodies import (
    JSON,
    command_of,
    media_type_of,
    read_body,
    read_object,
    unsupported,
)
from stocktrail.interfaces.service.problem_status import status_of_result
from stocktrail.interfaces.service.problems import Problem, wrong_in
from stocktrail.interfaces.service.service import service_of
from stocktrail.ledger.refusal import Refusal
from stocktrail.ledger.store import Ledger
from stocktrail.ledger.store.engine.decided import system_clock
from stocktrail.projections.questions.fields import WebhookId

T = TypeVar("T")

router: APIRouter = APIRouter(tags=["webhooks"], route_class=PositionHeaderRoute)


async def _parsed(request: Request, parse: Callable[..., T], *more: str | None) -> T:
    """Return what becomes of the JSON body of a request."""
    kind = media_type_of(request)
    if kind != JSON:
        raise unsupported(kind, (JSON,))
    service = service_of(request)
    body = await read_body(request, service.settings.most_body_bytes)
    return await service.run_in(service.body_threads, parse, body, *more)


async def _submit(request: Request, command: Command) -> dict[str, Any]:
    service = service_of(request)
    result = await service.submitter.submit_async(command, credential=credential_of(request))
    if result.status in DONE:
        return await service.in_thread(result.as_json)
    code, message = result.code or "invalid", result.message or ""
    if code == "unknown_webhook":
        raise Refusal(code, message, **result.details)
    raise Problem(status_of_result(result.status), code, message, details=result.details)


@router.post(
    "/webhooks", operation_id="create-webhook-with-secret", status_code=201,
    response_model=CreatedWebhook,
    openapi_extra=body_of(CreateWebhook, examples.BODIES["create-webhook-with-secret"]),
)
async def create(request: Request, idempotency_key: IdempotencyKey = None) -> Response:
    """Subscribe an address to events; the answer holds the secret that signs them."""
    service = service_of(request)
    asked = await _parsed(request, command_of, CreateWebhook.command, idempotency_key)
    result = await _submit(request, asked)
    webhook = str(getattr(asked, "webhook", ""))
    secret = await service.in_thread(_secret, service.ledger, webhook)
    return as_json(
        {**result, "webhook": webhook, "secret": secret}, 201, {"Position": str(result["position"])}
    )


@router.delete(
    "/webhooks/{webhook:id}", operation_id="delete-webhook-now", response_model=ResultReport
)
async def delete(request: Request, webhook: WebhookId) -> Response:
    """Unsubscribe an address; nothing more is sent to it."""
    result = await _submit(request, DeleteWebhook(webhook=webhook))
    return as_json(result, headers={"Position": str(result["position"])})


@router.post("/webhooks/{webhook:id}/test", operation_id="test-webhook", response_model=Trial)
async def test(request: Request, webhook: WebhookId) -> Response:
    """Send one message that stands for no event, and return what came of it."""
    ledger, limits = service_of(request).ledger, WebhookSettings.read().limits()
    return as_json(await send_trial(ledger, webhook, limits))


@router.post(
    "/webhooks/{webhook:id}/replay", operation_id="replay-webhook", status_code=202,
    response_model=Replay, openapi_extra=body_of(RangeAsked, examples.BODIES["replay-webhook"]),
)
async def send_again(request: Request, webhook: WebhookId) -> Response:
    """Send a range of the log once more; the cursor stays where it is."""
    service = service_of(request)
    try:
        asked = RangeAsked.model_validate(await _parsed(request, read_object))
    except ValidationError as error:
        raise wrong_in("body", error) from None
    end = await service.in_thread(replay, service.ledger, webhook, asked.after, asked.until)
    return as_json({"webhook": webhook, "after": asked.after, "until": end}, 202)


@router.post(
    "/webhooks/{webhook:id}/secret", operation_id="rotate-webhook-secret", response_model=Secret
)
async def rotate(request: Request, webhook: WebhookId) -> Response:
    """Make a new secret; the old one signs too for another day."""
    secret = await asyncio.to_thread(rotate_secret, service_of(request).ledger, webhook)
    return as_json({"webhook": webhook, "secret": secret})


def _secret(ledger: Ledger, webhook: str) -> str:
    return secrets.signing_secrets(delivery_store(ledger), webhook, system_clock())[0]
