"""A trial message, sent to a webhook now, to see whether it arrives and is recognised."""

from typing import Any
from uuid import uuid4

import orjson

from stocktrail.feeds.cloud_events import CONTENT_TYPE
from stocktrail.feeds.event_log import EventLog
from stocktrail.feeds.webhooks.questions import require_webhook
from stocktrail.feeds.webhooks.secrets import signing_secrets
from stocktrail.feeds.webhooks.sending import Limits, send
from stocktrail.feeds.webhooks.signing import signed_headers
from stocktrail.feeds.webhooks.worker import delivery_store
from stocktrail.ledger.instant import to_iso
from stocktrail.ledger.store import Ledger
from stocktrail.ledger.store.engine.decided import system_clock

TRIAL_TYPE = "stocktrail.WebhookTested.v1"
"""The type of a message that is no event of the log."""


async def send_trial(
    ledger: Ledger, webhook: str, limits: Limits | None = None, source: str | None = None
) -> dict[str, Any]:
    """Send a signed message that is no event, and return the result.

    It is sent once, whether the webhook is enabled or not, and does not move its cursor.
    """
    terms = require_webhook(ledger, webhook).terms
    assert terms is not None
    now = system_clock()
    message_id = f"test-{uuid4().hex}"
    body = orjson.dumps({
        "specversion": "1.0", "type": TRIAL_TYPE, "source": EventLog(ledger, source).source,
        "id": message_id, "time": to_iso(now), "subject": f"webhook/{webhook}",
        "datacontenttype": "application/json", "data": {"webhook": webhook},
    })
    signing = signing_secrets(delivery_store(ledger), webhook, now)
    headers = signed_headers(signing, message_id, now // 1_000_000, body)
    headers["content-type"] = CONTENT_TYPE
    answer = await send(terms.url, headers, body, limits or Limits())
    return {
        "webhook": webhook, "delivered": answer.is_delivered, "status": answer.status,
        "milliseconds": answer.milliseconds, "error": answer.error, "message_id": message_id,
    }
