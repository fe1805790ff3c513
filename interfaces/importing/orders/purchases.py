"""Purchase orders of a file: each of which something is to come becomes one of what is to come."""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from stocktrail.commands.purchasing import PlacePurchaseOrder
from stocktrail.interfaces.importing.cell_values import moment_in_zone
from stocktrail.interfaces.importing.dates import DateOrder
from stocktrail.interfaces.importing.fields import Field
from stocktrail.interfaces.importing.findings import Findings
from stocktrail.interfaces.importing.known import Known
from stocktrail.interfaces.importing.orders.documents import FiledOrder, gathered
from stocktrail.interfaces.importing.orders.lines import LineToCome, OrderLineReading
from stocktrail.interfaces.importing.orders.open_units import netted_off, units
from stocktrail.interfaces.importing.orders.plain import (
    CANCELLED_COLUMNS,
    ITEM_COLUMNS,
    LINE_COLUMNS,
    QUANTITY_COLUMNS,
    REMAINING_COLUMNS,
)
from stocktrail.interfaces.importing.orders.statuses import Statuses
from stocktrail.interfaces.importing.records import Record
from stocktrail.ledger.quantity import to_text

FIELDS = (
    Field("purchase_order", "the purchase order", (
        "purchase_order", "Purchase order no", "Purchase order number", "Purchase order id", "PO",
        "PO number", "PO no", "PO #", "Order no", "Order number", "Order", "Reference",
    )),
    Field("vendor", "who delivers", (
        "vendor", "Vendor name", "Supplier", "Supplier name", "Vendor account",
    )),
    Field("sku", "the item", ITEM_COLUMNS),
    Field("quantity", "units ordered", QUANTITY_COLUMNS, "number"),
    Field("received", "units received", (
        "received", "Qty received", "Received qty", "Received quantity", "Quantity received",
        "Delivered", "Qty delivered", "Delivered qty", "Delivered quantity",
    ), "number"),
    Field("cancelled", "units that will not come", CANCELLED_COLUMNS, "number"),
    Field("remaining", "units that are still to come", REMAINING_COLUMNS, "number"),
    Field("expected_date", "when the line is expected", (
        "Expected date", "Expected", "Expected delivery", "Expected delivery date", "Expected on",
        "ETA", "Delivery date", "Due date", "Due", "Expected arrival", "Receipt date",
        "Promised date", "Confirmed delivery date",
    )),
    Field("source", "where it is delivered", (
        "source", "Destination", "Warehouse", "Deliver to", "Ship to", "Location", "Site",
    )),
    Field("placed", "when it was ordered", (
        "placed", "Order date", "Ordered at", "Ordered on", "Created at", "Date", "PO date",
    )),
    Field("line", "the number of the line in its purchase order", LINE_COLUMNS, "number"),
    Field("status", "the status of the purchase order", ("status", "Order status", "State")),
)

STATUSES = Statuses(
    ("open", "open order", "new", "pending", "ordered", "sent", "confirmed", "approved", "issued",
     "partial", "partially received", "partially delivered", "in transit", "backorder", "active",
     "purchase order", "to receive"),
    ("closed", "complete", "completed", "received", "fully received", "delivered", "invoiced",
     "done", "cancelled", "canceled", "rejected", "void", "draft", "rfq", "request for quotation"),
)

_OF_THE_ORDER = ("vendor", "source")


class OpenPurchase(NamedTuple):
    """A purchase order of which something is to come, as the ledger is to have it."""

    document: FiledOrder
    lines: Sequence[LineToCome]
    command: PlacePurchaseOrder


class PurchasesOfFile(NamedTuple):
    """The purchase orders of a file: those that are open, and of the closed ones why, by id."""

    open: list[OpenPurchase]
    closed: dict[str, str]


class PurchaseReading:
    """Reads a list of purchase orders; what is wrong with rows becomes findings."""

    def __init__(
        self, statuses: Statuses, dates: DateOrder | None, known: Known, findings: Findings
    ) -> None:
        self._statuses = statuses
        self._dates = dates
        self._known = known
        self._findings = findings
        self._zone = known.settings().time_zone
        self._reading = OrderLineReading(
            known, findings, statuses, to_come,
            lambda _, record: record.day("expected_date", dates),
        )

    def orders(self, records: Iterable[Record]) -> PurchasesOfFile:
        """Return the purchase orders in the order of the file."""
        documents = gathered(records, "purchase_order", self._known, self._findings)
        found = PurchasesOfFile([], {})
        for document in documents:
            with self._findings.of(document.row):
                self._read(document, found)
        return found

    def _read(self, document: FiledOrder, found: PurchasesOfFile) -> None:
        reason = document.closed_by(self._statuses)
        if reason is not None:
            found.closed[document.key] = reason.lower()
            return
        document.require_one_of_each(_OF_THE_ORDER)
        lines = self._reading.open_lines(document, document.records, found.closed)
        if lines:
            found.open.append(OpenPurchase(document, lines, self._command(document, lines)))

    def _command(self, document: FiledOrder, lines: Sequence[LineToCome]) -> PlacePurchaseOrder:
        body: dict[str, Any] = {
            "purchase_order": document.key,
            "vendor": document.text("vendor"),
            "occurred_at": moment_in_zone(
                document.records[0], "placed", self._dates, self._zone
            ),
            "lines": [
                {"line": line.line, "sku": line.sku, "quantity": to_text(line.quantity),
                 "expected_date": line.day}
                for line in lines
            ],
        }
        if document.text("source"):
            body["source"] = document.text("source")
        return PlacePurchaseOrder.model_validate(body)


def to_come(record: Record) -> int:
    """Return the units of a line that are to come: ordered less received, less cancelled."""
    return netted_off(record, units(record, "received") + units(record, "cancelled"))
