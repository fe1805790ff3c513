"""How open lines and pegged items are written as rows of their tables, and read from them."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import orjson

from stocktrail.ledger.pegging import Peg
from stocktrail.ledger.store.tables import Values
from stocktrail.projections.dates import read_day
from stocktrail.projections.models.open_lines import OpenLine, Queue
from stocktrail.projections.models.open_spans import SALE, span_class
from stocktrail.projections.models.overdue import overdue_text, read_overdue
from stocktrail.projections.models.tellings import NEVER_TOLD, Told


def line_row(line: OpenLine) -> Values:
    """Write a line as its row."""
    (
        sku, order_id, number, customer, pool, ship_policy, priority, requested, placed, placed_on,
        remaining, allocated, _, promised, slips, days_slipped, told, rests_on,
        managed,
    ) = line
    ready = None if remaining == allocated else line.ready_date
    return (
        sku, order_id, number, customer, pool, ship_policy, priority, requested.isoformat(),
        placed, placed_on.toordinal(), remaining, allocated, line.uncovered, pegs_text(line),
        None if ready is None else ready.isoformat(),
        None if promised is None else promised.isoformat(), slips, days_slipped,
        None if told.first is None else told.first.isoformat(),
        None if told.last is None else told.last.isoformat(), int(told.lost),
        overdue_text(rests_on), int(managed),
    )


def span_of(line: OpenLine, until: int | None) -> Values:
    """Write from when to when a line was open."""
    sku, order_id, number, customer, _, ship_policy, _, _, placed, placed_on = line[:10]
    return (
        SALE, order_id, number, sku, customer, ship_policy, placed_on.toordinal(), placed, until,
        span_class(placed, until),
    )


def item_row(queue: Queue) -> Values:
    """Write under which today an item was pegged, and when it is first expected."""
    first = queue.first_expected
    assert queue.pegged_on is not None
    return (
        queue.sku, queue.pegged_on.isoformat(), None if first is None else first.isoformat()
    )


def pegs_text(line: OpenLine) -> str:
    """Write the pegs of a line as JSON: purchase order, line, quantity, day, overdue since when."""
    return orjson.dumps([list(each) for each in line.pegs]).decode() if line.pegs else "[]"


def read_line(row: Mapping[str, Any]) -> OpenLine:
    """Read a line from its row."""
    promised = row["promise_date"]
    pegs = () if row["pegs"] == "[]" else tuple(
        Peg(order, line, quantity, date.fromisoformat(ready), read_day(since))
        for order, line, quantity, ready, since in orjson.loads(row["pegs"])
    )
    last = read_day(row["last_told"])
    return OpenLine(
        row["sku"], row["order_id"], row["line"], row["customer"], row["pool"],
        row["ship_policy"], row["priority"], date.fromisoformat(row["requested_date"]),
        row["placed"], date.fromordinal(row["placed_day"]), row["remaining"], row["allocated"],
        pegs, None if promised is None else date.fromisoformat(promised), row["slips"],
        row["days_slipped"],
        NEVER_TOLD if last is None
        else Told(read_day(row["first_promise"]), last, bool(row["lost"])),
        read_overdue(row["rests_on"]), bool(row["managed"]),
    )
