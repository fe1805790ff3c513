"""What the open lines of an item add up to, summed up from the lines or by the database."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import NamedTuple

from stocktrail.ledger.store.tables import Row, one_of
from stocktrail.projections.answers.backorder_views.filters import Conditions
from stocktrail.projections.answers.backorder_views.line_conditions import WAITS
from stocktrail.projections.answers.moment_view import MomentView
from stocktrail.projections.models.open_lines import OPEN_LINE
from stocktrail.projections.models.promised_lines import PromisedLine


class PoolWaits(NamedTuple):
    """What the lines of an item in one pool wait for, and what of it nothing covers."""

    backordered: int
    uncovered: int


NOBODY_WAITS = PoolWaits(0, 0)


class LineSums(NamedTuple):
    """Units of open lines, and who waits: the orders, the customers, and since which day asked."""

    open_demand: int = 0
    backordered: int = 0
    uncovered: int = 0
    orders_waiting: int = 0
    customers_waiting: int = 0
    oldest_requested: date | None = None
    waiting: Mapping[str, PoolWaits] = {}


def sums_of(lines: Sequence[PromisedLine]) -> LineSums:
    """Sum up lines that are in memory."""
    waiting = [line for line in lines if line.waits_for]
    return LineSums(
        sum(line.remaining for line in lines), sum(line.backordered for line in lines),
        sum(line.uncovered for line in lines), len({line.order for line in waiting}),
        len({line.customer for line in waiting}),
        min((line.requested_date for line in waiting), default=None), waits_of(waiting),
    )


def waits_of(lines: Iterable[PromisedLine]) -> dict[str, PoolWaits]:
    """Add up what lines wait for, by pool."""
    found: dict[str, PoolWaits] = {}
    for line in lines:
        if line.waits_for:
            so_far = found.get(line.pool, NOBODY_WAITS)
            found[line.pool] = PoolWaits(
                so_far.backordered + line.waits_for, so_far.uncovered + line.uncovered
            )
    return found


def stored_sums(
    moment: MomentView, conditions: Conditions, skus: Sequence[str]
) -> dict[str, LineSums]:
    """Have the lines of items that meet conditions summed up by the database, as they are stored.

    None of it depends on today, but for items that must be pegged again.
    """
    name = moment.place.table(OPEN_LINE).name
    found = dict.fromkeys(skus, LineSums())
    for of_items, keys in one_of("sku", skus):
        asked = {**keys, **conditions.parameters}
        moment.cursor.execute(
            "SELECT sku, COUNT(DISTINCT order_id) AS orders, COUNT(DISTINCT customer) AS customers,"
            f" MIN(requested_date) AS oldest FROM {name} {conditions.where(of_items, WAITS)} "
            "GROUP BY sku", asked,
        )
        for row in moment.cursor.fetchall():
            found[row["sku"]] = LineSums(
                orders_waiting=int(row["orders"]), customers_waiting=int(row["customers"]),
                oldest_requested=date.fromisoformat(row["oldest"]),
            )
        moment.cursor.execute(
            "SELECT sku, pool, SUM(remaining) AS remaining, "
            "SUM(remaining - allocated) AS backordered, SUM(uncovered) AS uncovered, "
            f"SUM(CASE WHEN {WAITS} THEN remaining - allocated END) AS waits "
            f"FROM {name} {conditions.where(of_items)} GROUP BY sku, pool", asked,
        )
        for row in moment.cursor.fetchall():
            found[row["sku"]] = _with_pool(found[row["sku"]], row)
    return found


def _with_pool(sums: LineSums, row: Row) -> LineSums:
    waiting = sums.waiting
    if row["waits"] is not None:
        waits = PoolWaits(int(row["waits"]), int(row["uncovered"]))
        waiting = {**waiting, row["pool"]: waits}
    return sums._replace(
        open_demand=sums.open_demand + int(row["remaining"]),
        backordered=sums.backordered + int(row["backordered"]),
        uncovered=sums.uncovered + int(row["uncovered"]), waiting=waiting,
    )
