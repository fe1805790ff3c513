"""Words for scenes about purchase orders: what a vendor was asked for, and what came of it."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any, Self

from stocktrail.ledger.base.event import Event
from stocktrail.ledger.line_units import AskedUnits
from stocktrail.ledger.purchase_orders import cancelling, placing, receiving
from stocktrail.ledger.purchase_orders import terms as vendor_terms
from stocktrail.ledger.purchase_orders.events import (
    PurchaseLineCancelled,
    PurchaseLineReceived,
    PurchaseLineTerms,
    PurchaseOrderCancelled,
    PurchaseOrderConfirmed,
    PurchaseOrderDelayed,
    PurchaseOrderPlaced,
    PurchaseOrderReceived,
)
from stocktrail.ledger.purchase_orders.state import PurchaseOrder
from stocktrail.ledger.purchase_orders.terms import Terms
from stocktrail.ledger.quantity import to_number
from stocktrail.ledger.stock.events import ProductRegistered
from tests.ledger.facts import Number, units
from tests.ledger.streams import Asked, Request, Streams
from tests.scenes import SKU

PURCHASE_ORDER = "PO-1"


def day(number: int) -> date:
    """Count days from the first of March: day 0, 1, 2 ..."""
    return date(2026, 3, 1) + timedelta(days=number)


def terms(
    line: int, quantity: Number, expected: int | None, sku: str = SKU, *,
    remaining: Number | None = None,
) -> PurchaseLineTerms:
    return PurchaseLineTerms(
        line=line, sku=sku, quantity=units(quantity),
        expected_date=None if expected is None else day(expected),
        remaining=None if remaining is None else units(remaining),
    )


def placed(*lines: PurchaseLineTerms, source: str = "default") -> PurchaseOrderPlaced:
    return PurchaseOrderPlaced(
        purchase_order=PURCHASE_ORDER, vendor="Acme", source=source, lines=lines, content="placed"
    )


def confirmed(*lines: PurchaseLineTerms, reason: str | None = None) -> PurchaseOrderConfirmed:
    return PurchaseOrderConfirmed(purchase_order=PURCHASE_ORDER, lines=lines, reason=reason)


def delayed(*lines: PurchaseLineTerms, reason: str | None = "strike") -> PurchaseOrderDelayed:
    return PurchaseOrderDelayed(purchase_order=PURCHASE_ORDER, lines=lines, reason=reason)


def arrived(line: int, quantity: Number, *, over: Number = 0) -> PurchaseLineReceived:
    return PurchaseLineReceived(line=line, sku=SKU, quantity=units(quantity), over=units(over))


def goods(*lines: PurchaseLineReceived, receipt: str = "GR-1") -> PurchaseOrderReceived:
    return PurchaseOrderReceived(
        purchase_order=PURCHASE_ORDER, receipt=receipt, source="default", lines=lines,
        content=receipt,
    )


def will_not_come(line: int, quantity: Number) -> PurchaseOrderCancelled:
    part = PurchaseLineCancelled(line=line, sku=SKU, quantity=units(quantity))
    return PurchaseOrderCancelled(purchase_order=PURCHASE_ORDER, lines=(part,), reason=None)


class PurchaseScene:
    """One purchase order, as the events so far have made it, among the streams of a ledger."""

    def __init__(self, events: Sequence[Event]) -> None:
        items = [ProductRegistered(sku=sku) for sku in (SKU, "OTHER")]
        self.streams = Streams(*items, *events)

    @property
    def purchase_order(self) -> PurchaseOrder:
        """The purchase order."""
        return self.streams.purchase_order(PURCHASE_ORDER)

    def when(self, request: Request) -> "Decided":
        """Decide something, and see that deciding alone changes nothing."""
        return Decided(self, self.streams.when_asked(request))

    def happen(self, *events: Event) -> Self:
        """Let more events happen."""
        self.streams.happen(*events)
        return self

    def remaining(self) -> dict[int, Number]:
        """Give what is still to come of each line, in units."""
        lines = self.purchase_order.lines.items()
        return {number: to_number(line.remaining) for number, line in lines}

    def expected(self) -> dict[int, date | None]:
        """Give the day on which each line is expected."""
        lines = self.purchase_order.lines.items()
        return {number: line.expected_date for number, line in lines}


class Decided:
    """What was decided about a purchase order: events, or a refusal."""

    def __init__(self, scene: PurchaseScene, asked: Asked) -> None:
        self.scene = scene
        self.asked = asked

    def then(self, *expected: Event) -> PurchaseScene:
        """Expect exactly these events of the purchase order, let all happen, and go on."""
        self.asked.then_something()
        assert self.events == list(expected)
        return self.scene

    @property
    def events(self) -> list[Event]:
        """The events of the purchase order."""
        return [each for each in self.asked.events if type(each) in PurchaseOrder.appliers]

    def then_refused(self, code: str, **details: Any) -> None:
        """Expect a refusal with this code and at least these details."""
        self.asked.then_refused(code, **details)


def given_purchase(*events: Event) -> PurchaseScene:
    """Begin a scene with what has happened to a purchase order so far."""
    return PurchaseScene(events)


# ------------------------------------------------------------------ decisions


def changed(line: int, *, quantity: Number | None = None, expected: int | None = None) -> Terms:
    """Name other terms for a line; what is left out stays."""
    return Terms(
        line, None if quantity is None else units(quantity),
        None if expected is None else day(expected),
    )


def _order(streams: Streams) -> PurchaseOrder:
    return streams.purchase_order(PURCHASE_ORDER)


def place(*lines: PurchaseLineTerms, content: str = "placed", source: str = "default") -> Request:
    return lambda streams: placing.place(
        _order(streams), streams, "Acme", source, lines, content
    )


def confirm(*wanted: Terms) -> Request:
    return lambda streams: vendor_terms.confirm(_order(streams), streams, wanted, None, None)


def delay(*wanted: Terms) -> Request:
    return lambda streams: vendor_terms.delay(_order(streams), streams, wanted, None, "strike")


def receive(*wanted: tuple[int, Number | None], receipt: str = "GR-1") -> Request:
    return lambda streams: receiving.receive(
        _order(streams), streams, receipt, None, _quantities(wanted), receipt
    )


def cancel(*wanted: tuple[int, Number | None]) -> Request:
    return lambda streams: cancelling.cancel(
        _order(streams), streams, _quantities(wanted), None
    )


def _quantities(wanted: Sequence[tuple[int, Number | None]]) -> list[AskedUnits]:
    return [(line, None if number is None else units(number)) for line, number in wanted]
