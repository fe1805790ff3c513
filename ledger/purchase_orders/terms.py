"""What a vendor says of a purchase order: that it is confirmed, or that it comes later."""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from stocktrail.ledger.base.decision import Decision
from stocktrail.ledger.base.event import Event
from stocktrail.ledger.purchase_orders.events import (
    PurchaseLineTerms,
    PurchaseOrderConfirmed,
    PurchaseOrderDelayed,
)
from stocktrail.ledger.purchase_orders.placing import carry_at_destination
from stocktrail.ledger.purchase_orders.state import PurchaseOrder, PurchaseOrderLine
from stocktrail.ledger.quantity import to_number, to_text
from stocktrail.ledger.refusal import Refusal
from stocktrail.ledger.stock.product import require_quantity
from stocktrail.ledger.stock.stocks import Stocks


class Terms(NamedTuple):
    """Other terms for a line; ``None`` keeps what holds."""

    line: int
    quantity: int | None
    expected_date: date | None


def confirm(
    order: PurchaseOrder, stocks: Stocks, lines: Sequence[Terms] | None,
    expected_date: date | None, reason: str | None,
) -> Decision:
    """Confirm with other dates or quantities; the same again changes nothing.

    ``None`` confirms all lines of which units are to come. A line without a date of its own gets
    the ``expected_date``, and one that was undated is expected from now on. Refuses with
    ``not_enough_remaining`` fewer units than have been received or cancelled, and another date for
    a line of which nothing is to come any more.
    """
    terms = _named(order, stocks, lines, expected_date, "confirmed")
    changed = _changed(order, terms)
    events: list[Event] = []
    if changed or not order.confirmed:
        events.append(
            PurchaseOrderConfirmed(purchase_order=order.key, lines=changed, reason=reason)
        )
    return _carried(order, stocks, terms, events)


def delay(
    order: PurchaseOrder, stocks: Stocks, lines: Sequence[Terms] | None,
    expected_date: date | None, reason: str | None,
) -> Decision:
    """Move the expected dates of lines; dates that already hold change nothing.

    The first date of an undated line is no delay: it only was not known before. Names lines and
    refuses like :func:`confirm`.
    """
    terms = _named(order, stocks, lines, expected_date, "delayed")
    changed = _changed(order, terms)
    events: list[Event] = []
    if changed:
        events.append(
            PurchaseOrderDelayed(purchase_order=order.key, lines=changed, reason=reason)
        )
    return _carried(order, stocks, terms, events)


def _named(
    order: PurchaseOrder, stocks: Stocks, lines: Sequence[Terms] | None,
    expected_date: date | None, doing: str,
) -> list[Terms]:
    order.require()
    if lines is None:
        return [Terms(number, None, expected_date) for number, _ in order.all_open(doing)]
    for each in lines:
        line = order.require_line(each.line)
        if each.quantity is not None:
            require_quantity(stocks.stock(line.sku), each.quantity)
    return [each._replace(expected_date=each.expected_date or expected_date) for each in lines]


def _changed(order: PurchaseOrder, terms: Sequence[Terms]) -> tuple[PurchaseLineTerms, ...]:
    """Return the terms that differ from those that hold."""
    changed = []
    for term in terms:
        line = order.lines[term.line]
        quantity = line.ordered if term.quantity is None else term.quantity
        day = line.expected_date if term.expected_date is None else term.expected_date
        settled = line.received + line.cancelled
        if quantity < settled and quantity != line.ordered:
            raise _too_few(order, term.line, line, quantity, settled)
        if not line.remaining and quantity <= settled and day != line.expected_date:
            raise order.not_so_many_open(term.line, 0)
        if (quantity, day) != (line.ordered, line.expected_date):
            changed.append(PurchaseLineTerms(
                line=term.line, sku=line.sku, quantity=quantity, expected_date=day,
                remaining=max(quantity - settled, 0) if settled else None,
            ))
    _require_countable_after(order, changed)
    return tuple(changed)


def _require_countable_after(
    order: PurchaseOrder, changed: Sequence[PurchaseLineTerms]
) -> None:
    if any(term.quantity > order.lines[term.line].ordered for term in changed):
        news = {term.line: term.quantity for term in changed}
        order.require_countable(
            (line.sku, news.get(number, line.ordered)) for number, line in order.lines.items()
        )


def _too_few(
    order: PurchaseOrder, number: int, line: PurchaseOrderLine, quantity: int, settled: int
) -> Refusal:
    return Refusal(
        "not_enough_remaining",
        f"Line {number} of purchase order {order.key} ({line.sku}): {to_text(settled)} have "
        f"been received or cancelled, so {to_text(quantity)} cannot be confirmed.",
        purchase_order=order.key, line=number, sku=line.sku, quantity=to_number(quantity),
        remaining=to_number(line.remaining), shortfall=to_number(settled - quantity),
    )


def _carried(
    order: PurchaseOrder, stocks: Stocks, terms: Sequence[Terms], events: Sequence[Event]
) -> Decision:
    """Record what changes, and let the destination carry what is to come of the lines named."""
    lines = order.after(events).lines
    skus = (lines[term.line].sku for term in terms if lines[term.line].remaining)
    return Decision([(order, events), *carry_at_destination(stocks, order.source, skus)])
