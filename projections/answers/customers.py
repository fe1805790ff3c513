"""Every customer: those who ordered, and those who were registered; with what they wait for.

A line counts as it does in the backorders by customer, so that each number is the total of a list
that can be asked for by itself. Names are ciphertext in the read models: they are read with the
customers' keys, where that is asked for: those that are given now, of whoever was registered then.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from stocktrail.ledger.customer import Customer
from stocktrail.ledger.store import Ledger
from stocktrail.ledger.store.side_tables.customer_keys import CustomerKeys
from stocktrail.ledger.store.tables import one_of
from stocktrail.projections.answers.backorder_views.by_customer import WAITS
from stocktrail.projections.answers.lines_then import (
    LACKS,
    SLIPPED,
    lines_then,
    managed_otherwise,
)
from stocktrail.projections.as_of import LedgerAsOf
from stocktrail.projections.models.open_lines import OPEN_LINE
from stocktrail.projections.models.orders import ORDER
from stocktrail.projections.models.registered_customers import REGISTERED_CUSTOMER
from stocktrail.projections.read_models import Reading


class OpenLinesOf(NamedTuple):
    """How many lines of a customer are open, wait for units, and were put off."""

    open_lines: int = 0
    waiting_lines: int = 0
    slipped_lines: int = 0


_NONE = OpenLinesOf()


def customers(reading: Reading, past: LedgerAsOf | None) -> Iterator[dict[str, Any]]:
    """Yield every customer as a row of a list, now or as of a moment; none of them by name."""
    position = reading.position if past is None else past.position
    orders, registered = _orders(reading, position), registered_at(reading, position)
    lines = _open_lines(reading) if past is None else _open_lines_at(past)
    for customer in sorted(orders.keys() | registered):
        count, latest = orders.get(customer, (0, None))
        opened = lines.get(customer, _NONE)
        yield {
            "customer": customer, "name": None, "orders": count, "latest_order": latest,
            **opened._asdict(),
            "open": opened.open_lines > 0, "waiting": opened.waiting_lines > 0,
            "slipped": opened.slipped_lines > 0, "registered": customer in registered,
            "never_ordered": not count,
        }


def _orders(reading: Reading, position: int) -> Mapping[str, tuple[int, int]]:
    """Return how many orders every customer placed, and the position of the latest one."""
    reading.cursor.execute(
        f"SELECT customer, COUNT(*) AS orders, MAX(position) AS latest "
        f"FROM {reading.place.table(ORDER).name} WHERE position <= :position GROUP BY customer",
        {"position": position},
    )
    return {
        row["customer"]: (row["orders"], row["latest"]) for row in reading.cursor.fetchall()
    }


def registered_at(reading: Reading, position: int) -> set[str]:
    """Return the customers who were registered by a position, erased since or not."""
    rows = reading.place.table(REGISTERED_CUSTOMER).rows(
        reading.cursor, "WHERE position <= :position", position=position
    )
    return {row["customer"] for row in rows}


def names_of(
    ledger: Ledger, reading: Reading, position: int, customers: Sequence[str] | None = None
) -> dict[str, str]:
    """Return the names of customers, or of all, that were registered by a position.

    Those that nobody can read any more are left out.
    """
    table = reading.place.table(REGISTERED_CUSTOMER)
    known, until = "sealed_name IS NOT NULL AND position <= :position", {"position": position}
    rows = (
        table.rows(reading.cursor, f"WHERE {known}", **until) if customers is None
        else table.rows_of(reading.cursor, "customer", customers, known, **until)
    )
    sealed = {row["customer"]: row["sealed_name"] for row in rows}
    return CustomerKeys(ledger, to_read=True).decrypt_all("name", sealed)


def is_registered_at(ledger: Ledger, customer: str, position: int | None) -> bool:
    """Return whether a customer was ever registered by a position; ``None``: by now."""
    until = ledger.head().position if position is None else position
    return ledger.version_at(Customer.stream_of(customer), until) > 0


def _open_lines(reading: Reading) -> Mapping[str, OpenLinesOf]:
    reading.cursor.execute(
        f"SELECT customer, COUNT(*) AS open_lines, "
        f"SUM(CASE WHEN {WAITS} THEN 1 ELSE 0 END) AS waiting_lines, "
        "SUM(CASE WHEN slips > 0 THEN 1 ELSE 0 END) AS slipped_lines "
        f"FROM {reading.place.table(OPEN_LINE).name} GROUP BY customer"
    )
    return {
        row["customer"]: OpenLinesOf(
            int(row["open_lines"]), int(row["waiting_lines"]), int(row["slipped_lines"])
        )
        for row in reading.cursor.fetchall()
    }


_COUNTED = (
    "span.party AS party, COUNT(*) AS open_lines, "
    f"SUM({LACKS}) AS lacking, SUM({SLIPPED}) AS slipped_lines"
)


def _open_lines_at(past: LedgerAsOf) -> Mapping[str, OpenLinesOf]:
    """Count the lines that were open; one waits if its item is managed.

    Of items that are not managed as most are, what lacks is counted once more.
    """
    is_managed = past.settings.manages(None)
    of_others: dict[str, int] = {}
    for which, named in one_of("span.sku", managed_otherwise(past)):
        for row in lines_then(past, _COUNTED, f"WHERE {which} GROUP BY span.party", **named):
            of_others[row["party"]] = of_others.get(row["party"], 0) + int(row["lacking"])
    found = {}
    for row in lines_then(past, _COUNTED, "GROUP BY span.party"):
        other = of_others.get(row["party"], 0)
        found[row["party"]] = OpenLinesOf(
            int(row["open_lines"]), int(row["lacking"]) - other if is_managed else other,
            int(row["slipped_lines"]),
        )
    return found
