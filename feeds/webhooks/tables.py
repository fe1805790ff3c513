"""The tables of webhooks beside the log: how far each has come, what waits, and what was tried."""

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
"""How far the log was taken in; ``not_before`` is when the receiver wants to be asked again."""

WAITING = Table(
    "webhook_waiting_v1",
    {
        "webhook": "TEXT NOT NULL", "number": "BIGINT NOT NULL", "position": "BIGINT NOT NULL",
        "lane": "TEXT NOT NULL", "kind": "TEXT NOT NULL", "state": "TEXT NOT NULL",
        "attempts": "BIGINT NOT NULL", "next_at": "BIGINT NOT NULL",
    },
    ("webhook", "number"),
)
"""What was taken in and not delivered yet (``waiting``), or given up (``parked``)."""

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
"""Ranges of the log that are to be sent once more, beside the cursor."""

SECRET = Table(
    "webhook_secret_v1",
    {
        "webhook": "TEXT NOT NULL", "made_at": "BIGINT NOT NULL", "secret": "TEXT NOT NULL",
        "until": "BIGINT",
    },
    ("webhook", "made_at"),
)
"""What messages are signed with; one that was replaced signs ``until`` then."""

TABLES = (CURSOR, WAITING, ATTEMPT, REPLAY, SECRET)
