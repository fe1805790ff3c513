"""The store of notices: each is queued once, and its state is kept.

Before a notice is sent, that is recorded; afterwards, the server's answer. If the second record is
missing because the process died in between, nobody knows whether the notice arrived: it is marked
``uncertain`` and not sent again, because a customer who is notified twice is worse off than one who
looks at the order.
"""

from collections.abc import Sequence
from typing import Any

from stocktrail.feeds.delivery_store import DeliveryStore
from stocktrail.feeds.notices.due import DueNotice
from stocktrail.feeds.notices.tables import CURSOR, SENT, TABLES
from stocktrail.feeds.paging import page_by_event
from stocktrail.feeds.webhooks.back_off import MAX_WAIT
from stocktrail.ledger.instant import to_iso
from stocktrail.ledger.store import Ledger

WORKER = "notices"
_MARK_UNCERTAIN = (
    f"UPDATE {SENT.name} SET state = 'uncertain', settled_at = :now, reason = :reason "
    "WHERE state = 'sending'"
)
_ADD = (
    f"INSERT INTO {SENT.name} ({', '.join(SENT.columns)}) "
    f"VALUES ({', '.join(f':{name}' for name in SENT.columns)}) ON CONFLICT (notice) DO NOTHING"
)


class NoticeStore:
    """The recorded notices of one ledger."""

    def __init__(self, ledger: Ledger) -> None:
        self.store: DeliveryStore = DeliveryStore(ledger, WORKER, TABLES)

    def position(self, begin_after: int) -> int:
        """Return how far the log was read; the first time, start after a position."""
        with self.store.writing_as_leader() as cursor:
            found = CURSOR.rows(cursor)
            if not found:
                CURSOR.put_rows(cursor, [{"name": WORKER, "position": begin_after}])
            return int(found[0]["position"]) if found else begin_after

    def take_in(self, notices: Sequence[DueNotice], position: int) -> None:
        """Queue notices, due at once, and record the position, in one transaction."""
        with self.store.writing_as_leader() as cursor:
            if notices:
                cursor.executemany(_ADD, map(_waiting_row, notices))
            CURSOR.put_rows(cursor, [{"name": WORKER, "position": position}])

    def ask_for(self, notices: Sequence[DueNotice]) -> None:
        """Queue notices that somebody asks for, each once; whoever sends them finds them there."""
        with self.store.writing() as cursor:
            cursor.executemany(_ADD, [*map(_waiting_row, notices)])

    def asked_for(self, orders: Sequence[str]) -> dict[str, dict[str, Any]]:
        """Return what became of the notices that were asked for last, by the order."""
        with self.store.reading() as cursor:
            rows = SENT.rows_of(cursor, "about", orders, "kind = 'promise'")
            latest = sorted(rows, key=lambda row: row["position"])
        return {row["about"]: dict(row) for row in latest}

    def due(self, now: int, limit: int = 50) -> list[dict[str, Any]]:
        """Return queued notices that are due, in order.

        One that would wait longer than it can have to is due: the clock was ahead, and set back.
        """
        with self.store.reading() as cursor:
            return list(map(dict, SENT.rows(
                cursor, "WHERE state = 'waiting' AND (next_at <= :now OR next_at > :longest) "
                "ORDER BY position, notice LIMIT :most", now=now, longest=now + MAX_WAIT,
                most=limit,
            )))

    def change(self, row: dict[str, Any], **changes: Any) -> None:
        """Record a change of a notice."""
        row.update(changes)
        with self.store.writing_as_leader() as cursor:
            SENT.put_rows(cursor, [row])

    def settle(self, now: int) -> None:
        """Mark notices that were being sent when a worker died: their fate is unknown."""
        with self.store.writing_as_leader() as cursor:
            cursor.execute(_MARK_UNCERTAIN, {
                "now": now, "reason": "The process ended while it was sent.",
            })


def _waiting_row(notice: DueNotice) -> dict[str, Any]:
    return {
        "notice": notice.name, "kind": notice.kind, "position": notice.position,
        "about": notice.about, "customer": notice.customer, "state": "waiting", "attempts": 0,
        "next_at": 0, "settled_at": None, "reason": None,
    }


def sent_notices(
    ledger: Ledger, *, limit: int = 100, before: int | None = None, state: str | None = None
) -> dict[str, Any]:
    """Return the state of notices, the latest first; ``next`` is the next page's ``before``."""
    condition = "WHERE position < :before" if before is not None else "WHERE position > 0"
    if state is not None:
        condition += " AND state = :state"
    with NoticeStore(ledger).store.reading() as cursor:
        found = SENT.rows(
            cursor, f"{condition} ORDER BY position DESC, notice LIMIT :most",
            before=before, state=state, most=limit + 1,
        )
    page, following = page_by_event(found, limit, "position")
    shown = ("kind", "position", "customer", "state", "attempts", "reason")
    return {
        "rows": [
            {
                **{name: row[name] for name in shown}, "order": row["about"] or None,
                "settled_at": None if row["settled_at"] is None else to_iso(row["settled_at"]),
            }
            for row in page
        ],
        "next": following,
    }
