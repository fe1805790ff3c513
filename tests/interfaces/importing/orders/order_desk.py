"""A desk at which files of orders are taken: a ledger with a few items, and what came of a file."""

from collections.abc import Iterable, Sequence
from typing import Any, cast

from stocktrail.commands.model import Command
from stocktrail.commands.scripts.reading import Row
from stocktrail.commands.scripts.results import Result
from stocktrail.commands.scripts.submission import submit, submit_one
from stocktrail.commands.stock import CountStock, RegisterProduct
from stocktrail.interfaces.importing.findings import RowFinding
from stocktrail.interfaces.importing.orders.import_purchases import plan_purchases_import
from stocktrail.interfaces.importing.orders.import_sales import plan_sales_import
from stocktrail.interfaces.importing.orders.order_import import OrderFile, OrderImport
from stocktrail.interfaces.importing.run import PlanOutcome, run_import
from stocktrail.ledger.orders.state import Order
from stocktrail.ledger.purchase_orders.state import PurchaseOrder
from stocktrail.ledger.quantity import to_number
from stocktrail.ledger.store import Ledger

ITEMS = {"LAMP": 10, "BULB": 3, "ROPE": 100}
"""The items of the ledger, and how many there are of each; rope comes in fractions."""


class OrderDesk:
    """Takes files into a ledger that has a few items."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger
        for sku, counted in ITEMS.items():
            self.send(RegisterProduct(sku=sku, decimal=sku == "ROPE"))
            self.send(CountStock.model_validate({"sku": sku, "counted": counted}))

    def send(self, command: Command) -> None:
        """Submit a command that the ledger takes."""
        submit_one(self.ledger, command).raise_for_status()

    def sales(self, text: str, **said: Any) -> OrderImport:
        """Read a file of sales orders."""
        return plan_sales_import(OrderFile(text.encode(), "orders.csv", **said), self.ledger)

    def purchases(self, text: str, **said: Any) -> OrderImport:
        """Read a list of purchase orders."""
        return plan_purchases_import(OrderFile(text.encode(), "po.csv", **said), self.ledger)

    def record(self, found: OrderImport, *, skip_refused: bool = False) -> PlanOutcome:
        """Record what was planned."""
        def sent(rows: Iterable[Sequence[Row]], tries: bool) -> Iterable[Result]:
            return submit(self.ledger, rows, dry_run=tries)

        return run_import(found.plan, sent, skip_refused=skip_refused)

    def order(self, key: str) -> dict[int, tuple[str, int | float]]:
        """Return the lines of an order: what was placed of which item."""
        found = cast(Order, self.ledger.aggregate(Order.stream_of(key)))
        return {
            number: (line.sku, to_number(line.ordered)) for number, line in found.lines.items()
        }

    def purchase_order(self, key: str) -> PurchaseOrder:
        """Return a purchase order."""
        return cast(PurchaseOrder, self.ledger.aggregate(PurchaseOrder.stream_of(key)))


def places(found: OrderImport) -> dict[str, str]:
    """Return the orders that are planned, and what is open of each."""
    return {
        each.subject: each.after for each in found.plan.planned
        if each.what in ("place order", "order goods")
    }


def said(findings: Sequence[RowFinding]) -> dict[str, list[int]]:
    """Return the codes of findings, with their rows."""
    rows: dict[str, list[int]] = {}
    for each in findings:
        rows.setdefault(each.code, []).extend(each.rows)
    return rows
