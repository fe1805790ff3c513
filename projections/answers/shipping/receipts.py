"""The orders that a receipt served: who got units when goods were put on hand, by the log."""

from collections.abc import Iterable
from typing import NamedTuple, cast

from stocktrail.ledger.base.aggregate import RecordedEvent
from stocktrail.ledger.purchase_orders.events import PurchaseOrderReceived
from stocktrail.ledger.purchase_orders.state import PurchaseOrder
from stocktrail.ledger.refusal import Refusal
from stocktrail.ledger.stock.open_lines import LineKey
from stocktrail.ledger.store import Ledger
from stocktrail.projections.answers.command_events import events_of_same_command
from stocktrail.projections.models.changes import changes_of
from stocktrail.projections.models.shipments_and_receipts import RECEIPT
from stocktrail.projections.read_models import Reading


class Received(NamedTuple):
    """A receipt as it was recorded, and what order lines gained by it, the first served first.

    Quantities are in ten-thousandths.
    """

    purchase_order: PurchaseOrder
    recorded: RecordedEvent
    gains: dict[LineKey, int]

    @property
    def event(self) -> PurchaseOrderReceived:
        """What came."""
        return cast(PurchaseOrderReceived, self.recorded.payload)


def find_receipt(ledger: Ledger, purchase_order: str, receipt: str, position: int) -> Received:
    """Return what was received with a receipt by a position.

    Refuses an unknown purchase order (``unknown_purchase_order``) or receipt
    (``unknown_receipt``).
    """
    stream = PurchaseOrder.stream_of(purchase_order)
    order = cast(PurchaseOrder, ledger.aggregate(stream, position))
    if not order.version:
        raise Refusal(
            "unknown_purchase_order", f"There is no purchase order {purchase_order}.",
            purchase_order=purchase_order, as_of=position,
        )
    _, version = order.contents.get(f"receipt/{receipt}", ("", 0))
    if not version:
        raise Refusal(
            "unknown_receipt",
            f"Nothing of purchase order {purchase_order} was received with receipt {receipt}.",
            purchase_order=purchase_order, receipt=receipt, as_of=position,
        )
    [recorded] = ledger.read_stream(stream, after_version=version - 1, up_to_version=version)
    return Received(order, recorded, _gains(events_of_same_command(ledger, recorded)))


def orders_served(
    ledger: Ledger, reading: Reading, position: int, purchase_order: str | None, receipt: str | None
) -> set[str]:
    """Return the orders that got units of a receipt by a position.

    Without its purchase order all receipts of the number count, without a number all receipts of
    the purchase order. Refuses what nobody received (``unknown_receipt``).
    """
    found: list[tuple[str, str]] = []
    if purchase_order is None and receipt is not None:
        rows = reading.place.table(RECEIPT).rows(
            reading.cursor, "WHERE receipt = :receipt AND position <= :position",
            receipt=receipt, position=position,
        )
        found = [(row["purchase_order"], receipt) for row in rows]
    elif purchase_order is not None and receipt is not None:
        found = [(purchase_order, receipt)]
    elif purchase_order is not None:
        order = ledger.aggregate(PurchaseOrder.stream_of(purchase_order), position)
        kinds = (what.partition("/") for what in cast(PurchaseOrder, order).contents)
        found = [(purchase_order, key) for kind, _, key in kinds if kind == "receipt"]
    if not found:
        raise Refusal(
            "unknown_receipt",
            f"Nothing was received with receipt {receipt}." if receipt is not None
            else f"Nothing was received of purchase order {purchase_order}.",
            as_of=position,
        )
    return {
        order_id for each in found
        for order_id, _ in find_receipt(ledger, *each, position).gains
    }


def _gains(events: Iterable[RecordedEvent]) -> dict[LineKey, int]:
    found: dict[LineKey, int] = {}
    for recorded in events:
        for order_id, line, change in changes_of(recorded.payload).lines:
            found[order_id, line] = found.get((order_id, line), 0) + change
    return {key: gained for key, gained in found.items() if gained > 0}
