"""The expected flow of an item: everything that is to come and to go, with the running balance.

Demand goes on its requested date, or today where that is past; receipts come on the day on which
they are counted, with the units by which the pool's supply grows: pools that share a source never
promise the same unit twice. A receipt that is blocked is listed, and moves no balance. Undated
receipts stand at the end, without a date; nothing is promised from them.

Rule 6.1 is the source.
"""

from datetime import date
from typing import Any, ClassVar, Literal

from stocktrail.ledger.pegging import Blocked, OpenReceipt, is_overdue
from stocktrail.ledger.promising import Transaction, expected_flow
from stocktrail.ledger.quantity import to_number
from stocktrail.ledger.stock.open_lines import LineKey
from stocktrail.projections.answers.moment_view import moment_view
from stocktrail.projections.answers.outlook import Outlook, outlook_of
from stocktrail.projections.answers.promised import promised_for
from stocktrail.projections.answers.shapes.promises import OverdueReceiptReport
from stocktrail.projections.answers.shapes.shape import Number, Position, Shape
from stocktrail.projections.dates import iso
from stocktrail.projections.models.overdue import uncertainty
from stocktrail.projections.models.purchase_orders import OPEN_RECEIPT
from stocktrail.projections.questions.fields import Sku
from stocktrail.projections.questions.question import Example, InPool, Question, Report, Today
from stocktrail.projections.read_models import ReadModels


class FlowRow(Shape):
    """A future transaction, and the balance after it.

    Undated receipts stand last, and blocked ones move no balance.
    """

    date: str | None
    quantity: Number
    balance: Number
    kind: Literal["sales_line", "purchase_line"]
    order: str | None = None
    line: int | None = None
    customer: str | None = None
    requested_date: str | None = None
    promise_date: str | None = None
    uncertain: bool | None = None
    overdue_receipts: list[OverdueReceiptReport] | None = None
    allocated: Number | None = None
    backordered: Number | None = None
    purchase_order: str | None = None
    purchase_line: int | None = None
    vendor: str | None = None
    expected_date: str | None = None
    overdue: bool | None = None
    blocked: Blocked | None = None


class FlowReport(Shape):
    """What is still to come and to go of an item."""

    sku: str
    name: str | None
    pool: str
    as_of: Position
    today: date
    supply: Number
    rows: list[FlowRow]


class Flow(Today, InPool, Question[FlowReport]):
    """What is still to come and to go of an item, day by day."""

    question: ClassVar[str] = "flow"
    address: ClassVar[str | None] = "/stock/{sku}/flow"
    tag: ClassVar[str] = "who waits"
    example: ClassVar[Example] = {"sku": "LAMP", "pool": "web", "today": "2026-03-01"}

    sku: Sku

    def answer(self, models: ReadModels) -> Report:
        """List what is expected; refuses an unknown item, pool or position."""
        return flow(
            models, self.sku, self.pool, as_of=self.position(models), today=self.day(models)
        )


def what_goes(outlook: Outlook) -> list[Transaction]:
    """List what is to go from a pool, line by line."""
    return [
        Transaction(
            max(line.requested_date, outlook.today), -line.remaining, "sales_line", line.order,
            line.line,
        )
        for line in outlook.lines
    ]


def what_comes(outlook: Outlook) -> list[Transaction]:
    """List what is to come to a pool of which anybody knows when.

    A receipt counts by what the pool's supply grows by it; one that is blocked does not count.
    """
    transactions = []
    for coming in outlook.coming():
        if coming.day is None:
            continue
        if coming.gained:
            transactions.append(
                Transaction(coming.day, coming.gained, "purchase_line", *coming.key)
            )
        elif coming.blocked and coming.receipt.source in outlook.sources:
            transactions.append(Transaction(
                coming.day, coming.receipt.quantity, "purchase_line", *coming.key, counts=False
            ))
    return transactions


def flow(
    models: ReadModels, sku: str, pool: str = "default", *, as_of: int | None = None,
    today: date | None = None,
) -> dict[str, Any]:
    """List every future transaction of an item in a pool, in date order with the running balance.

    The balance begins with the supply; receipts of a day stand before what goes that day, and
    undated ones after everything else. ``blocked`` says why a receipt will help nobody. Refuses an
    unknown item, pool or position.
    """
    with moment_view(models, as_of, today, lambda _: [sku]) as moment:
        outlook = outlook_of(moment, sku, pool, with_lines=True)
        vendors = {
            (row["purchase_order"], row["line"]): row["vendor"]
            for row in moment.rows(OPEN_RECEIPT, "WHERE sku = :sku", sku=sku)
        }
        supply = outlook.figures.supply
        steps = expected_flow(supply, what_goes(outlook) + what_comes(outlook))
        rows = [
            {
                "date": iso(step.transaction.day), "quantity": to_number(step.transaction.quantity),
                "balance": to_number(step.balance), "kind": step.transaction.kind,
                **_about(step.transaction, outlook, vendors),
            }
            for step in steps
        ]
        balance = steps[-1].balance if steps else supply
        for receipt in outlook.receipts():
            if receipt.expected_date is None and receipt.source in outlook.sources:
                if not outlook.queue.why_blocked(receipt, outlook.settings):
                    balance += receipt.quantity
                rows.append({
                    "date": None, "quantity": to_number(receipt.quantity),
                    "balance": to_number(balance), "kind": "purchase_line",
                    **_about_receipt(receipt, outlook, vendors),
                })
        return {
            "sku": sku, "name": outlook.stock.product.name, "pool": pool,
            "as_of": moment.position, "today": iso(moment.today),
            "supply": to_number(supply), "rows": rows,
        }


def _about_receipt(
    receipt: OpenReceipt, outlook: Outlook, vendors: dict[LineKey, str]
) -> dict[str, Any]:
    key, expected = (receipt.purchase_order, receipt.line), receipt.expected_date
    return {
        "purchase_order": key[0], "purchase_line": key[1], "vendor": vendors[key],
        "expected_date": iso(expected), "overdue": is_overdue(expected, outlook.today),
        "blocked": outlook.queue.why_blocked(receipt, outlook.settings),
    }


def _about(
    transaction: Transaction, outlook: Outlook, vendors: dict[LineKey, str]
) -> dict[str, Any]:
    key = (transaction.reference, transaction.line)
    if transaction.kind == "purchase_line":
        return _about_receipt(outlook.queue.receipts[key], outlook, vendors)
    line = outlook.queue.lines[key]
    return {
        "order": key[0], "line": key[1], "customer": line.customer,
        "requested_date": iso(line.requested_date),
        "promise_date": iso(promised_for(line, outlook.today)),
        **uncertainty(line.rests_on, outlook.today),
        "allocated": to_number(line.allocated), "backordered": to_number(line.backordered),
    }
