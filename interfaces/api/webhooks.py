"""Webhooks over HTTP: create, list, delete, try, look at deliveries, send again.

``webhooks_router(ledger_of, submit)`` is all there is to it: how a request finds its ledger, and
how a command is submitted there. Refusals of questions are raised as refusals, for the application
to answer. The secret is shown once, to whoever creates the webhook or makes a new one.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from http import HTTPStatus
from typing import Annotated, Any, Literal

import orjson
from fastapi import APIRouter, Header, Path, Query, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from commands.model import Command
from commands.result import DONE, Result
from commands.webhooks import CreateWebhook, DeleteWebhook
from feeds.notices.worker import NoticeWorker
from feeds.settings import NoticeSettings, WebhookSettings
from feeds.webhooks import questions, secrets
from feeds.webhooks.replay import replay
from feeds.webhooks.trial import send_trial
from feeds.webhooks.worker import Submit, WebhookWorker, bookkeeping
from ledger.refusal import Refusal
from ledger.store import Ledger
from ledger.store.writer import system_clock

LedgerOf = Callable[[Request], Ledger]
SubmitTo = Callable[[Request, Command], Awaitable[Result]]

_MOST_POSITION = 10**15
_NAMED = {"pattern": r"^[^\u0000-\u001f\u007f-\u009f\u2028\u2029]{1,128}$"}

WebhookId = Annotated[str, Path(description="The webhook.", **_NAMED)]


class RangeAsked(BaseModel):
    """Which part of the log is to be sent again."""

    model_config = ConfigDict(extra="forbid")

    after: int = Field(ge=0, le=_MOST_POSITION, description="Events above this position.")
    until: int | None = Field(
        None, ge=0, le=_MOST_POSITION, description="Up to this one; default: the last."
    )


class DeliveriesAsked(BaseModel):
    """Which attempts are asked for."""

    model_config = ConfigDict(extra="forbid")

    limit: int = Field(100, ge=1, le=questions.MOST_ROWS, description="At most so many attempts.")
    before: int | None = Field(
        None, ge=0, le=_MOST_POSITION, description="The next page: what `next` said."
    )
    outcome: Literal["delivered", "failed", "parked"] | None = Field(
        None, description="Only attempts that ended so."
    )


def webhooks_router(ledger_of: LedgerOf, submit: SubmitTo) -> APIRouter:
    """Make the router of webhooks; it takes the scope ``admin``, for it shows secrets."""
    router = APIRouter(tags=["webhooks"])

    @router.get("/webhooks", operation_id="webhooks")
    async def webhooks(request: Request) -> Response:
        """The webhooks there are, and how far each has come."""
        return _json(await asyncio.to_thread(questions.webhooks, ledger_of(request)))

    @router.post("/webhooks", operation_id="create-webhook-with-secret", status_code=201)
    async def create(
        request: Request, asked: CreateWebhook,
        idempotency_key: Annotated[str | None, Header(description="The id of the command.")] = None,
    ) -> Response:
        """Let an address hear of events; the answer holds the secret that signs them."""
        if idempotency_key is not None:
            asked = asked.model_copy(update={"id": idempotency_key})
        result = await submit(request, asked)
        if result.status not in DONE:
            return _refused(result)
        secret = await asyncio.to_thread(_secret, ledger_of(request), asked.webhook)
        return _json(
            {**result.as_json(), "webhook": asked.webhook, "secret": secret}, 201,
            {"Position": str(result.position)},
        )

    @router.delete("/webhooks/{webhook}", operation_id="delete-webhook-now")
    async def delete(request: Request, webhook: WebhookId) -> Response:
        """Let an address hear of nothing any more."""
        result = await submit(request, DeleteWebhook(webhook=webhook))
        if result.status not in DONE:
            return _refused(result)
        return _json(result.as_json(), headers={"Position": str(result.position)})

    @router.post("/webhooks/{webhook}/test", operation_id="test-webhook")
    async def test(request: Request, webhook: WebhookId) -> Response:
        """Send one message that stands for no event, and tell what came of it."""
        return _json(await send_trial(ledger_of(request), webhook, WebhookSettings().limits()))

    @router.get("/webhooks/{webhook}/deliveries", operation_id="deliveries")
    async def deliveries(
        request: Request, webhook: WebhookId, asked: Annotated[DeliveriesAsked, Query()]
    ) -> Response:
        """What was sent, attempt by attempt, the latest first."""
        def found() -> dict[str, Any]:
            return questions.deliveries(
                ledger_of(request), webhook, limit=asked.limit, before=asked.before,
                outcome=asked.outcome,
            )
        return _json(await asyncio.to_thread(found))

    @router.post("/webhooks/{webhook}/replay", operation_id="replay-webhook", status_code=202)
    async def send_again(request: Request, webhook: WebhookId, asked: RangeAsked) -> Response:
        """Send a range of the log once more; the cursor stays where it is."""
        end = await asyncio.to_thread(
            replay, ledger_of(request), webhook, asked.after, asked.until
        )
        return _json({"webhook": webhook, "after": asked.after, "until": end}, 202)

    @router.post("/webhooks/{webhook}/secret", operation_id="rotate-webhook-secret")
    async def rotate(request: Request, webhook: WebhookId) -> Response:
        """Make a new secret; the old one signs too for another day."""
        def made() -> str:
            questions.require_webhook(ledger_of(request), webhook)
            return secrets.rotate(bookkeeping(ledger_of(request)), webhook, system_clock())
        return _json({"webhook": webhook, "secret": await asyncio.to_thread(made)})

    return router


@asynccontextmanager
async def delivering(ledger: Ledger, submit: Submit | None = None) -> AsyncIterator[None]:
    """Deliver webhooks, and notices where a sender is set, for as long as a service runs.

    Several services of one ledger may do so: one at a time delivers. ``submit`` records the command
    that disables a webhook whose receiver is gone.
    """
    stop = asyncio.Event()
    settings, notices = WebhookSettings(), NoticeSettings()
    worker = WebhookWorker(
        ledger, limits=settings.limits(), at_once=settings.at_once, submit=submit
    )
    running = [asyncio.create_task(worker.run(stop))]
    if notices.notices_from is not None:
        running.append(asyncio.create_task(NoticeWorker(ledger, notices).run(stop)))
    try:
        yield
    finally:
        stop.set()
        await asyncio.gather(*running)


def _secret(ledger: Ledger, webhook: str) -> str:
    return secrets.signing_secrets(bookkeeping(ledger), webhook, system_clock())[0]


def _json(content: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    return Response(orjson.dumps(content), status, headers, "application/json")


def _refused(result: Result) -> Response:
    if result.code == "unknown_webhook":
        raise Refusal(result.code, result.message or "", **result.details)
    status = 422 if result.status == "conflict" else 409
    content = {
        "type": f"urn:stocktrail:problem:{result.code}", "title": HTTPStatus(status).phrase,
        "status": status, "code": result.code, "detail": result.message,
        "details": result.details,
    }
    return Response(orjson.dumps(content), status, None, "application/problem+json")
