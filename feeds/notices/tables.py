"""The tables of notices beside the log: how far the log was read, and the state of each notice.

They contain no address and no text, because a customer can be erased at any time.
"""

from stocktrail.ledger.store.tables import Table

CURSOR = Table(
    "notice_cursor_v1", {"name": "TEXT NOT NULL", "position": "BIGINT NOT NULL"}, ("name",)
)

SENT = Table(
    "notice_sent_v1",
    {
        "notice": "TEXT NOT NULL", "kind": "TEXT NOT NULL", "position": "BIGINT NOT NULL",
        "about": "TEXT NOT NULL", "customer": "TEXT", "state": "TEXT NOT NULL",
        "attempts": "BIGINT NOT NULL", "next_at": "BIGINT NOT NULL", "settled_at": "BIGINT",
        "reason": "TEXT",
    },
    ("notice",),
    ("state, next_at", "position"),
)
"""Each notice once, under a name that follows from the log: its kind, position and order.

Its state is ``waiting``, then ``sending`` (recorded before it is sent), then ``sent``; or
``refused`` by the server for good, ``skipped`` because it has no recipient, or ``uncertain`` when
nobody knows whether the server accepted it.
"""

TABLES = (CURSOR, SENT)
