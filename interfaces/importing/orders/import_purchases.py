"""Import of purchase orders: those that are open and that the ledger lacks are planned."""

from collections import Counter

from stocktrail.interfaces.importing.findings import Findings
from stocktrail.interfaces.importing.known import Known
from stocktrail.interfaces.importing.orders.differences import (
    OrderDifference,
    date_differences,
    in_units,
    still_open,
    unit_differences,
)
from stocktrail.interfaces.importing.orders.layouts import layout_with_items
from stocktrail.interfaces.importing.orders.lines import note_orders_without_items
from stocktrail.interfaces.importing.orders.order_import import OrderFile, OrderImport
from stocktrail.interfaces.importing.orders.purchases import (
    FIELDS,
    STATUSES,
    OpenPurchase,
    PurchaseReading,
)
from stocktrail.interfaces.importing.plan import ImportPlan, Planned
from stocktrail.interfaces.importing.records import records_of
from stocktrail.ledger.store import Ledger


def plan_purchases_import(file: OrderFile, ledger: Ledger) -> OrderImport:
    """Read a list of purchase orders, and plan those that are open and new to the ledger.

    Raises :class:`~stocktrail.interfaces.importing.bad_file.BadFile` for a file of which no row can
    be read. Nothing is recorded.
    """
    layout = layout_with_items(file.table, FIELDS, "purchase_order", file.maps, file.sets)
    findings, known = Findings(), Known(ledger)
    statuses = STATUSES.also(file.opened, file.closed)
    found = PurchaseReading(statuses, file.dates, known, findings).orders(
        records_of(layout, findings, file.decimal)
    )
    note_orders_without_items(found.closed, layout, findings)
    plan = ImportPlan(file.digest, apart=True)
    differences: list[OrderDifference] = []
    for order in found.open:
        kept = known.purchase_order(order.document.key)
        if kept is None:
            plan.add([_planned(order)], state=None)
            continue
        row = order.document.row
        different = [
            *unit_differences(
                kept.key, row, order.lines, kept.lines.values(), "received or cancelled"
            ),
            *date_differences(ledger, row, order.lines, kept),
        ]
        differences += different
        plan.unchanged += not different
    for key, reason in found.closed.items():
        kept = known.purchase_order(key)
        if kept is not None:
            different = still_open(kept.key, reason, kept.lines.values())
            differences += different
            plan.unchanged += not different
    return OrderImport(
        layout, "a list of purchase orders",
        "receive-goods, cancel-purchase-order and delay-purchase-order", findings,
        len(found.open), Counter(found.closed.values()), differences, plan,
    )


def _planned(order: OpenPurchase) -> Planned:
    command = order.command
    days = {line.day for line in order.lines}
    first = min((day for day in days if day is not None), default=None)
    when = "" if first is None else f", from {first}" if len(days) > 1 else f" for {first}"
    return Planned(
        command, order.document.row, "order goods", command.purchase_order, command.vendor, "",
        f"{in_units(order.lines)}{when or ', undated'}",
    )
