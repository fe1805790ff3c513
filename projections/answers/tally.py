"""The tally of a ledger: what was sold, refused, backordered and late, to compare two of them."""

from collections import Counter
from typing import Any

from stocktrail.ledger.orders.events import OrderPlaced
from stocktrail.ledger.quantity import to_number
from stocktrail.ledger.stock.events import StockReserved, StockShipped, UnmanagedUnitsShipped
from stocktrail.projections.exact_sums import exact_sum, read_exact_sum
from stocktrail.projections.models.open_lines import OPEN_LINE
from stocktrail.projections.models.promise_changes import PROMISE_CHANGE, slips_of
from stocktrail.projections.read_models import ReadModels

EVENTS_PER_PAGE = 2000

FIGURES = (
    "orders_accepted", "commands_refused", "units_sold", "units_backordered_when_sold",
    "units_shipped", "units_waiting", "slips", "days_slipped", "customers_slipped",
)
"""What is counted."""


def tally(models: ReadModels) -> dict[str, Any]:
    """Count what came of the commands of a ledger; its read models must have caught up.

    ``units_sold`` are those of accepted orders, ``units_backordered_when_sold`` what of them had
    to wait, ``units_waiting`` what still does. ``refused`` counts refusals by code.
    """
    ledger, position = models.ledger, 0
    head = ledger.head().position
    count: Counter[str] = Counter()
    while position < head:
        for command in ledger.read_commands(position, EVENTS_PER_PAGE, head):
            for recorded in command:
                event = recorded.payload
                if isinstance(event, OrderPlaced):
                    count["orders_accepted"] += 1
                    count["units_sold"] += sum(line.quantity for line in event.lines)
                elif isinstance(event, StockReserved):
                    count["units_backordered_when_sold"] += event.backordered
                elif isinstance(event, (StockShipped, UnmanagedUnitsShipped)):
                    count["units_shipped"] += event.quantity
                position = recorded.position
    refused = Counter(
        str(outcome.result.get("code")) for outcome in ledger.outcomes()
        if outcome.status == "rejected"
    )
    with models.reading() as reading:
        changes = reading.place.table(PROMISE_CHANGE).rows(
            reading.cursor, "ORDER BY position, order_id, line"
        )
        table = reading.place.table(OPEN_LINE)
        waiting = exact_sum("remaining - allocated", "units")
        reading.cursor.execute(f"SELECT {waiting} FROM {table.name}")
        [row] = reading.cursor.fetchall()
    slipped = slips_of(changes)
    found: dict[str, Any] = {
        name: to_number(count[name]) if name.startswith("units") else count[name]
        for name in FIGURES
    }
    return found | {
        "commands_refused": sum(refused.values()),
        "units_waiting": to_number(read_exact_sum(row, "units")),
        "slips": sum(each.slips for each in slipped.values()),
        "days_slipped": sum(each.days for each in slipped.values()),
        "customers_slipped": len({each["customer"] for each in changes if each["is_slip"]}),
        "refused": dict(sorted(refused.items())),
    }
