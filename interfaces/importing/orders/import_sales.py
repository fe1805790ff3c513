"""Import of sales orders: those of a file that are open and that the ledger lacks are planned."""

from collections import Counter

from stocktrail.commands.stock import AdjustStock
from stocktrail.interfaces.importing.findings import Findings
from stocktrail.interfaces.importing.known import Known
from stocktrail.interfaces.importing.orders.differences import (
    OrderDifference,
    in_units,
    still_open,
    unit_differences,
)
from stocktrail.interfaces.importing.orders.layouts import FORMATS, order_format_of, sales_layout
from stocktrail.interfaces.importing.orders.lines import note_orders_without_items
from stocktrail.interfaces.importing.orders.order_import import OrderFile, OrderImport
from stocktrail.interfaces.importing.orders.sales import OpenOrder, SalesOfFile, SalesReading
from stocktrail.interfaces.importing.plan import ImportPlan, Planned
from stocktrail.interfaces.importing.records import records_of
from stocktrail.ledger.customer import Customer
from stocktrail.ledger.quantity import to_text
from stocktrail.ledger.store import Ledger


def plan_sales_import(file: OrderFile, ledger: Ledger) -> OrderImport:
    """Read a file of sales orders, and plan those that are open and new to the ledger.

    Raises :class:`~stocktrail.interfaces.importing.bad_file.BadFile` for a file of which no row can
    be read. Nothing is recorded.
    """
    table = file.table
    chosen = file.format or order_format_of(table)
    form = FORMATS[chosen]
    layout = sales_layout(table, chosen, file.maps, file.sets)
    findings, known = Findings(), Known(ledger)
    statuses = form.statuses.also(file.opened, file.closed)
    found = SalesReading(form, statuses, file.dates, known, findings).orders(
        records_of(layout, findings, file.decimal)
    )
    note_orders_without_items(found.closed, layout, findings)
    planning = _SalesPlanning(known, ImportPlan(file.digest, apart=True), file.put_back)
    planning.add(found)
    return OrderImport(
        layout, form.called, "ship-order, cancel-order and refund-order", findings,
        len(found.open), Counter(found.closed.values()), planning.differences, planning.plan,
    )


class _SalesPlanning:
    """Plans orders that are new, and compares the others with the ledger."""

    def __init__(self, known: Known, plan: ImportPlan, put_back: str | None) -> None:
        self.plan = plan
        self.differences: list[OrderDifference] = []
        self._known = known
        self._put_back = put_back
        self._registered: set[str] = set()

    def add(self, found: SalesOfFile) -> None:
        """Plan the open orders, and look for the closed ones among those of the ledger."""
        self._known.load(Customer, (order.command.customer for order in found.open))
        for order in found.open:
            kept = self._known.order(order.document.key)
            if kept is None:
                self._place(order)
            else:
                self._compared(unit_differences(
                    kept.key, order.document.row, order.lines, kept.lines.values(),
                    "shipped or cancelled",
                ))
        for key, reason in found.closed.items():
            kept = self._known.order(key)
            if kept is not None:
                self._compared(still_open(kept.key, reason, kept.lines.values()))

    def _compared(self, different: list[OrderDifference]) -> None:
        self.differences += different
        self.plan.unchanged += not different

    def _place(self, order: OpenOrder) -> None:
        """Plan a new order: who ordered, where it is new; what is put back; what is placed."""
        command, row = order.command, order.document.row
        customer = command.customer
        if order.registration is not None and customer not in self._registered:
            self._registered.add(customer)
            if not self._known.has_customer(customer):
                self.plan.add(
                    [Planned(order.registration, row, "register customer", customer)], state=None
                )
        self.plan.add([
            *self._returned(order),
            Planned(
                command, row, "place order", command.order, command.customer, "",
                in_units(order.lines),
            ),
        ], state=None)

    def _returned(self, order: OpenOrder) -> list[Planned]:
        """Return what puts the units of an order on hand, where the stock was counted without."""
        if self._put_back is None:
            return []
        settings = self._known.settings()
        units: Counter[str] = Counter()
        for line in order.lines:
            stock = self._known.item(line.sku)
            if stock is not None and stock.is_managed(settings):
                units[line.sku] += line.quantity
        key = order.command.order
        return [
            Planned(
                AdjustStock.model_validate({
                    "sku": sku, "source": self._put_back, "delta": to_text(quantity),
                    "reason": f"counted without order {key}",
                }),
                order.document.row, "put back", sku, self._put_back, "", f"+{to_text(quantity)}",
            )
            for sku, quantity in units.items()
        ]
