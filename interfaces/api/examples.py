"""Examples of every operation: a small shop whose commands and questions the description shows.

``make docs`` runs them on a ledger whose clock stands still, and keeps the answers in
``examples.json``; a test sees that they are still the same.
"""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlencode

from stocktrail.interfaces.every_question import every_question

NOW = 1_772_355_600_000_000
"""The moment at which everything is recorded: 2026-03-01 09:00 in UTC, in microseconds."""

COMMANDS: dict[str, dict[str, Any]] = {
    "register-product": {"sku": "LAMP", "name": "Desk lamp", "attributes": {"colour": "green"}},
    "register-source": {"source": "harbour", "name": "Warehouse at the harbour"},
    "disable-source": {"source": "harbour"},
    "enable-source": {"source": "harbour"},
    "define-pool": {"pool": "web", "sources": ["default", "harbour"], "name": "Web shop"},
    "set-backorder-policy": {"sku": "LAMP", "backorders": "allow_and_notify"},
    "change-threshold": {"threshold": "notify_below", "sku": "LAMP", "value": 3},
    "set-manage-stock": {"manage": "on", "sku": "LAMP"},
    "set-quantity-rules": {"sku": "LAMP", "min_sale": 1, "max_sale": 100},
    "set-promise-rules": {"overdue_offset_days": 2},
    "set-time-zone": {"zone": "Europe/Berlin"},
    "receive-stock": {"sku": "LAMP", "quantity": 12, "reason": "opening"},
    "adjust-stock": {"sku": "LAMP", "delta": -1, "reason": "broken"},
    "count-stock": {"sku": "LAMP", "counted": 11},
    "transfer-stock": {
        "sku": "LAMP", "quantity": 4, "from_source": "default", "to_source": "harbour",
    },
    "set-stock-status": {"sku": "LAMP", "source": "harbour", "status": "in_stock"},
    "place-order": {
        "order": "SO-1", "customer": "ANNA", "pool": "web", "currency": "EUR",
        "lines": [{"sku": "LAMP", "quantity": 14, "unit_price": "19.90",
                   "requested_date": "2026-03-04"}],
    },
    "prioritise-order": {"order": "SO-1", "priority": 1, "reason": "best customer"},
    "reschedule-order": {
        "order": "SO-1", "lines": [{"line": 1, "requested_date": "2026-03-05"}],
        "reason": "asked for",
    },
    "place-purchase-order": {
        "purchase_order": "PO-1", "vendor": "Lumen",
        "lines": [{"sku": "LAMP", "quantity": 10, "expected_date": "2026-03-05"}],
    },
    "confirm-purchase-order": {"purchase_order": "PO-1", "expected_date": "2026-03-06"},
    "delay-purchase-order": {
        "purchase_order": "PO-1", "expected_date": "2026-03-12", "reason": "strike",
    },
    "allocate-backorders": {"sku": "LAMP", "strategy": "fill", "pool": "web"},
    "move-allocation": {
        "sku": "LAMP", "from_order": "SO-1", "to_order": "SO-2", "quantity": 1,
        "reason": "urgent", "pool": "web",
    },
    "ship-order": {
        "order": "SO-1", "shipment": "SH-1", "lines": [{"line": 1, "quantity": 5}],
    },
    "refund-order": {
        "order": "SO-1", "refund": "R-1", "reason": "did not fit",
        "lines": [{"line": 1, "quantity": 1, "outcome": "return"}],
    },
    "cancel-order": {"order": "SO-2", "reason": "changed her mind",
                     "lines": [{"line": 1, "quantity": 1}]},
    "receive-goods": {
        "purchase_order": "PO-1", "receipt": "GR-1", "lines": [{"line": 1, "quantity": 1}],
    },
    "cancel-purchase-order": {
        "purchase_order": "PO-1", "lines": [{"line": 1, "quantity": 1}], "reason": "too late",
    },
    "register-customer": {"customer": "ANNA", "name": "Anna Berg", "email": "anna@example.org"},
    "erase-customer": {"customer": "ANNA", "reason": "she asked for it"},
    "create-webhook": {"webhook": "erp", "url": "https://erp.example/hook",
                       "types": ["StockReceived"], "subject": "stock/*"},
    "disable-webhook": {"webhook": "erp", "reason": "the receiver moves"},
    "enable-webhook": {"webhook": "erp"},
    "delete-webhook": {"webhook": "old", "reason": "no longer needed"},
}
"""One body of every command, in an order in which each is accepted."""

BEFORE: dict[str, dict[str, Any]] = {
    "move-allocation": {
        "command": "place-order", "order": "SO-2", "customer": "BOB", "pool": "web",
        "lines": [{"sku": "LAMP", "quantity": 3, "requested_date": "2026-03-06"}],
    },
    "delete-webhook": {
        "command": "create-webhook", "webhook": "old", "url": "https://old.example/hook",
    },
}
"""What has to be there before a command, beside those that stand before it."""

OTHERS: dict[str, str] = {
    "events": "/events?after=8&limit=1",
    "schemas": "/schemas",
    "schema": "/schemas/StockReceived.v1.json",
    "status": "/status",
    "healthz": "/healthz",
    "readyz": "/readyz",
}
"""One address of every operation that reads, but for questions."""


def addresses() -> dict[str, str]:
    """Return one address of every operation that reads; a question carries its own example."""
    return {
        question.question: address_of(question.address, question.example)
        for question in every_question() if question.address is not None
    } | OTHERS


def address_of(address: str, example: Mapping[str, str | int]) -> str:
    """Return an address with the fields of an example in its path and in its query.

    >>> address_of("/stock/{sku}", {"sku": "LAMP", "pool": "web"})
    '/stock/LAMP?pool=web'
    """
    query = {name: value for name, value in example.items() if f"{{{name}}}" not in address}
    path = address.format(**{name: quote(str(value), "") for name, value in example.items()})
    return f"{path}?{urlencode(query)}" if query else path


BODIES: dict[str, dict[str, Any]] = {
    "create-webhook-with-secret": COMMANDS["create-webhook"],
    "replay-webhook": {"after": 8, "until": 9},
}
"""What else is sent."""

SHOWN: dict[str, dict[str, Any]] = {
    "create-webhook-with-secret": {
        "line": 1, "id": "c-1", "command": "create-webhook", "status": "accepted", "position": 40,
        "events": [], "messages": ["webhook/erp: https://erp.example/hook hears of events after "
                                   "position 39."],
        "webhook": "erp", "secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
    },
    "delete-webhook-now": {
        "line": 1, "id": "c-2", "command": "delete-webhook", "status": "accepted", "position": 43,
        "events": [], "messages": ["webhook/erp: hears of nothing any more."],
    },
    "test-webhook": {
        "webhook": "erp", "delivered": True, "status": 204, "milliseconds": 31, "error": None,
        "message_id": "test-5d0c1b6f1c2e4b0f9d3a7e6b8c9d0e1f",
    },
    "replay-webhook": {"webhook": "erp", "after": 8, "until": 9},
    "rotate-webhook-secret": {
        "webhook": "erp", "secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
    },
}
"""Answers that differ each time."""
