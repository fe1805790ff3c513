"""The address that a platform sends its webhooks to: checked, kept, and acknowledged at once."""

import hashlib
from collections.abc import Sequence

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from examples.storefront.inbox import Inbox
from examples.storefront.signature import is_signed
from examples.storefront.translation import Platform

MOST_BYTES = 5 * 1024 * 1024


def receiver(
    platform: Platform, secrets: Sequence[str], inbox: Inbox, most_bytes: int = MOST_BYTES
) -> Starlette:
    """Return an application that answers 200 to what is signed, once it is kept durably.

    401 answers what is not signed with one of the secrets, 413 what is larger than ``most_bytes``;
    neither is read as JSON. The headers are not signed: nothing but the order of attempts depends
    on them.
    """
    async def take(request: Request) -> Response:
        body = await _read(request, most_bytes)
        if body is None:
            return PlainTextResponse("The body is too large.", 413)
        if platform.is_ping(body):
            return PlainTextResponse("pong")
        if not is_signed(secrets, body, request.headers.get(platform.signature_header, "")):
            return PlainTextResponse("The signature is wrong.", 401)
        topic = request.headers.get(platform.topic_header, "")
        delivery = request.headers.get(platform.delivery_header, "")
        named = f"{topic} {delivery or hashlib.sha256(body).hexdigest()}"
        await run_in_threadpool(inbox.put, named, topic, body)
        return PlainTextResponse("kept")

    return Starlette(routes=[Route("/webhooks", take, methods=["POST"])])


async def _read(request: Request, most_bytes: int) -> bytes | None:
    """Return the body as it was sent, ``None`` as soon as it is too large."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > most_bytes:
            return None
    return bytes(body)
