"""Shipping an order: allocated units leave; those of items that are not managed leave any time.

Rules 4.5 and 4.6 are the source.
"""

from collections.abc import Mapping, Sequence

from stocktrail.ledger.base.decision import Decision
from stocktrail.ledger.line_units import AskedUnits, LineUnits, managed_by_item
from stocktrail.ledger.orders.events import OrderShipped, quantities_of
from stocktrail.ledger.orders.state import Order
from stocktrail.ledger.quantity import to_number, to_text
from stocktrail.ledger.refusal import Refusal
from stocktrail.ledger.stock import shipping
from stocktrail.ledger.stock.stocks import Stocks, require_whole_units, warnings_about_the_past


def ship(
    order: Order, stocks: Stocks, shipment: str, source: str | None,
    asked: Sequence[AskedUnits] | None, content: str,
) -> Decision:
    """Ship units from a named source or by the pool's priority; ``None`` ships all that can.

    Refuses units that wait, and to leave anything behind of an order that ships only whole. Raises
    :class:`~stocktrail.ledger.base.decision.AlreadyRecorded` for the same shipment once more.
    """
    order.require()
    order.require_new(f"shipment/{shipment}", content)
    settings = stocks.settings()
    if source is not None:
        settings.require_source(source)
    is_managed = _is_managed(order, stocks)
    ready = _ready(order, stocks, is_managed)
    units = order.taken_off(_wanted(order, ready, asked), "shipped")
    _require_whole_order(order, ready, units)
    require_whole_units(stocks, units)
    moves = []
    for sku, of_item in managed_by_item(units).items():
        stock = stocks.stock(sku)
        moves.append((stock, shipping.ship(
            stock, settings, order.key, shipment, source, of_item, stocks.when(stock),
            is_managed=is_managed[sku],
        )))
    event = OrderShipped(
        order=order.key, shipment=shipment, lines=quantities_of(units),
        status=order.status_after(units, shipping=True), content=content,
    )
    return Decision([(order, [event]), *moves], warnings_about_the_past(stocks, moves))


def _is_managed(order: Order, stocks: Stocks) -> dict[str, bool]:
    """Return, for the items of lines that were accepted managed, whether their stock still is."""
    settings = stocks.settings()
    skus = dict.fromkeys(line.sku for line in order.lines.values() if line.managed)
    return {sku: stocks.stock(sku).is_managed(settings) for sku in skus}


def _ready(order: Order, stocks: Stocks, is_managed: Mapping[str, bool]) -> dict[int, int]:
    """Count the units of each line that can ship now: all of them while stock is not managed."""
    ready = {}
    for number, line in order.lines.items():
        ready[number] = line.remaining
        if line.managed and is_managed[line.sku]:
            waiting = stocks.stock(line.sku).lines.get((order.key, number))
            ready[number] = waiting.allocated if waiting else 0
    return ready


def _wanted(
    order: Order, ready: Mapping[int, int], asked: Sequence[AskedUnits] | None
) -> list[AskedUnits]:
    """Return lines with quantities: what was asked for, or everything that can ship."""
    if asked is not None:
        return [(number, quantity or ready.get(number) or None) for number, quantity in asked]
    wanted: list[AskedUnits] = [
        (number, quantity) for number, quantity in ready.items() if quantity
    ]
    remaining = sum(line.remaining for line in order.lines.values())
    if not wanted and remaining and order.ship_policy == "partial":
        raise _nothing_ready(order)
    if not remaining:
        raise order.nothing_remains("shipped")
    return wanted


def _nothing_ready(order: Order) -> Refusal:
    short = [(number, line) for number, line in order.lines.items() if line.remaining]
    waits = ", ".join(f"{to_text(line.remaining)} of {line.sku}" for _, line in short)
    number, first = short[0]
    return Refusal(
        "backordered_units_cannot_ship",
        f"Nothing of order {order.key} is allocated yet; it waits for {waits}.",
        order=order.key, line=number, sku=first.sku, shortfall=to_number(first.remaining),
        lines=[
            {"line": number, "sku": line.sku, "shortfall": to_number(line.remaining)}
            for number, line in short
        ],
    )


def _require_whole_order(
    order: Order, ready: Mapping[int, int], units: Sequence[LineUnits]
) -> None:
    """Refuse to leave units behind, unless more was asked for than is ready: that says more."""
    if order.ship_policy == "partial":
        return
    taken = {each.line: each.quantity for each in units}
    asked_beyond = any(each.quantity > ready[each.line] for each in units)
    missing = [
        {"line": number, "sku": line.sku,
         "shortfall": to_number(line.remaining - taken.get(number, 0))}
        for number, line in order.lines.items() if line.remaining > taken.get(number, 0)
    ]
    if missing and not asked_beyond:
        raise Refusal(
            "order_ships_complete",
            f"Order {order.key} ships only whole; "
            + ", ".join(f"{each['shortfall']} of {each['sku']}" for each in missing)
            + " would be left behind.",
            order=order.key, lines=missing,
        )
