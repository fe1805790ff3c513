"""Webhooks: who is sent events, every attempt to deliver, and sending again.

All of it takes the scope ``admin``, as in the API: a webhook sends the log elsewhere.
"""

from collections.abc import Mapping
from typing import Any, Literal

from fastapi import APIRouter
from starlette.responses import RedirectResponse, Response

from stocktrail.feeds.questions.deliveries import DeliveryList
from stocktrail.feeds.questions.webhooks import WebhookList
from stocktrail.feeds.settings import WebhookSettings
from stocktrail.feeds.webhooks import questions
from stocktrail.feeds.webhooks.replay import replay
from stocktrail.feeds.webhooks.rotation import rotate_secret
from stocktrail.feeds.webhooks.trial import send_trial
from stocktrail.interfaces.dashboard.page_access import MayAdminister
from stocktrail.interfaces.dashboard.page_request import PageRequest, Report
from stocktrail.interfaces.dashboard.route import DashboardRoute
from stocktrail.interfaces.service.problems import Problem
from stocktrail.ledger.store import Ledger
from stocktrail.ledger.webhook import Webhook
from stocktrail.projections.questions.fields import WebhookId

router: APIRouter = APIRouter(route_class=DashboardRoute, include_in_schema=False)

_ATTEMPTS = 50


def keeping_up(ledger: Ledger) -> list[dict[str, Any]]:
    """Return the position of each webhook, and whether its receiver accepts its messages.

    One keeps up (``keeps_up``) when it is enabled, has no lag, and nothing waits or is parked.
    """
    if not list(ledger.streams(Webhook.category)):
        return []
    kept = ("webhook", "status", "disabled_because", "position", "lag", "waiting", "parked",
            "failing")
    return [
        {**{name: row[name] for name in kept}, "keeps_up": _keeps_up(row)}
        for row in questions.webhooks(ledger)["rows"]
    ]


def _keeps_up(row: Mapping[str, Any]) -> bool:
    return row["status"] == "enabled" and not (row["lag"] or row["waiting"] or row["parked"])


@router.get("/view/webhooks")
async def webhooks(request: MayAdminister) -> Response:
    """Every webhook, and how far it has come."""
    asked = request.question_from_query(WebhookList)
    report = await request.ask(asked.answer)
    return request.respond("webhooks.html", report | {"as_of": request.head}, title="Webhooks",
                           header=asked.header())


@router.get("/view/webhooks/{webhook:id}")
async def webhook(webhook: WebhookId, request: MayAdminister) -> Response:
    """One webhook with every attempt to deliver, the latest event first."""
    asked = request.question_from_query(DeliveryList, {"limit": _ATTEMPTS}, webhook=webhook)
    report = await _with_terms(request, webhook, await request.first_page_of(asked))
    return request.respond(
        "webhook.html", report, title=f"Webhook {webhook}", asked=asked, said="", secret="",
        header=asked.header(),
    )


async def _with_terms(request: PageRequest, webhook: str, attempts: Report) -> Report:
    """Return attempts with the terms of their webhook, and how far it has come."""
    found = await request.ask(request.question(WebhookList).answer)
    terms = next(row for row in found["rows"] if row["webhook"] == webhook)
    rows = {name: attempts[name] for name in ("rows", "next")}
    return {**terms, "as_of": found["head"], **rows}


@router.post("/view/webhooks/{webhook:id}/{act}")
async def act(
    webhook: WebhookId, act: Literal["replay", "test", "secret"], request: MayAdminister
) -> Response:
    """Replay a range, send a test message, or rotate the secret."""
    form = await request.form()
    ledger = request.service.ledger
    if act == "replay":
        after = _position(form.get("after"), "after")
        until = None
        if str(form.get("until", "")).strip():
            until = _position(form.get("until"), "until")
        end = await request.service.in_thread(replay, ledger, webhook, after, until)
        return RedirectResponse(
            request.link("/view/webhooks", webhook, again=f"{after + 1}-{end}"), 303
        )
    if act == "test":
        found = await send_trial(ledger, webhook, WebhookSettings.read().limits())
        said = "The message arrived" if found["delivered"] else "The message did not arrive"
        why = found["error"] or f"status {found['status']}"
        return await _said(request, webhook, f"{said}: {why}, {found['milliseconds']} ms.")
    secret = await request.service.in_thread(rotate_secret, ledger, webhook)
    return await _said(request, webhook, "", secret)


async def _said(request: PageRequest, webhook: str, said: str, secret: str = "") -> Response:
    asked = DeliveryList(webhook=webhook, limit=_ATTEMPTS)
    report = await _with_terms(request, webhook, await request.ask(asked.answer))
    return request.render("webhook.html", title=f"Webhook {webhook}", report=report, asked=asked,
                          said=said, secret=secret)


def _position(written: object, name: str) -> int:
    text = str(written or "").strip()
    if not (text.isascii() and text.isdecimal() and len(text) < 16):
        raise Problem(422, "invalid_position", f"{name}: {text[:40]!r} is no position of the log.")
    return int(text)
