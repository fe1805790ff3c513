"""The expected flow of an item, and what of it may still be promised.

Demand goes on its requested date, or today where that is past; receipts come on the day on which
they are counted. Units of a receipt that lines of other pools are pegged to are not counted: pools
that share a source never promise the same unit twice. Undated receipts stand at the end, without a
date; nothing is promised from them.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any, NamedTuple

from ledger.pegging import OpenReceipt, is_overdue
from ledger.promising import (
    AvailableToPromise,
    Transaction,
    available_to_promise,
    expected_flow,
    first_day_for,
)
from ledger.quantity import to_number
from ledger.stock.product import require
from ledger.stock.state import ProductStock
from projections.open_lines import LineKey, OpenLine, Queue
from projections.overdue import OverdueReceipt, RestsOn, all_of, uncertainty
from projections.purchase_orders import OPEN_RECEIPT
from projections.read_models import ReadModels
from projections.reports.promised import iso, promised_for
from projections.reports.standing import Standing, standing_at
from projections.spelling import in_any_spelling
from projections.stock_levels import load_stock


class _Outlook(NamedTuple):
    """An item in a pool: its stock and queue, its supply, and what is to come and to go.

    ``undated`` are the open receipts of which nobody knows when they come.
    """

    stock: ProductStock
    queue: Queue
    supply: int
    transactions: list[Transaction]
    undated: list[OpenReceipt]


def _look(standing: Standing, sku: str, pool: str) -> _Outlook:
    stock = load_stock(standing.place, standing.cursor, sku)
    require(stock)
    supply = stock.figures(standing.settings, pool).supply
    queue = standing.promises.queues([sku])[sku]
    sources = standing.settings.sources_of(pool)
    elsewhere: dict[LineKey, int] = {}
    transactions: list[Transaction] = []
    undated: list[OpenReceipt] = []
    for line in queue.lines.values():
        if line.pool == pool:
            day = max(line.requested_date, standing.today)
            transactions.append(
                Transaction(day, -line.remaining, "sales_line", line.order_id, line.line)
            )
        for peg in line.pegs if line.pool != pool else ():
            key = (peg.purchase_order, peg.purchase_line)
            elsewhere[key] = elsewhere.get(key, 0) + peg.quantity
    for key, receipt in queue.receipts.items():
        quantity = receipt.quantity - elsewhere.get(key, 0)
        if receipt.source in sources and quantity:
            counted = queue.counted_on(receipt, standing.settings, standing.today)
            if counted is None:
                undated.append(receipt)
            else:
                transactions.append(Transaction(counted, quantity, "purchase_line", *key))
    undated.sort(key=lambda each: (each.placed, each.line))
    return _Outlook(stock, queue, supply, transactions, undated)


@in_any_spelling
def flow(
    models: ReadModels, sku: str, pool: str = "default", *, as_of: int | None = None,
    today: date | None = None,
) -> dict[str, Any]:
    """List every future transaction of an item in a pool, in date order with the running balance.

    The balance begins with the supply; receipts of a day stand before what goes that day, and
    undated ones after everything else. Refuses an unknown item, pool or position.
    """
    with standing_at(models, as_of, today, lambda _: [sku]) as standing:
        outlook = _look(standing, sku, pool)
        vendors = {
            (row["purchase_order"], row["line"]): row["vendor"]
            for row in standing.rows(OPEN_RECEIPT, "WHERE sku = :sku", sku=sku)
        }
        rows = [
            {
                "date": iso(step.transaction.day), "quantity": to_number(step.transaction.quantity),
                "balance": to_number(step.balance), "kind": step.transaction.kind,
                **_about(step.transaction, outlook.queue, standing, vendors),
            }
            for step in expected_flow(outlook.supply, outlook.transactions)
        ]
        balance = outlook.supply + sum(each.quantity for each in outlook.transactions)
        for receipt in outlook.undated:
            balance += receipt.quantity
            rows.append({
                "date": None, "quantity": to_number(receipt.quantity),
                "balance": to_number(balance), "kind": "purchase_line",
                **_about_receipt(receipt, standing, vendors),
            })
        return {
            "sku": sku, "name": outlook.stock.name, "pool": pool, "as_of": standing.position,
            "today": iso(standing.today), "supply": to_number(outlook.supply), "rows": rows,
        }


def _about_receipt(
    receipt: OpenReceipt, standing: Standing, vendors: dict[LineKey, str]
) -> dict[str, Any]:
    key, expected = (receipt.purchase_order, receipt.line), receipt.expected_date
    return {
        "purchase_order": key[0], "purchase_line": key[1], "vendor": vendors[key],
        "expected_date": iso(expected), "overdue": is_overdue(expected, standing.today),
    }


def _about(
    transaction: Transaction, queue: Queue, standing: Standing, vendors: dict[LineKey, str]
) -> dict[str, Any]:
    key = (transaction.reference, transaction.line)
    if transaction.kind == "purchase_line":
        return _about_receipt(queue.receipts[key], standing, vendors)
    line: OpenLine = queue.lines[key]
    return {
        "order": key[0], "line": key[1], "customer": line.customer,
        "requested_date": iso(line.requested_date),
        "promise_date": iso(promised_for(line, standing.today)),
        **uncertainty(line.rests_on, standing.today),
        "allocated": to_number(line.allocated), "backordered": to_number(line.backordered),
    }


@in_any_spelling
def promise(
    models: ReadModels, sku: str, quantity: int, pool: str = "default", *,
    as_of: int | None = None, today: date | None = None,
) -> dict[str, Any]:
    """Find the first day on which a quantity (in ten-thousandths) of an item can be promised.

    ``steps`` hold the projected stock and the signed and clamped available-to-promise from each day
    on; ``first_date`` is ``None`` when nothing that is on order would cover it. Refuses an unknown
    item, pool or position.
    """
    with standing_at(models, as_of, today, lambda _: [sku]) as standing:
        outlook = _look(standing, sku, pool)
        steps = available_to_promise(outlook.supply, outlook.transactions, standing.today)
        first = first_day_for(quantity, steps)
        return {
            "sku": sku, "pool": pool, "quantity": to_number(quantity),
            "as_of": standing.position, "today": iso(standing.today),
            "first_date": iso(first),
            **uncertainty(_rests_on(outlook, quantity, first, standing.today), standing.today),
            "supply": to_number(outlook.supply), "steps": _steps(steps),
        }


def _rests_on(
    outlook: _Outlook, quantity: int, first: date | None, today: date
) -> RestsOn:
    """Name the overdue receipts without which the first day would be another one."""
    overdue = {
        key: receipt.expected_date for key, receipt in outlook.queue.receipts.items()
        if receipt.expected_date is not None and is_overdue(receipt.expected_date, today)
    }
    coming = [
        each for each in outlook.transactions
        if each.kind != "purchase_line" or (each.reference, each.line) not in overdue
    ]
    if first is None or len(coming) == len(outlook.transactions):
        return ()
    if first_day_for(quantity, available_to_promise(outlook.supply, coming, today)) == first:
        return ()
    counted = {(each.reference, each.line) for each in outlook.transactions} & overdue.keys()
    return all_of((OverdueReceipt(*key, overdue[key]),) for key in counted)


def _steps(steps: Sequence[AvailableToPromise]) -> list[dict[str, Any]]:
    return [
        {
            "date": iso(step.day), "projected": to_number(step.projected),
            "signed": to_number(step.signed), "available_to_promise": to_number(step.available),
        }
        for step in steps
    ]
