"""How open lines and pegged items are written as rows of their tables, and read from them."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import orjson
from msgspec.structs import astuple

from stocktrail.ledger.pegging import Peg
from stocktrail.ledger.stock.open_lines import OpenLine
from stocktrail.ledger.store.tables import Values
from stocktrail.projections.dates import read_day
from stocktrail.projections.models.open_lines import Queue
from stocktrail.projections.models.open_spans import SALE, span_row
from stocktrail.projections.models.overdue import overdue_text, read_overdue
from stocktrail.projections.models.promised_lines import PromisedLine
from stocktrail.projections.models.tellings import NEVER_TOLD, Told


def line_row(line: PromisedLine) -> Values:
    """Return a line as its row."""
    (
        open_line, sku, customer, ship_policy, since, placed_on, _, promised, slips, days_slipped,
        told, rests_on, managed,
    ) = line
    order, number, pool, remaining, allocated, priority, requested, placed = astuple(open_line)
    ready = None if remaining == allocated else line.ready_date
    return (
        sku, order, number, customer, pool, ship_policy, priority, requested.isoformat(),
        placed, since, placed_on.toordinal(), remaining, allocated, line.uncovered,
        pegs_text(line),
        None if ready is None else ready.isoformat(),
        None if promised is None else promised.isoformat(), slips, days_slipped,
        None if told.first is None else told.first.isoformat(),
        None if told.last is None else told.last.isoformat(), int(told.lost),
        overdue_text(rests_on), int(managed),
    )


def span_of(line: PromisedLine, until: int | None) -> Values:
    """Return from when to when a line was open, as a row of open spans."""
    open_line, sku, customer, ship_policy, since, placed_on = line[:6]
    return span_row(
        SALE, open_line.order, open_line.line, sku, customer, ship_policy, placed_on.toordinal(),
        since, until,
    )


def item_row(queue: Queue) -> Values:
    """Return for which day an item was pegged and when it is first expected, as its row."""
    first = queue.first_expected
    assert queue.pegged_on is not None
    return (
        queue.sku, queue.pegged_on.isoformat(), None if first is None else first.isoformat()
    )


def pegs_text(line: PromisedLine) -> str:
    """Return the pegs of a line as JSON: purchase order, line, quantity, day, overdue since."""
    return orjson.dumps([list(each) for each in line.pegs]).decode() if line.pegs else "[]"


def read_line(row: Mapping[str, Any]) -> PromisedLine:
    """Read a line from its row."""
    promised = row["promise_date"]
    pegs = () if row["pegs"] == "[]" else tuple(
        Peg(order, line, quantity, date.fromisoformat(ready), read_day(since))
        for order, line, quantity, ready, since in orjson.loads(row["pegs"])
    )
    last = read_day(row["last_told"])
    open_line = OpenLine(
        row["order_id"], row["line"], row["pool"], row["remaining"], row["allocated"],
        row["priority"], date.fromisoformat(row["requested_date"]), row["placed"],
    )
    return PromisedLine(
        open_line, row["sku"], row["customer"], row["ship_policy"], row["since"],
        date.fromordinal(row["placed_day"]), pegs,
        None if promised is None else date.fromisoformat(promised), row["slips"],
        row["days_slipped"],
        NEVER_TOLD if last is None
        else Told(read_day(row["first_promise"]), last, bool(row["lost"])),
        read_overdue(row["rests_on"]), bool(row["managed"]),
    )
