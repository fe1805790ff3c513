"""Words for scenes about who waits: days are counted from the tenth of March 2026."""

from datetime import date, timedelta
from typing import Any

from tests.interfaces.terminal import Terminal

DAY_0 = date(2026, 3, 10)
ON_DAY_0 = ("--today", DAY_0.isoformat())

Command = dict[str, Any]


def day(number: int) -> str:
    """Name a day: day 0, 1, 2 ..."""
    return (DAY_0 + timedelta(days=number)).isoformat()


def occurring(*commands: Command) -> list[Command]:
    """Let commands occur on the morning of day 0."""
    return [{"occurred_at": f"{day(0)}T09:00:00Z", **command} for command in commands]


def order(
    name: str, quantity: float, requested: int, *, sku: str = "A", customer: str | None = None,
    **fields: Any,
) -> Command:
    """Place an order of one line; without another name its customer has the same."""
    return {
        "command": "place-order", "order": name, "customer": customer or name, **fields,
        "lines": [{"sku": sku, "quantity": quantity, "requested_date": day(requested)}],
    }


def buy(name: str, quantity: float, expected: int, vendor: str = "Acme") -> Command:
    """Place a purchase order of one line."""
    return {
        "command": "place-purchase-order", "purchase_order": name, "vendor": vendor,
        "lines": [{"sku": "A", "quantity": quantity, "expected_date": day(expected)}],
    }


def item(on_hand: float, sku: str = "A") -> list[Command]:
    """Register an item that may be sold beyond its stock."""
    return [
        {"command": "register-product", "sku": sku},
        {"command": "set-backorder-policy", "sku": sku, "backorders": "allow"},
        {"command": "receive-stock", "sku": sku, "quantity": on_hand},
    ]


def send(terminal: Terminal, *commands: Command) -> int:
    """Submit commands, all of which must be accepted; give the position of the last."""
    answer = terminal.submit(*occurring(*commands))
    assert answer.status == 0, answer.out
    position: int = answer.rows[-1]["position"]
    return position


def the_pegging_example(terminal: Terminal) -> int:
    """Four orders, four units, and three purchase orders, the first of them overdue."""
    return send(
        terminal, *item(4),
        order("L1", 10, 5, priority=1, ship_policy="complete"),
        order("L2", 6, 2, priority=2, ship_policy="complete"),
        order("L3", 8, 3, priority=3), order("L4", 5, 1, priority=4),
        buy("PO-1", 12, -1), buy("PO-2", 10, 7, "Bolt"), buy("PO-3", 20, 13, "Bolt"),
    )


def delay(name: str, expected: int) -> tuple[str, ...]:
    """Return the words with which a vendor's delay is typed."""
    return (
        "delay-purchase-order", "--purchase-order", name, "--expected-date", day(expected),
        "--reason", "strike", "--occurred-at", f"{day(0)}T10:00:00Z",
    )
