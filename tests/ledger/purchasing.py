"""Words for scenes about purchase orders: what a vendor was asked for, and what came of it."""

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from typing import Any, Self

from stocktrail.ledger.base.event import Event
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
from stocktrail.ledger.purchase_orders.state import PurchaseOrder, Terms
from stocktrail.ledger.quantity import to_number
from stocktrail.ledger.refusal import Refusal
from tests.ledger.facts import Number, units
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


Decision = Callable[[PurchaseOrder], Sequence[Event]]


class PurchaseScene:
    """One purchase order, as the events so far have made it."""

    def __init__(self, events: Sequence[Event]) -> None:
        self.purchase_order = PurchaseOrder(PurchaseOrder.stream_of(PURCHASE_ORDER))
        for event in events:
            self.purchase_order.apply(event)

    def when(self, decision: Decision) -> "Decided":
        """Decide something, and see that deciding alone changes nothing."""
        before = self.purchase_order.clone().to_state()
        try:
            events, refusal = list(decision(self.purchase_order)), None
        except Refusal as refused:
            events, refusal = [], refused
        assert self.purchase_order.to_state() == before
        return Decided(self, events, refusal)

    def happen(self, *events: Event) -> Self:
        """Let more events happen."""
        for event in events:
            self.purchase_order.apply(event)
        return self

    def remaining(self) -> dict[int, Number]:
        """Return what is still to come of each line, in units."""
        lines = self.purchase_order.lines.items()
        return {number: to_number(line.remaining) for number, line in lines}

    def expected(self) -> dict[int, date | None]:
        """Return the day on which each line is expected."""
        lines = self.purchase_order.lines.items()
        return {number: line.expected_date for number, line in lines}


class Decided:
    """What was decided about a purchase order: events, or a refusal."""

    def __init__(
        self, scene: PurchaseScene, events: list[Event], refusal: Refusal | None
    ) -> None:
        self.scene = scene
        self.events = events
        self.refusal = refusal

    def then(self, *expected: Event) -> PurchaseScene:
        """Expect exactly these events, let them happen, and go on from there."""
        assert self.refusal is None, self.refusal
        assert self.events == list(expected)
        return self.scene.happen(*expected)

    def then_refused(self, code: str, **details: Any) -> None:
        """Expect a refusal with this code and at least these details."""
        assert self.refusal is not None, f"not refused: {self.events}"
        assert self.refusal.code == code
        assert {name: self.refusal.details.get(name) for name in details} == details
        assert self.refusal.message.endswith(".")


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


def confirm(*wanted: Terms) -> Decision:
    return lambda purchase_order: purchase_order.confirm(wanted, None)


def delay(*wanted: Terms) -> Decision:
    return lambda purchase_order: purchase_order.delay(wanted, "strike")


def receive(*wanted: tuple[int, Number | None], receipt: str = "GR-1") -> Decision:
    return lambda purchase_order: purchase_order.receive(
        receipt, "default", purchase_order.arrivals(_quantities(wanted)), receipt
    )


def cancel(*wanted: tuple[int, Number | None]) -> Decision:
    return lambda purchase_order: purchase_order.cancel(_quantities(wanted), None)


def _quantities(
    wanted: Sequence[tuple[int, Number | None]]
) -> list[tuple[int, int | None]]:
    return [(line, None if number is None else units(number)) for line, number in wanted]
