"""Examples of every operation: a small shop whose commands and questions the description shows.

``make docs`` runs them on a ledger whose clock stands still, and keeps the answers in
``examples.json``; a test sees that they are still the same.
"""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlencode

from stocktrail import commands
from stocktrail.commands.model import Body
from stocktrail.interfaces.every_question import every_question

NOW = 1_772_355_600_000_000
"""The moment at which everything is recorded: 2026-03-01 09:00 in UTC, in microseconds."""

STORY = (
    "register-product", "register-source", "disable-source", "enable-source", "define-pool",
    "set-backorder-policy", "change-threshold", "set-manage-stock", "set-quantity-rules",
    "set-promise-rules", "set-time-zone", "receive-stock", "adjust-stock", "count-stock",
    "transfer-stock", "set-stock-status", "place-order", "prioritise-order", "reschedule-order",
    "place-purchase-order", "confirm-purchase-order", "delay-purchase-order",
    "allocate-backorders", "move-allocation", "ship-order", "refund-order", "cancel-order",
    "receive-goods", "cancel-purchase-order", "register-customer", "erase-customer",
    "create-webhook", "disable-webhook", "enable-webhook", "delete-webhook",
)
"""Commands in an order in which the example of each is accepted, and after which all is asked.

A command that is not among them is sent after the questions, so that its example changes no other.
"""

LATER = tuple(name for name in commands.COMMANDS if name not in STORY)
"""The commands that the story does not tell of."""

COMMANDS: dict[str, Body] = {
    name: commands.COMMANDS[name].example for name in (*STORY, *LATER)
}
"""One body of every command, in this order."""

BEFORE: dict[str, Body] = {
    name: commands.COMMANDS[name].example_needs for name in COMMANDS
    if commands.COMMANDS[name].example_needs
}
"""What has to be sent before a command, beside those that are sent before it."""

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
        question.question: address_of(question.address, {
            question.model_fields[name].alias or name: value
            for name, value in question.example.items()
        })
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


BODIES: dict[str, Body] = {
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
