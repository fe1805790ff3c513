"""The tables of webhooks beside the log: cursors, the backlog, attempts, replays and secrets."""

from stocktrail.ledger.store.tables import Table

CURSOR = Table(
    "webhook_cursor_v1",
    {
        "webhook": "TEXT NOT NULL", "created_version": "BIGINT NOT NULL",
        "position": "BIGINT NOT NULL", "number": "BIGINT NOT NULL",
        "not_before": "BIGINT NOT NULL",
    },
    ("webhook",),
)
"""How far the log was read; ``not_before`` is when the receiver accepts the next request."""

WAITING = Table(
    "webhook_waiting_v1",
    {
        "webhook": "TEXT NOT NULL", "number": "BIGINT NOT NULL", "position": "BIGINT NOT NULL",
        "lane": "TEXT NOT NULL", "kind": "TEXT NOT NULL", "state": "TEXT NOT NULL",
        "attempts": "BIGINT NOT NULL", "next_at": "BIGINT NOT NULL",
    },
    ("webhook", "number"),
)
"""The backlog: events that are to be delivered (``waiting``) or were given up (``parked``)."""

ATTEMPT = Table(
    "webhook_attempt_v1",
    {
        "webhook": "TEXT NOT NULL", "number": "BIGINT NOT NULL", "attempt": "BIGINT NOT NULL",
        "position": "BIGINT NOT NULL", "kind": "TEXT NOT NULL", "outcome": "TEXT NOT NULL",
        "sent_at": "BIGINT NOT NULL", "status": "BIGINT", "milliseconds": "BIGINT NOT NULL",
        "error": "TEXT",
    },
    ("webhook", "number", "attempt"),
    ("sent_at",),
)
"""The delivery log: every attempt, kept for 30 days."""

REPLAY = Table(
    "webhook_replay_v1",
    {
        "webhook": "TEXT NOT NULL", "replay": "TEXT NOT NULL", "position": "BIGINT NOT NULL",
        "stop": "BIGINT NOT NULL",
    },
    ("webhook", "replay"),
)
"""Ranges of the log that are to be sent again, independently of the cursor."""

SECRET = Table(
    "webhook_secret_v1",
    {
        "webhook": "TEXT NOT NULL", "made_at": "BIGINT NOT NULL", "secret": "TEXT NOT NULL",
        "until": "BIGINT",
    },
    ("webhook", "made_at"),
)
"""Signing secrets; one that was replaced signs ``until`` then."""

TABLES = (CURSOR, WAITING, ATTEMPT, REPLAY, SECRET)
